"""What every backend that builds a prompt itself does to it, so that a model is asked alike everywhere.

Knows no template and no tokens. Called by the llama.cpp backend and by the dialect of vLLM servers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.backends.protocol import Message

_OPENED = ("", "<think>", "<think>\n", "<think>\n\n")
_CLOSED = ("", "</think>", "</think>\n", "</think>\n\n")
THINK_ENDS = tuple(
    sorted((begin + end for begin in _OPENED for end in _CLOSED if begin + end), key=len, reverse=True)
)
"""How a template may end the prompt by itself: thinking opened (MiniMax-M2), closed at once (Qwen3.5 without
thinking, DeepSeek-V3.1) or only closed (DeepSeek-V4). It is left off: the request's prefix decides whether a
model thinks, and behind a pair of the template's a second one would stand. The longest first."""


def without_think_end(prompt: str) -> str:
    """`prompt` without the thinking that its template opened or closed."""
    ends = (end for end in THINK_ENDS if prompt.endswith(end))
    return prompt.removesuffix(next(ends, ""))


def system_into_user(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The system turns at the front of the first other turn, for templates that know no system."""
    said = [message.content for message in messages if message.role == "system"]
    rest = [message for message in messages if message.role != "system"]
    if not said:
        return tuple(messages)
    if not rest:
        return (Message("user", "\n\n".join(said)),)
    return (replace(rest[0], content="\n\n".join([*said, rest[0].content])), *rest[1:])


def without_last_space(prefix: str) -> str:
    """`prefix` without a single space at its end, which the model writes again with the next word: words
    carry their space in front."""
    alone = prefix.endswith(" ") and not prefix.endswith("  ") and len(prefix) > 1
    return prefix[:-1] if alone else prefix
