"""What a chunk of a server's answer must look like, and the pieces it holds.

Everything that comes from a server passes through these models once; whatever does not fit raises
`pydantic.ValidationError`, which `errors` turns into `ServerBabble`. Fields that are not named here
are ignored. Called by `vllm` and `plain`.
"""

from __future__ import annotations

from pydantic import BaseModel

from engine.backends.protocol import FinishReason
from engine.backends.server.errors import babble
from engine.backends.server.text import Piece
from engine.errors import ServerRefused, ServerUnreachable


class Usage(BaseModel):
    """Tokens as the server counts them."""

    prompt_tokens: int
    completion_tokens: int


class Ids(BaseModel):
    """The answer of vLLM's `/tokenize`."""

    tokens: list[int]


class _Logprobs(BaseModel):
    tokens: list[str]
    token_logprobs: list[float | None]
    top_logprobs: list[dict[str, float] | None] | None = None


class CompletionChoice(BaseModel):
    """One text of a `/v1/completions` chunk; `token_ids` is vLLM's own."""

    text: str
    token_ids: list[int] | None = None
    logprobs: _Logprobs | None = None
    finish_reason: str | None = None


class CompletionChunk(BaseModel):
    """A chunk of `/v1/completions`; the last one may carry the usage alone."""

    choices: list[CompletionChoice]
    usage: Usage | None = None


class _ChatTop(BaseModel):
    token: str
    logprob: float


class _ChatToken(_ChatTop):
    top_logprobs: list[_ChatTop] = []


class _ChatLogprobs(BaseModel):
    content: list[_ChatToken] | None = None


class _Delta(BaseModel):
    content: str | None = None


class _ChatChoice(BaseModel):
    delta: _Delta
    logprobs: _ChatLogprobs | None = None
    finish_reason: str | None = None


class ChatChunk(BaseModel):
    """A chunk of `/v1/chat/completions`; the last one may carry the usage alone."""

    choices: list[_ChatChoice]
    usage: Usage | None = None


class ServedModel(BaseModel):
    """One entry of `/v1/models`; `max_model_len` is vLLM's word for its context."""

    id: str
    owned_by: str | None = None
    max_model_len: int | None = None


class ServedModels(BaseModel):
    """The answer of `/v1/models`."""

    data: list[ServedModel]


def per_token(choice: CompletionChoice, ids: tuple[int, ...], alternatives: int) -> list[Piece]:
    """The chunk's tokens one by one, or nothing when the chunk does not tell them apart."""
    told = choice.logprobs
    if told is None or not len(told.tokens) == len(told.token_logprobs) == len(ids):
        return []
    if "".join(told.tokens) != choice.text:
        return [Piece(choice.text, ids, sum(lp for lp in told.token_logprobs if lp is not None))]
    tops = told.top_logprobs or [None] * len(ids)
    return [
        Piece(text, (id_,), logprob, _best(top or {}, alternatives))
        for text, id_, logprob, top in zip(told.tokens, ids, told.token_logprobs, tops, strict=True)
    ]


def _best(top: dict[str, float], most: int) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(top.items(), key=lambda pair: -pair[1])[:most])


def finish_of(model: str, said: str | None) -> FinishReason | None:
    """Our word for the server's.

    Raises `ServerUnreachable` when it gave up (vLLM says `abort` when it is ended), `ServerRefused`
    for a content filter, `ServerBabble` for tools.
    """
    if said is None:
        return None
    if said == "stop":
        return "stop"
    if said == "length":
        return "length"
    if said in ("abort", "error"):
        raise ServerUnreachable(f"The server of “{model}” stopped in mid-text; what had come so far is kept.")
    if said == "content_filter":
        raise ServerRefused(f"The server of “{model}” refuses to write this (its content filter).")
    raise babble(model, "a finish reason that a text cannot have")
