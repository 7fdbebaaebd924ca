"""One request on its way: its tokens, how many of them are in the cache, and the text so far.

A sequence can lose its place in the cache and go on later (`decoded` falls to 0): the sampler, the
half characters and the tokens all live here. Knows nothing of other sequences. Called by `scheduler`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.backends.llama.context import Context
from engine.backends.llama.model import Model
from engine.backends.llama.sampler import NO_TOKEN, Sampler
from engine.backends.llama.text import TextAssembler
from engine.backends.protocol import Event, Finished, FinishReason, Request, Token


@dataclass(frozen=True)
class Prompt:
    """A request as the model will see it. `answer` are the tokens of the request's prefix, which
    end `tokens`; `skip_space` says that a space at its very end was left for the model to write."""

    tokens: list[int]
    answer: list[int]
    skip_space: bool


@dataclass
class _Waiting:
    """What belongs to the next piece of text but made no whole character yet."""

    ids: list[int] = field(default_factory=list)
    logprob: float = 0.0
    alternatives: tuple[tuple[str, float], ...] = ()


class Sequence:
    """A request being written. Events go to `events`, in order; the last one is `Finished`.

    `limit` is how many tokens it may hold, prompt and answer together.
    """

    def __init__(
        self, model: Model, request: Request, prompt: Prompt, events: deque[Event], limit: int
    ) -> None:
        self.request = request
        self.tokens = list(prompt.tokens)
        self.answer = list(prompt.answer)
        self.decoded = 0
        self.slot = -1
        self.borrowed = 0
        self.finished = False
        self._model = model
        self._ends = model.end_tokens | model.marks
        self._prompt_tokens = len(prompt.tokens)
        self._events = events
        self._limit = limit
        self._sampler = Sampler(model, request.sampling, prompt.answer, request.forbid_end)
        self._text = TextAssembler(request.stop, skip_space=prompt.skip_space)
        self._waiting = _Waiting()

    @property
    def generated(self) -> int:
        """Tokens made so far."""
        return len(self.tokens) - self._prompt_tokens

    def next_token(self, context: Context, row: int) -> None:
        """Choose the token behind `row`, and say what it brings; may finish the sequence."""
        before = context.logits(row).copy() if self.request.logprobs else None
        if self.request.guard is not None:
            logits = context.logits(row)
            for token, bias in self.request.guard.bias(self.answer):
                logits[token] += bias
        token = self._sampler.choose(context, row)
        # Another role's mark has no text of its own, so no stop string would ever see it.
        if token == NO_TOKEN or token in self._ends:
            self.finish("stop", None if token == NO_TOKEN else token)
            return
        self.tokens.append(token)
        self.answer.append(token)
        if before is not None:
            self._note(before, token)
        self._say(token)

    def _say(self, token: int) -> None:
        self._waiting.ids.append(token)
        text = self._text.feed(self._model.piece(token))
        if text:
            self._emit(text)
        if self._text.stopped:
            self.finish("stop")
        elif self.generated >= self.request.max_tokens or len(self.tokens) >= self._limit:
            self.finish("length")

    def _note(self, logits: NDArray[np.float32], token: int) -> None:
        """Log probabilities of the model itself, before biases, temperature and cuts."""
        top = float(logits.max())
        total = top + float(np.log(np.exp(logits - top, dtype=np.float64).sum()))
        if not self._waiting.alternatives:
            count = min(self.request.logprobs, len(logits))
            best = np.argpartition(logits, -count)[-count:]
            self._waiting.alternatives = tuple(
                (self._model.piece(int(other)).decode("utf-8", "ignore"), float(logits[other]) - total)
                for other in best[np.argsort(-logits[best], kind="stable")]
            )
        self._waiting.logprob += float(logits[token]) - total

    def _emit(self, text: str) -> None:
        waiting, self._waiting = self._waiting, _Waiting()
        logprob = waiting.logprob if self.request.logprobs else None
        self._events.append(Token(self.request.id, text, tuple(waiting.ids), logprob, waiting.alternatives))

    def finish(self, reason: FinishReason, end: int | None = None) -> None:
        """End it, with the token `end` where the model chose one. A text that was held back for a stop
        string is shown, unless it was cancelled."""
        held = self._text.finish()
        if reason != "cancelled" and (held or (self._waiting.ids and not self._text.stopped)):
            self._emit(held)
        self.finished = True
        self._sampler.free()
        self._events.append(Finished(self.request.id, reason, self._prompt_tokens, self.generated, end))
