"""The dialect of any OpenAI-compatible server: the standard chat request, no more.

What such a server cannot do is left out: grammar, min-p, top-k, repetition penalty, `forbid_end`,
token guards, logit bias by text. Tokens are estimated from above. A prefix becomes an assistant's
turn followed by a request to go on; the model may still rephrase instead of going on. What the server was
found not to take (`manners`) is left out as well. Called by `engine.backends.openai_api`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from engine.backends.protocol import Message, Request
from engine.backends.server.chunks import ChatChunk, Usage, finish_of
from engine.backends.server.connection import Connection
from engine.backends.server.dialect import Prepared, estimate_tokens, room, turns_of
from engine.backends.server.manners import Manners
from engine.backends.server.text import Piece

PLAIN_STOPS = 4
"""Stop strings that OpenAI's own service takes; the rest are found on this side."""
PLAIN_ALTERNATIVES = 20
"""Alternatives that OpenAI's own service gives at most."""
TURN_TOKENS = 8
"""What a chat template adds around one turn, at most, in the models seen so far."""
OPEN_ENDS = "([{\"'“‘«„-/#*_`"
"""Characters that a word follows without a space. From U+2E80 on (CJK) no space is set."""
CLOSED_THINK = re.compile(r"\A<think>\s*</think>\s*")
"""Closes a thinking that the template opens by itself; here the server renders the template, and all that
came of it was an empty turn to go on from."""
GO_ON = "Go on exactly where your text stopped. Repeat nothing and comment on nothing."


class PlainDialect:
    """Any OpenAI-compatible server: the standard chat request; tokens are estimated."""

    def __init__(self, connection: Connection, served_name: str, context: int, manners: Manners) -> None:
        self._connection = connection
        self._served_name = served_name
        self._context = context
        self._manners = manners

    def tokenize(self, text: str) -> list[int] | None:
        """A plain server does not tell."""
        del text
        return None

    def count_tokens(self, text: str) -> int:
        """An upper estimate, see `estimate_tokens`."""
        return estimate_tokens(text)

    def prompt_tokens(self, messages: Sequence[Message], prefix: str) -> int:
        """An upper estimate with the template's share."""
        turns = _with_prefix(messages, prefix)
        return sum(TURN_TOKENS + estimate_tokens(turn["content"]) for turn in turns)

    def prepare(self, request: Request) -> Prepared:
        """Raises `PromptTooLong` when by the estimate not one token of answer fits."""
        sampling = request.sampling
        estimate = self.prompt_tokens(request.messages, request.prefix)
        wanted = self._manners.room_wanted(request.max_tokens)
        most = room(self._connection.model, estimate, self._context, wanted)
        body: dict[str, Any] = {
            "model": self._served_name,
            "messages": _with_prefix(self._manners.turns(request.messages), request.prefix),
            "max_tokens": most,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "seed": sampling.seed,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if sampling.frequency_penalty:
            body["frequency_penalty"] = sampling.frequency_penalty
        if sampling.presence_penalty:
            body["presence_penalty"] = sampling.presence_penalty
        if request.stop:
            body["stop"] = list(request.stop[:PLAIN_STOPS])
        if request.logprobs:
            body["logprobs"] = True
            body["top_logprobs"] = min(request.logprobs, PLAIN_ALTERNATIVES)
        shaped = self._manners.shaped(body)
        text = min(most, request.max_tokens)
        return Prepared("/chat/completions", shaped, estimate, most, text, yields=True)

    def read(self, chunk: object, request: Request) -> tuple[list[Piece], Usage | None]:
        """One piece a chunk; its log probability is that of all its tokens."""
        chat = ChatChunk.model_validate(chunk)
        pieces: list[Piece] = []
        for choice in (chat.choices or [])[:1]:
            finish = finish_of(self._connection.model, choice.finish_reason)
            told = (choice.logprobs.content if choice.logprobs else None) or []
            tops = told[0].top_logprobs if len(told) == 1 else []
            pieces.append(
                Piece(
                    (choice.delta.content if choice.delta else None) or "",
                    logprob=sum(token.logprob for token in told) if told else None,
                    alternatives=tuple((top.token, top.logprob) for top in tops[: request.logprobs]),
                    finish=finish,
                    thought=choice.delta.thought if choice.delta else "",
                )
            )
        return pieces, chat.usage

    def opening(self, prefix: str, text: str) -> str:
        """A new turn starts with a bare word; the space before it is put back."""
        return joint(prefix, text) + text


def joint(prefix: str, text: str) -> str:
    """The space that a plain server's continuation lacks: it starts a new turn with a bare word."""
    if not prefix or not text or prefix[-1].isspace() or not text[0].isalnum():
        return ""
    last = prefix[-1]
    spaced = last in "…”’" or (ord(last) < 0x2E80 and last not in OPEN_ENDS)
    return " " if spaced and ord(text[0]) < 0x2E80 else ""


def _with_prefix(messages: Sequence[Message], prefix: str) -> list[dict[str, str]]:
    turns = turns_of(messages)
    prefix = CLOSED_THINK.sub("", prefix)
    if prefix:
        turns += [{"role": "assistant", "content": prefix}, {"role": "user", "content": GO_ON}]
    return turns
