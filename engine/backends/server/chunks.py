"""What a chunk of a server's answer must look like, and the pieces it holds.

Everything that comes from a server passes through these models once; whatever does not fit raises
`pydantic.ValidationError`, which `errors` turns into `ServerBabble`. Fields that are not named here
are ignored, and what servers leave out or send as null beside the text (counts, the last delta, the
choices of a chunk of counts) may be missing. Called by `vllm`, `plain` and `engine.backends.openai_api`.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from engine.backends.protocol import FinishReason
from engine.backends.server.errors import babble
from engine.backends.server.text import Piece
from engine.errors import ServerRefused, ServerUnreachable

ENDS = frozenset(("stop", "eos", "eos_token"))
"""The second is Together's, the third TGI's."""


class _Details(BaseModel):
    reasoning_tokens: int | None = None


class Usage(BaseModel):
    """Tokens as the server counts them; OpenAI tells in the details what was thought out of sight."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    completion_tokens_details: _Details | None = None

    @property
    def thought(self) -> bool:
        """Some of the answer was thinking."""
        details = self.completion_tokens_details
        return details is not None and bool(details.reasoning_tokens)


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

    choices: list[CompletionChoice] | None = None
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
    reasoning_content: str | None = None
    reasoning: str | None = None

    @property
    def thought(self) -> str:
        """What a thinking model thought: `reasoning_content` at DeepSeek, llama-server and LM Studio,
        `reasoning` at Ollama, OpenRouter and newer vLLMs; some send both, with the same text."""
        return self.reasoning_content or self.reasoning or ""


class _ChatChoice(BaseModel):
    delta: _Delta | None = None
    logprobs: _ChatLogprobs | None = None
    finish_reason: str | None = None


class ChatChunk(BaseModel):
    """A chunk of `/v1/chat/completions`; the last one may carry the usage alone."""

    choices: list[_ChatChoice] | None = None
    usage: Usage | None = None


class ServedModel(BaseModel):
    """One entry of `/v1/models`. What a model holds has a name of its own at each server."""

    id: str
    owned_by: str | None = None
    max_model_len: int | None = None
    meta: Any = None
    loaded_context_length: int | None = None
    context_length: int | None = None
    max_context_length: int | None = None

    @property
    def context(self) -> int | None:
        """Tokens that one text may hold: vLLM's word, llama-server's for one slot, LM Studio's for a loaded
        model, OpenRouter's; then what the model was made for."""
        held = self.meta.get("n_ctx") if isinstance(self.meta, dict) else None
        told = (self.max_model_len, held, self.loaded_context_length, self.context_length)
        return next(
            (size for size in (*told, self.max_context_length) if isinstance(size, int) and size), None
        )


class ServedModels(BaseModel):
    """The answer of `/v1/models`; an Ollama without models says null."""

    data: list[ServedModel] | None


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


def without_last(choice: CompletionChoice) -> CompletionChoice:
    """The choice without its last id, which has no text of its own."""
    told = choice.logprobs
    if told is not None:
        kept = {"tokens": told.tokens[:-1], "token_logprobs": told.token_logprobs[:-1]}
        tops = None if told.top_logprobs is None else told.top_logprobs[:-1]
        told = told.model_copy(update={**kept, "top_logprobs": tops})
    return choice.model_copy(update={"token_ids": (choice.token_ids or [])[:-1], "logprobs": told})


def _best(top: dict[str, float], most: int) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(top.items(), key=lambda pair: -pair[1])[:most])


def finish_of(model: str, said: str | None) -> FinishReason | None:
    """Our word for the server's.

    Raises `ServerUnreachable` when it gave up (vLLM says `abort` when it is ended), `ServerRefused`
    for a content filter, `ServerBabble` for tools.
    """
    if not said:
        return None
    if said in ENDS:
        return "stop"
    if said == "length":
        return "length"
    if said in ("abort", "error"):
        raise ServerUnreachable(f"The server of “{model}” stopped in mid-text; what had come so far is kept.")
    if said == "content_filter":
        raise ServerRefused(f"The server of “{model}” refuses to write this (its content filter).")
    raise babble(model, "a finish reason that a text cannot have")
