"""Rollouts by the engine: a backend writes a whole step in one batch, with the adapter of that step.

Guided: first the plans as one batch, up to `</think>` or `think_tokens`; then the texts behind them. The
backend and torch take turns: nothing decodes while the other computes (facts/measured.md). Knows nothing of
which backend it is: `rollout_llama` and `rollout_vllm` do.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from engine.backends.protocol import Backend, Finished, Message, Request, Sampling, Token
from engine.drafting.think import ANSWER_CLOSE, ANSWER_OPEN, THINK_CLOSE, answer_prefix, think_prefix
from trainer.policy.foreign import Foreign
from trainer.policy.prompts import TrainingPrompt
from trainer.policy.rollout import AdapterForm, Rollout, Way, bare, messages_of, own_tokens, read, seed_of
from trainer.policy.settings import PolicySettings


@dataclass
class _Text:
    """One request as it comes in; `end` is the token with which the policy ended it."""

    ids: list[int] = field(default_factory=list)
    logprobs: list[float | None] = field(default_factory=list)
    text: str = ""
    ended: bool = False
    end: int | None = None


class TellsIds(Backend, Protocol):
    """A backend that says which ids it conditions on and what they stand for."""

    def tokenize(self, text: str) -> list[int]:
        """Ids of `text` without template."""
        ...

    def prompt_ids(self, messages: Sequence[Message], prefix: str = "") -> list[int]:
        """The whole prompt as token ids."""
        ...

    def pieces(self, ids: Sequence[int]) -> list[bytes]:
        """The bytes of each token."""
        ...


class EngineWriter(ABC):
    """A whole step in one batch of a backend. Close it after use."""

    way: Way
    takes: AdapterForm

    def __init__(self, backend: TellsIds, settings: PolicySettings) -> None:
        self._settings = settings
        self.backend = backend

    @abstractmethod
    def _lay_over(self, adapter: Path | None) -> None:
        """Write with this adapter over the base, None: with the base. Raises `ModelError`s where it does not
        fit."""

    def follow(self, settings: PolicySettings, _model: Foreign = None) -> PolicySettings:
        """Write by these settings from now on; returns those of before."""
        before, self._settings = self._settings, settings
        return before

    def write(
        self, prompts: Sequence[TrainingPrompt], step: int, adapter: Path | None, *, logprobs: bool = False
    ) -> list[Rollout]:
        """One text for each prompt. Raises `ModelError`s, also where the adapter does not fit."""
        self._lay_over(adapter)
        settings = self._settings
        thinks = settings.think == "on"
        shown = [messages_of(one, guided=settings.guided, thinks=thinks) for one in prompts]
        prefixes = [""] * len(prompts)
        plans = [""] * len(prompts)
        if thinks and settings.guided:
            plans = self._plans(shown, step)
            prefixes = [answer_prefix(plan) for plan in plans]
        room = settings.max_new_tokens if settings.guided or not thinks else settings.room
        texts = self._batch(shown, prefixes, step, room, (ANSWER_CLOSE,) if thinks else (), logprobs)
        return [self._rollout(*each) for each in zip(prompts, shown, prefixes, plans, texts, strict=True)]

    def close(self) -> None:
        """Let the model go."""
        self.backend.close()

    def _plans(self, shown: Sequence[tuple[Message, ...]], step: int) -> list[str]:
        prefixes = [think_prefix()] * len(shown)
        stops = (THINK_CLOSE, ANSWER_OPEN)
        texts = self._batch(shown, prefixes, -step - 1, self._settings.think_tokens, stops, False)
        return [bare(text.text) for text in texts]

    def _batch(
        self,
        shown: Sequence[tuple[Message, ...]],
        prefixes: Sequence[str],
        step: int,
        room: int,
        stops: tuple[str, ...],
        logprobs: bool,
    ) -> list[_Text]:
        settings = self._settings
        requests = [
            Request(
                id=str(place),
                messages=messages,
                max_tokens=room,
                prefix=prefix,
                sampling=Sampling(
                    temperature=settings.temperature,
                    top_k=0,
                    top_p=1.0,
                    min_p=0.0,
                    seed=seed_of(settings.seed, step, place),
                ),
                stop=() if settings.fixed_length else stops,
                forbid_end=settings.fixed_length,
                logprobs=int(logprobs),
            )
            for place, (messages, prefix) in enumerate(zip(shown, prefixes, strict=True))
        ]
        texts = [_Text() for _ in requests]
        for event in self.backend.stream(requests):
            text = texts[int(event.request_id)]
            if isinstance(event, Token):
                text.text += event.text
                text.ids += event.ids
                text.logprobs += [event.logprob] if len(event.ids) == 1 else [None] * len(event.ids)
            elif isinstance(event, Finished):
                text.ended = event.reason == "stop"
                text.end = event.end
        return texts

    def _rollout(
        self, prompt: TrainingPrompt, shown: tuple[Message, ...], prefix: str, plan: str, text: _Text
    ) -> Rollout:
        head = self.backend.prompt_ids(shown)
        lead = self.backend.prompt_ids(shown, prefix)[len(head) :] if prefix else []
        last = self._last(text)
        ids = [*lead, *text.ids, *last]
        own = own_tokens(self.backend.pieces(lead), plan) + [1] * (len(text.ids) + len(last))
        logprobs: list[float | None] = [*(None for _ in lead), *text.logprobs, *(None for _ in last)]
        own_tags = self._settings.think == "on" and not self._settings.guided
        completion = read(prompt, prefix + text.text, ended=text.ended, own_tags=own_tags)
        return Rollout(head, ids, own, completion, logprobs)

    def _last(self, text: _Text) -> list[int]:
        """What the policy wrote to end a text and the engine keeps out of it: its end token, or the tag."""
        if not text.ended:
            return []
        if text.end is not None:
            return [text.end]
        last = b"".join(self.backend.pieces(text.ids[-1:])).decode(errors="ignore")
        return self.backend.tokenize(ANSWER_CLOSE[_begun(text.text, last) :])


def _begun(text: str, last: str) -> int:
    """How much of the closing tag stands in the last token already, behind the end of the text (`.</`)."""
    sizes = (size for size in range(1, len(ANSWER_CLOSE)) if last.endswith(ANSWER_CLOSE[:size]))
    return 0 if text.endswith(last) else next(sizes, 0)
