"""The requests of one section: seeds, sampling, prefix, room.

Every request continues from the text so far; what differs is the seed (made from the book's seed,
the section's ordinal and the attempt, never from ids or the clock) and how hard the sampler is
pushed after a failure. Knows nothing of why it is asked again. Used by `section`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from engine.backends.protocol import Backend, Request, Sampling, TokenGuard
from engine.drafting.hygiene import CHAT_MARKERS
from engine.drafting.prompt_pack import PromptPack, template_language, tokens_for_words
from engine.drafting.think import ANSWER_OPEN, NO_THINKING, THINK_CLOSE, answer_prefix, think_prefix

STOP_BIAS = 1.0
"""Added to the logits of a full stop, once for each correction of an ending."""
HOTTER = 0.08
MOST_TEMPERATURE = 1.3
WORDS_OVER = 60
"""A request may run so many words past its target before it is asked again."""
STOP_MARKS = {"en": ".", "zh": "。"}


def seed_of(seed: int, ordinal: int, attempt: int) -> int:
    """The seed of one request: 31 bits, the same for the same three numbers everywhere."""
    digest = hashlib.sha256(f"{seed}/{ordinal}/{attempt}".encode()).digest()
    return int.from_bytes(digest[:4], "big") & 0x7FFFFFFF


def stop_mark(language: str) -> str:
    """The full stop of a language."""
    return STOP_MARKS[template_language(language)]


@dataclass(frozen=True)
class Push:
    """How hard the sampler is pushed: failures in a row, and endings tried so far."""

    failures: int = 0
    corrections: int = 0


class Asking:
    """Makes the requests of one section; ids are `name` and the number of the attempt."""

    def __init__(
        self,
        backend: Backend,
        pack: PromptPack,
        guard: TokenGuard,
        sampling: Sampling,
        language: str,
        name: str,
    ) -> None:
        self._backend = backend
        self._pack = pack
        self._guard = guard
        self._sampling = sampling
        self._language = language
        self._name = name

    def plan(self, think: str, tokens: int, seed: int, attempt: int) -> Request:
        """For the thinking, going on behind `think`."""
        return Request(
            id=f"{self._name}.{attempt}",
            messages=self._pack.messages,
            max_tokens=tokens,
            prefix=think_prefix() + think,
            sampling=replace(self._sampling, seed=seed),
            stop=(THINK_CLOSE, ANSWER_OPEN, *CHAT_MARKERS),
        )

    def text(
        self, text: str, think: str, words_left: int, *, seed: int, attempt: int, may_end: bool, push: Push
    ) -> Request:
        """For the text, going on behind `text`."""
        tokens = tokens_for_words(self._backend, max(words_left, 0) + WORDS_OVER, self._language)
        return Request(
            id=f"{self._name}.{attempt}",
            messages=self._pack.messages,
            max_tokens=tokens,
            prefix=self._prefix(text, think, tokens),
            sampling=self._pushed(seed, push),
            stop=CHAT_MARKERS,
            forbid_end=not may_end,
            guard=self._guard,
        )

    def _pushed(self, seed: int, push: Push) -> Sampling:
        base = self._sampling
        bias = base.logit_bias
        if push.corrections:
            bias = (*bias, (stop_mark(self._language), STOP_BIAS * push.corrections))
        temperature = max(base.temperature, min(MOST_TEMPERATURE, base.temperature + HOTTER * push.failures))
        return replace(base, seed=seed, temperature=temperature, logit_bias=bias)

    def _prefix(self, text: str, think: str, tokens: int) -> str:
        """The answer so far; where it no longer fits beside `tokens` more, only its end."""
        lead = answer_prefix(think) if self._pack.thinks else ""
        if not self._pack.thinks and self._backend.info.thinks:
            lead = NO_THINKING
        room = self._backend.info.context - tokens
        while text and self._backend.prompt_tokens(self._pack.messages, lead + text) > room:
            text = text[len(text) // 4 + 1 :].lstrip()
        return lead + text
