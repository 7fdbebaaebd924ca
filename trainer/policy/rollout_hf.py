"""Rollouts by transformers' own `generate`: the plain way, for bases that have no GGUF.

With what packing a prompt needs (`CountsTokens`), so that all ways show the model the same prompts.
Slower than llama.cpp on a processor and than vLLM on a GPU (docs/benchmarks.md). Called by `grpo`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from engine.backends.llama.template import ChatTemplate
from engine.backends.protocol import Message, ModelInfo
from engine.drafting.think import ANSWER_CLOSE, ANSWER_OPEN, THINK_CLOSE, answer_prefix, think_prefix
from trainer.policy.base import Base
from trainer.policy.foreign import Foreign
from trainer.policy.prompts import TrainingPrompt
from trainer.policy.rollout import (
    AdapterForm,
    Rollout,
    Way,
    bare,
    messages_of,
    own_tokens,
    pieces_of,
    read,
    seed_of,
)
from trainer.policy.settings import PolicySettings

DEFAULT_CONTEXT = 8192


class HfTokens:
    """Counts tokens and renders prompts as the engine does, with a transformers tokenizer."""

    def __init__(self, base: Base, context: int | None = None) -> None:
        self._tokenizer = base.tokenizer
        trained = getattr(base.model.config.get_text_config(), "max_position_embeddings", DEFAULT_CONTEXT)
        self.info = ModelInfo(base.name, min(context or DEFAULT_CONTEXT, trained), 1, base.parameters)
        special = base.tokenizer.all_special_tokens
        self._template = ChatTemplate(
            base.tokenizer.chat_template,
            bos=base.tokenizer.bos_token or "",
            eos=base.tokenizer.eos_token or "",
            control=special,
        )

    def count_tokens(self, text: str) -> int:
        """Tokens of `text` without template."""
        return len(self.tokenize(text))

    def tokenize(self, text: str) -> list[int]:
        """Token ids of `text` without template."""
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def prompt_tokens(self, messages: Sequence[Message], prefix: str = "") -> int:
        """Tokens of the whole prompt as the model will see it."""
        return len(self.prompt_ids(messages, prefix))

    def prompt_ids(self, messages: Sequence[Message], prefix: str = "") -> list[int]:
        """The whole prompt as token ids."""
        text = self._template.render(messages)
        bos = self._tokenizer.bos_token_id
        adds = bool(getattr(self._tokenizer, "add_bos_token", False)) and bos is not None
        lead = [bos] if adds and not text.startswith(self._template.bos or "\0") else []
        return lead + self.tokenize(text) + (self.tokenize(prefix) if prefix else [])

    def pieces(self, ids: Sequence[int]) -> list[bytes]:
        """The bytes of each token, whole characters at the last token of each."""
        return pieces_of(self._tokenizer, ids)


class HfWriter:
    """`model`: the policy as it is trained; its adapter needs no hand-over."""

    way: Way = "hf"
    takes: AdapterForm = None

    def __init__(
        self, base: Base, model: Foreign, settings: PolicySettings, context: int | None = None
    ) -> None:
        self._base = base
        self._model = model
        self._settings = settings
        self.backend = HfTokens(base, context)

    def follow(self, settings: PolicySettings, model: Foreign) -> PolicySettings:
        """Write with this model and by these settings from now on; returns the settings of before."""
        before, self._settings, self._model = self._settings, settings, model
        return before

    def write(
        self, prompts: Sequence[TrainingPrompt], step: int, adapter: Path | None, *, logprobs: bool = False
    ) -> list[Rollout]:
        """One text for each prompt, never more at once than a step has, which is what fits; `adapter` and
        `logprobs` have no meaning here."""
        del adapter, logprobs
        size = self._settings.completions_per_step
        return [
            rollout
            for first in range(0, len(prompts), size)
            for rollout in self._write(prompts[first : first + size], step, first)
        ]

    def _write(self, prompts: Sequence[TrainingPrompt], step: int, place: int) -> list[Rollout]:
        settings = self._settings
        thinks = settings.think == "on"
        shown = [messages_of(one, guided=settings.guided, thinks=thinks) for one in prompts]
        heads = [self.backend.prompt_ids(messages) for messages in shown]
        prefixes, plans = [""] * len(prompts), [""] * len(prompts)
        if thinks and settings.guided:
            begun = [self.backend.prompt_ids(messages, think_prefix()) for messages in shown]
            written = self._generate(
                begun, settings.think_tokens, (THINK_CLOSE, ANSWER_OPEN), -step - 1, place
            )
            plans = [bare(self._text(ids).partition(THINK_CLOSE)[0]) for ids in written]
            prefixes = [answer_prefix(plan) for plan in plans]
        fulls = [self.backend.prompt_ids(*each) for each in zip(shown, prefixes, strict=True)]
        room = settings.max_new_tokens if settings.guided or not thinks else settings.room
        stops = (ANSWER_CLOSE,) if thinks else ()
        texts = self._generate(fulls, room, stops, step, place)
        parts = zip(prompts, heads, fulls, prefixes, plans, texts, strict=True)
        return [self._rollout(*each) for each in parts]

    def close(self) -> None:
        """Nothing to free: the model belongs to the trainer."""

    def _rollout(
        self, prompt: TrainingPrompt, head: list[int], full: list[int], prefix: str, plan: str, ids: list[int]
    ) -> Rollout:
        lead = full[len(head) :]
        text = self._text(ids)
        ended = not self._base.ends.isdisjoint(ids[-1:]) or ANSWER_CLOSE in text
        own_tags = self._settings.think == "on" and not self._settings.guided
        completion = read(prompt, prefix + text, ended=ended, own_tags=own_tags)
        own = own_tokens(self.backend.pieces(lead), plan) + [1] * len(ids)
        return Rollout(head, lead + ids, own, completion)

    def _text(self, ids: list[int]) -> str:
        return str(self._base.tokenizer.decode(ids, skip_special_tokens=True))

    def _generate(
        self, prompts: list[list[int]], room: int, stops: tuple[str, ...], step: int, place: int
    ) -> list[list[int]]:
        settings, tokenizer = self._settings, self._base.tokenizer
        stops = () if settings.fixed_length else stops
        torch.manual_seed(seed_of(settings.seed, step, place))
        longest = max(map(len, prompts))
        pad = tokenizer.pad_token_id
        rows = [[pad] * (longest - len(ids)) + ids for ids in prompts]
        seen = [[0] * (longest - len(ids)) + [1] * len(ids) for ids in prompts]
        device = self._base.device
        was_training = self._model.training
        self._model.eval()
        with torch.no_grad(), self._base.computing():
            out = self._model.generate(
                input_ids=torch.tensor(rows, device=device),
                attention_mask=torch.tensor(seen, device=device),
                max_new_tokens=room,
                min_new_tokens=room if settings.fixed_length else None,
                do_sample=True,
                temperature=settings.temperature,
                top_k=0,
                top_p=1.0,
                use_cache=True,
                stop_strings=list(stops) if stops else None,
                tokenizer=tokenizer if stops else None,
            )
        self._model.train(was_training)
        return [self._chosen(ids[longest:].tolist(), stops) for ids in out]

    def _chosen(self, ids: list[int], stops: tuple[str, ...]) -> list[int]:
        """What the policy chose of a row, its end token included: behind a text that ended before the others
        stands padding, and in many makes that is an end token, too."""
        end = next((at for at, token in enumerate(ids) if token in self._base.ends), len(ids))
        before = ids[:end]
        if not any(stop in self._text(before) for stop in stops):
            return ids[: end + 1]
        while before[-1] == self._base.tokenizer.pad_token_id:
            before.pop()
        return before
