"""The one protocol between whoever wants text and whatever makes it.

Several requests go in; a stream of tokens, each tagged with its request, comes out, then one
`Finished` a request. Variants, chapters at once, best-of-n and (later) the trainer's rollouts are
the same call with more requests: one batch in llama.cpp, concurrent requests at a server.

A backend knows tokens, templates and sampling. It knows nothing of projects, sections or words.
Implemented by `engine.backends.llama.backend` (in process) and `engine.backends.openai_api` (vLLM and
any OpenAI-compatible address); `tests/backends/test_protocol.py` runs one suite over both.
Called by `engine.drafting`, `engine.planning` and `trainer.evaluation`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

UNKNOWN_CONTEXT = 8192
"""Tokens assumed where a server does not say what its model holds, and the writer did not either."""

Role = Literal["system", "user", "assistant"]
FinishReason = Literal["stop", "length", "cancelled"]


@dataclass(frozen=True)
class Message:
    """One turn of a chat."""

    role: Role
    content: str


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen. Neutral values switch a sampler off.

    `seed` makes one stream repeatable; `grammar` is GBNF (llama.cpp's notation); `logit_bias`
    maps a *text* to what is added to the logit of each token it starts with.
    """

    temperature: float = 0.8
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.0
    repeat_last_n: int = 256
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    dry_multiplier: float = 0.0
    dry_base: float = 1.75
    dry_allowed_length: int = 2
    xtc_probability: float = 0.0
    xtc_threshold: float = 0.1
    logit_bias: tuple[tuple[str, float], ...] = ()
    grammar: str | None = None
    seed: int = 0


class TokenGuard(Protocol):
    """Steers single tokens while they are chosen; the repetition ledger's hand in the sampler.

    Called before each token with the ids generated so far in this request (the prefix included).
    Returns `(token id, bias)` pairs added to the logits. Backends without access to
    logits use `phrases()` instead (vLLM's `bad_words`).
    """

    def bias(self, generated: Sequence[int]) -> Sequence[tuple[int, float]]:
        """What to add to which logits, given all ids of this answer so far."""
        ...

    def phrases(self) -> Sequence[str]:
        """Texts not to write again, for backends that cannot be steered by token."""
        ...


@dataclass(frozen=True)
class Request:
    """One text to be made.

    `messages` are put into the model's own chat template. `prefix` is the part of the answer that
    exists already: the model goes on right behind it, and it is not repeated in the stream.
    `forbid_end` keeps the model from ending its turn; a stop string or `cancel` ends it then.
    `stop` strings end the request and are not part of the text. `logprobs` asks for the log
    probability of each chosen token and of that many alternatives (0: none at all).
    """

    id: str
    messages: tuple[Message, ...]
    max_tokens: int
    prefix: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    stop: tuple[str, ...] = ()
    forbid_end: bool = False
    logprobs: int = 0
    guard: TokenGuard | None = None


@dataclass(frozen=True)
class Token:
    """A piece of text of one request, always whole characters.

    `ids` are the token ids behind `text` (empty where a server does not tell). `logprob` is the
    natural log of the summed probability of those ids when `Request.logprobs` asked for it.
    `alternatives` are `(text, log probability)` pairs, best first.
    """

    request_id: str
    text: str
    ids: tuple[int, ...] = ()
    logprob: float | None = None
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Finished:
    """The end of one request: `stop` (the model or a stop string), `length`, or `cancelled`.

    `end` is the id of the token with which the model ended its turn; None where it did not, and where a
    server does not tell. It is not counted in `generated_tokens`.
    """

    request_id: str
    reason: FinishReason
    prompt_tokens: int
    generated_tokens: int
    end: int | None = None


Event = Token | Finished

SILENCE_SECONDS = 0.5
"""How long a stream may be silent before `OnWait` is called, again and again."""

OnWait = Callable[[], None]
"""A moment for the caller while nothing comes: a long prompt is being read, or a server is silent. It may
add and cancel; what it raises ends the iteration."""


class Stream(Protocol):
    """A running batch. Iterate for events; add and cancel while it runs.

    The iteration ends when every request has finished and none was added. `close` cancels the
    rest; leaving the iteration early without `close` is a bug of the caller.
    """

    def __iter__(self) -> Iterator[Event]: ...

    def add(self, request: Request) -> None:
        """Put one more request into the running batch."""
        ...

    def cancel(self, request_id: str) -> None:
        """End one request; its `Finished` still comes, with the reason `cancelled`."""
        ...

    def close(self) -> None:
        """Cancel everything and free the sequences or connections."""
        ...


@dataclass(frozen=True)
class Tuning:
    """A tuned model's adapter as it lies over a loaded base. `scale`: 0 is the base, 1 is all of it;
    `thinks`: it was trained to think before it writes, in at most `think_tokens`."""

    name: str
    path: Path
    scale: float = 1.0
    thinks: bool = False
    think_tokens: int | None = None


@dataclass(frozen=True)
class ModelInfo:
    """What a loaded model tells of itself, and what was found out of a server while it answered."""

    name: str
    context: int
    """Tokens that one sequence may hold, prompt and answer together."""
    parallel: int
    """Requests that can run at once; more are queued inside the stream."""
    parameters: int | None = None
    thinks: bool = False
    """The model was made to think before it answers (its template or name says so)."""
    steers: bool = False
    """A request's guard is asked before each token; where not, for its phrases only."""
    content_hash: str | None = None
    tuning: Tuning | None = None
    """What lies over the weights; None: the model writes as it is."""
    takes_seed: bool = True
    """Known only once it was asked; where not, no text comes the same twice."""
    only_thought: bool = False
    """Its last answer was all thinking of its own: no room was left for text."""


class CountsTokens(Protocol):
    """What packing a prompt needs of a model; it need not be able to write."""

    @property
    def info(self) -> ModelInfo:
        """What the model tells of itself."""
        ...

    def count_tokens(self, text: str) -> int:
        """Tokens of `text` without template; an upper estimate where a server cannot tell."""
        ...

    def prompt_tokens(self, messages: Sequence[Message], prefix: str = "") -> int:
        """Tokens of the whole prompt as the model will see it, template included."""
        ...


class Backend(CountsTokens, Protocol):
    """A loaded model that makes text. Use as a context manager or call `close`."""

    def tokenize(self, text: str) -> list[int] | None:
        """Token ids of `text`, or None where a server cannot tell; for `TokenGuard`s."""
        ...

    def stream(self, requests: Sequence[Request], on_wait: OnWait | None = None) -> Stream:
        """Start a batch; `on_wait` is called from the iteration, about twice a second while it is silent.

        Raises `PromptTooLong` when a prompt leaves no room for one token, and the errors of
        `engine.errors.ServerError` for servers (also from inside the iteration).
        """
        ...

    def close(self) -> None:
        """Free the model or the connections."""
        ...

    def __enter__(self) -> Backend: ...

    def __exit__(self, *exc: object) -> None: ...


@runtime_checkable
class CanBeTuned(Protocol):
    """A backend that can lay an adapter over its model between two streams."""

    def tune(self, tuning: Tuning | None) -> None:
        """Write with this adapter from now on; None: without. Raises `ModelFileInvalid`."""
        ...
