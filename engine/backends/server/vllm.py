"""The dialect of a vLLM server.

The prompt is made by the server itself (`/tokenize` with the model's own chat template), the prefix
is put behind it as tokens, and `/v1/completions` goes on from there: what is counted is exactly what
the model sees, and a template that rewrites earlier turns (a thinking model's takes `<think>` out)
cannot touch the prefix. Stop strings are found on this side (`text.Assembler`): vLLM ignores them
below `min_tokens` and holds text back behind its ids. Called by `engine.backends.openai_api`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from engine.backends.prompting import THINK_ENDS, system_into_user, without_last_space
from engine.backends.protocol import Message, Request
from engine.backends.server.chunks import (
    CompletionChoice,
    CompletionChunk,
    Ids,
    Usage,
    finish_of,
    per_token,
    without_last,
)
from engine.backends.server.connection import Connection
from engine.backends.server.dialect import Prepared, estimate_tokens, room, turns_of
from engine.backends.server.errors import server_errors
from engine.backends.server.text import Piece
from engine.errors import ServerRefused

REMEMBERED_TEXTS = 2048
CONTROL = re.compile(r"<\|[^|<>\s]{1,40}\|>|</?s>|\[/?INST\]|<(?:start|end)_of_turn>|<(?:bos|eos|pad)>")
"""Control tokens of the families that are written with; a server does not list its own."""
BANNED_PHRASES = 64
BANNED_TOKENS = 1000
"""vLLM refuses a request with more than 128 banned sequences or 1,024 tokens in them; each phrase
may count twice (with and without a space before it)."""

_PROBE = (Message("user", "?"),)


class VllmDialect:
    """A vLLM server: exact tokens, exact prefix. `adapter`: its name for what lies over the model."""

    def __init__(self, connection: Connection, served_name: str, context: int) -> None:
        self._connection = connection
        self._served_name = served_name
        self._context = context
        self.adapter: str | None = None
        parts = urlsplit(connection.address)
        path = parts.path.removesuffix("/v1") + "/tokenize"
        self._tokenize_url = urlunsplit((parts.scheme, parts.netloc, path, "", ""))
        self._text_ids = lru_cache(REMEMBERED_TEXTS)(self._fetch_text_ids)
        self._chat_ids = lru_cache(REMEMBERED_TEXTS)(self._fetch_chat_ids)

    def _fetch_text_ids(self, text: str) -> tuple[int, ...]:
        return self._ids({"prompt": text, "add_special_tokens": False})

    def _fetch_chat_ids(self, messages: tuple[Message, ...]) -> tuple[int, ...]:
        """Thinking that the template opens or closes by itself is left off, as the llama.cpp backend does."""
        if not self._takes_system:
            messages = system_into_user(messages)
        ids = self._ask_chat_ids(messages)
        for end in THINK_ENDS:
            tail = self._text_ids(end)
            if ids[-len(tail) :] == tail:
                return ids[: -len(tail)]
        return ids

    def _ask_chat_ids(self, messages: Sequence[Message]) -> tuple[int, ...]:
        turns = [{**turn, "content": _defused(turn["content"])} for turn in turns_of(messages)]
        return self._ids({"messages": turns, "add_generation_prompt": True})

    @cached_property
    def _takes_system(self) -> bool:
        """Some templates (Gemma's) refuse a system turn, some (older Mistrals') leave it out without a word:
        then two of them make the same prompt."""
        try:
            one, other = (self._ask_chat_ids((Message("system", said), *_PROBE)) for said in ("a", "b"))
        except ServerRefused:
            return False
        return one != other

    def _ids(self, body: dict[str, Any]) -> tuple[int, ...]:
        answer = self._connection.post(self._tokenize_url, {"model": self._served_name, **body})
        with server_errors(self._connection.model):
            return tuple(Ids.model_validate(answer).tokens)

    def tokenize(self, text: str) -> list[int]:
        """Ids of `text` without special tokens around it or in it."""
        return list(self._text_ids(_defused(text))) if text else []

    def count_tokens(self, text: str) -> int:
        """Exactly what the model counts."""
        return len(self.tokenize(text))

    def prompt_tokens(self, messages: Sequence[Message], prefix: str) -> int:
        """Exactly what the model will see."""
        return len(self.prompt_ids(messages, prefix))

    def prepare(self, request: Request) -> Prepared:
        """Raises `PromptTooLong` when not one token of answer fits."""
        prompt = self.prompt_ids(request.messages, request.prefix)
        most = room(self._connection.model, len(prompt), self._context, request.max_tokens)
        body = {
            "model": self.adapter or self._served_name,
            "prompt": prompt,
            "max_tokens": most,
            "stream": True,
            "return_token_ids": True,
            **self._sampling(request),
        }
        if request.logprobs:
            body["logprobs"] = request.logprobs
        if request.forbid_end:
            # Not `ignore_eos`: that lets the end of turn be drawn and written on behind it.
            body["min_tokens"] = most
        if request.guard is not None:
            body["bad_words"] = _banned(request.guard.phrases())
        return Prepared("/completions", body, len(prompt), most, most)

    def prompt_ids(self, messages: Sequence[Message], prefix: str) -> list[int]:
        """Template, then prefix, as ids. A space at the very end of the prefix is left for the model to say:
        its tokens carry the space before a word."""
        return [*self._chat_ids(tuple(messages)), *self.tokenize(without_last_space(prefix))]

    def _sampling(self, request: Request) -> dict[str, Any]:
        """DRY and XTC have no counterpart in vLLM; the guard's phrases do DRY's work."""
        sampling = request.sampling
        body: dict[str, Any] = {
            "temperature": sampling.temperature,
            "top_k": sampling.top_k,
            "top_p": sampling.top_p,
            "min_p": sampling.min_p,
            "repetition_penalty": sampling.repeat_penalty,
            "frequency_penalty": sampling.frequency_penalty,
            "presence_penalty": sampling.presence_penalty,
            "seed": sampling.seed,
        }
        if sampling.logit_bias:
            body["logit_bias"] = {str(self.tokenize(text)[0]): bias for text, bias in sampling.logit_bias}
        if sampling.grammar is not None:
            body["structured_outputs"] = {"grammar": sampling.grammar}
        return body

    def read(self, chunk: object, request: Request) -> tuple[list[Piece], Usage | None]:
        """One piece a token where the server tells the tokens apart, else one a chunk. The id that ends the
        model's turn, which has no text, is a piece of its own."""
        completion = CompletionChunk.model_validate(chunk)
        pieces: list[Piece] = []
        for choice in (completion.choices or [])[:1]:
            finish = finish_of(self._connection.model, choice.finish_reason)
            choice, end = _apart(choice, ended=finish == "stop")
            ids = tuple(choice.token_ids or ())
            pieces = per_token(choice, ids, request.logprobs) or [Piece(choice.text, ids)]
            pieces += [Piece(ids=end), Piece(finish=finish)]
        return pieces, completion.usage

    def opening(self, prefix: str, text: str) -> str:
        """The model goes on at the very token; the space it says again is taken out."""
        return text.removeprefix(" ") if without_last_space(prefix) != prefix else text


def _defused(text: str) -> str:
    """Control tokens written in a text stay plain text."""
    return CONTROL.sub(lambda found: found[0][0] + " " + found[0][1:], text)


def _apart(choice: CompletionChoice, *, ended: bool) -> tuple[CompletionChoice, tuple[int, ...]]:
    """A chunk's text, and the end of the turn behind it: the server is told of no other way to stop."""
    ids = choice.token_ids or []
    if not ended or not choice.text or len(ids) < 2:
        return choice, ()
    return without_last(choice), tuple(ids[-1:])


def _banned(phrases: Sequence[str]) -> list[str]:
    """As many phrases as vLLM takes, the first ones first."""
    chosen: list[str] = []
    left = BANNED_TOKENS
    for phrase in phrases:
        left -= 2 * estimate_tokens(phrase)
        if left < 0 or len(chosen) == BANNED_PHRASES:
            break
        if phrase.strip():
            chosen.append(phrase)
    return chosen
