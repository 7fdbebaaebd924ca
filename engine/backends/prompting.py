"""What every backend that builds a prompt itself does to it, so that a model is asked alike everywhere.

Knows no template and no tokens. Called by the llama.cpp backend and by the dialect of vLLM servers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.backends.protocol import Message


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
