"""What the stream and the backend need to know of a kind of server, and what both kinds share.

Two dialects implement it: `vllm` and `plain`. A dialect writes requests and reads chunks; it knows
nothing of threads and queues. Called by `engine.backends.openai_api` and `stream`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from engine.backends.protocol import Message, Request
from engine.backends.server.chunks import Usage
from engine.backends.server.text import Piece
from engine.errors import PromptTooLong

DialectName = Literal["vllm", "plain"]


@dataclass(frozen=True)
class Prepared:
    """A request as it will be sent: the path below the address, the body, what it will cost.

    `max_tokens` is asked for, `text_tokens` of them for the text itself; the rest is for a model that thinks
    by itself. `yields`: what the server refuses of it may be exchanged or left out (`manners`)."""

    path: str
    body: dict[str, Any]
    prompt_tokens: int
    max_tokens: int
    text_tokens: int
    yields: bool = False


class Dialect(Protocol):
    """One way of talking to a server. The first three are `protocol.Backend`'s of the same names."""

    def tokenize(self, text: str) -> list[int] | None:
        """Token ids, None where the server does not tell."""
        ...

    def count_tokens(self, text: str) -> int:
        """Tokens of `text` without template."""
        ...

    def prompt_tokens(self, messages: Sequence[Message], prefix: str) -> int:
        """Tokens of the whole prompt."""
        ...

    def prepare(self, request: Request) -> Prepared:
        """Write the request. Raises `PromptTooLong` when not one token of answer fits."""
        ...

    def read(self, chunk: object, request: Request) -> tuple[list[Piece], Usage | None]:
        """Read a chunk. Raises `pydantic.ValidationError` for what is none."""
        ...

    def opening(self, prefix: str, text: str) -> str:
        """The first text of an answer as it goes on from `prefix`."""
        ...


def estimate_tokens(text: str) -> int:
    """Tokens of `text` in a model that cannot be asked: never fewer than byte-level tokenizers
    make of prose. One token for 2.5 ASCII characters, one for each UTF-8 byte beyond (such
    tokenizers fall back to bytes)."""
    beyond = sum(len(char.encode("utf-8", "surrogatepass")) for char in text if ord(char) > 127)
    plain = sum(1 for char in text if ord(char) <= 127)
    return math.ceil(plain / 2.5) + beyond


def turns_of(messages: Sequence[Message]) -> list[dict[str, str]]:
    """The messages as the protocol writes them."""
    return [{"role": message.role, "content": message.content} for message in messages]


def room(model: str, prompt: int, context: int, wanted: int) -> int:
    """Tokens of answer that fit behind the prompt, `wanted` at most."""
    if prompt >= context:
        raise PromptTooLong(
            f"The prompt ({prompt:,} tokens) leaves no room for an answer: "
            f"“{model}” holds {context:,} tokens."
        )
    return min(wanted, context - prompt)
