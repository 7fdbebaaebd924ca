"""How the next token is chosen: llama.cpp's own sampler chain, one for each request.

The chain runs in C over the row of logits. Only a grammar takes a detour: checking 50,000 tokens
against it each time is slow, so the chain chooses first, and the grammar looks at the whole row
only when it refuses the choice (llama.cpp's own tools do the same).
Knows nothing of texts or stop strings. Called by `scheduler`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ctypes import byref, c_char_p
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.backends.llama.context import Context
from engine.backends.llama.model import Model
from engine.backends.llama.native import Handle, lib
from engine.backends.protocol import Sampling

DRY_WINDOW = 2048
"""Tokens that DRY looks back over."""

DRY_BREAKERS = (b"\n", b":", b'"', b"*")
"""A repetition does not run over these (llama.cpp's own default)."""

RANDOM_SEED = 0xFFFFFFFF
"""llama.cpp takes this seed as "choose one": never handed on."""

NO_TOKEN = -1

_ENTRY = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


class Sampler:
    """The chain of one request. `history` are tokens that repetition penalties shall know of.

    Raises `ValueError` when the grammar cannot be read: grammars are written by the program.
    """

    def __init__(self, model: Model, sampling: Sampling, history: Sequence[int], forbid_end: bool) -> None:
        self._vocab_size = model.vocab_size
        self.chain: Handle = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        for link in _links(model, sampling, history, forbid_end):
            lib.llama_sampler_chain_add(self.chain, link)
        self._grammar: Handle = None
        if sampling.grammar is not None:
            self._grammar = lib.llama_sampler_init_grammar(model.vocab, sampling.grammar.encode(), b"root")
            if not self._grammar:
                self.free()
                raise ValueError("The grammar cannot be read.")
            self._end_tokens = model.end_tokens
            self._entries = np.zeros(model.vocab_size, dtype=_ENTRY)

    def choose(self, context: Context, row: int) -> int:
        """The next token behind `row`; `NO_TOKEN` when the grammar leaves none."""
        if self._grammar is None:
            return int(lib.llama_sampler_sample(self.chain, context.handle, row))
        return self._choose_by_grammar(context.logits(row))

    def _choose_by_grammar(self, logits: NDArray[np.float32]) -> int:
        token = self._run(logits, constrained=False)
        if token == NO_TOKEN or not self._allows(token):
            token = self._run(logits, constrained=True)
        if token == NO_TOKEN:
            return NO_TOKEN
        lib.llama_sampler_accept(self.chain, token)
        if token not in self._end_tokens:
            lib.llama_sampler_accept(self._grammar, token)
        return token

    def _run(self, logits: NDArray[np.float32], *, constrained: bool) -> int:
        entries = self._entries
        entries["id"] = np.arange(self._vocab_size, dtype=np.int32)
        entries["logit"] = logits
        array = _token_array(entries)
        if constrained:
            lib.llama_sampler_apply(self._grammar, byref(array))
            if not np.isfinite(entries["logit"]).any():
                return NO_TOKEN
        lib.llama_sampler_apply(self.chain, byref(array))
        chosen = array.data[array.selected]
        return int(chosen.id) if chosen.logit > -np.inf else NO_TOKEN

    def _allows(self, token: int) -> bool:
        single = np.array([(token, 1.0, 0.0)], dtype=_ENTRY)
        lib.llama_sampler_apply(self._grammar, byref(_token_array(single)))
        return bool(single["logit"][0] > -np.inf)

    def free(self) -> None:
        """Give the chain back; the object is dead afterwards."""
        if self.chain:
            lib.llama_sampler_free(self.chain)
            self.chain = None
        if self._grammar:
            lib.llama_sampler_free(self._grammar)
            self._grammar = None


def _token_array(entries: NDArray[Any]) -> Handle:
    return lib.llama_token_data_array(
        data=entries.ctypes.data_as(lib.llama_token_data_p), size=len(entries), selected=-1, sorted=False
    )


def _links(model: Model, sampling: Sampling, history: Sequence[int], forbid_end: bool) -> Iterator[Handle]:
    """The samplers in llama.cpp's usual order; neutral ones are left out."""
    biases = _biases(model, sampling, forbid_end)
    if biases:
        array = (lib.llama_logit_bias * len(biases))(*biases.items())
        yield lib.llama_sampler_init_logit_bias(model.vocab_size, len(biases), array)
    yield from _penalties(model, sampling, history)
    if sampling.temperature <= 0:
        yield lib.llama_sampler_init_greedy()
        return
    seed = sampling.seed % RANDOM_SEED
    if sampling.top_k > 0:
        yield lib.llama_sampler_init_top_k(sampling.top_k)
    if sampling.top_p < 1:
        yield lib.llama_sampler_init_top_p(sampling.top_p, 1)
    if sampling.min_p > 0:
        yield lib.llama_sampler_init_min_p(sampling.min_p, 1)
    if sampling.xtc_probability > 0:
        yield lib.llama_sampler_init_xtc(sampling.xtc_probability, sampling.xtc_threshold, 1, seed)
    yield lib.llama_sampler_init_temp(sampling.temperature)
    yield lib.llama_sampler_init_dist(seed)


def _penalties(model: Model, sampling: Sampling, history: Sequence[int]) -> Iterator[Handle]:
    """Repetition penalties and DRY, told what stands there already."""
    plain = (sampling.repeat_penalty, sampling.frequency_penalty, sampling.presence_penalty)
    if plain != (1.0, 0.0, 0.0) and sampling.repeat_last_n > 0:
        link = lib.llama_sampler_init_penalties(model.vocab_size, sampling.repeat_last_n, *plain)
        yield _told(link, history[-sampling.repeat_last_n :])
    if sampling.dry_multiplier > 0:
        breakers = (c_char_p * len(DRY_BREAKERS))(*DRY_BREAKERS)
        link = lib.llama_sampler_init_dry(
            model.vocab,
            sampling.dry_multiplier,
            sampling.dry_base,
            sampling.dry_allowed_length,
            DRY_WINDOW,
            breakers,
            len(DRY_BREAKERS),
        )
        yield _told(link, history[-DRY_WINDOW:])


def _told(link: Handle, history: Sequence[int]) -> Handle:
    for token in history:
        lib.llama_sampler_accept(link, token)
    return link


def _biases(model: Model, sampling: Sampling, forbid_end: bool) -> dict[int, float]:
    """Token id -> what is added to its logit.

    A biased text counts at the start of a line and behind a space, so both of its first tokens do.
    """
    biases: dict[int, float] = {}
    for text, bias in sampling.logit_bias:
        starts = {text} if text[:1].isspace() else {text, " " + text}
        for first in {model.continue_tokens(start)[0] for start in starts}:
            biases[first] = biases.get(first, 0.0) + bias
    if forbid_end:
        biases.update(dict.fromkeys(model.end_tokens | model.marks, -np.inf))
    return biases
