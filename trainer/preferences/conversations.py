"""Chats in preference files: which messages are the prompt, and which one is the answer.

Knows no column names and no file. Called by `trainer.preferences.columns`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from engine.backends.protocol import Message, Role
from engine.errors import BadInput
from engine.store.feedback import LARGEST_TEXT
from trainer.preferences.record import request_of

Chat = tuple[Message, ...]

_ROLES: dict[str, Role] = {"system": "system", "user": "user", "assistant": "assistant"}

_BEFORE_ANSWERS = ("Assistant:", "\n\n")


@dataclass(frozen=True)
class Asked:
    """A prompt: its text, and the messages when it came as a chat."""

    text: str
    messages: Chat = ()

    @classmethod
    def in_chat(cls, messages: Chat) -> Asked:
        """The prompt that a chat ends with. Raises BadInput when the last word is not the user's."""
        if not messages or messages[-1].role != "user":
            raise BadInput("The prompt does not end with a message of the user.")
        return cls(request_of(messages), messages)


def messages_of(value: list[Any], name: str) -> Chat:
    """The messages of a JSON list. Raises BadInput."""
    # Converted sets often keep a place for a system message that nobody wrote.
    said = [one for one in value if one != {"role": "system", "content": ""}]
    if not said:
        raise BadInput(f"The {name} is an empty list of messages.")
    return tuple(_message(one, name) for one in said)


def _message(one: object, name: str) -> Message:
    if not isinstance(one, dict) or (content := _content(one.get("content"))) is None:
        raise BadInput(f"The {name} holds something that is no message with a role and a content.")
    role = _ROLES.get(str(one.get("role")))
    if role is None:
        raise BadInput(
            f"The {name} holds a message that is of neither the system, the user nor the assistant."
        )
    if not content.strip():
        raise BadInput(f"The {name} holds an empty message.")
    if "\0" in content:
        raise BadInput(f"The {name} holds characters that no text has.")
    if len(content.encode("utf-8", "replace")) > LARGEST_TEXT:
        raise BadInput(f"The {name} holds a message larger than {LARGEST_TEXT >> 20} MB.")
    return Message(role, content)


def _content(value: object) -> str | None:
    """A message's text, also where it comes in parts, as OpenAI's chats have it."""
    if isinstance(value, list) and all(
        isinstance(part, dict) and part.get("type") == "text" for part in value
    ):
        return "".join(str(part.get("text", "")) for part in value)
    return value if isinstance(value, str) else None


def shared_beginning(chosen: str, rejected: str) -> str:
    """The prompt that two whole texts begin with (TRL's implicit prompt): up to the last `Assistant:` or
    blank line that they have in common. Raises BadInput where they have none."""
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(chosen, rejected, strict=False))
    shared = "".join(sign for sign, _ in alike)
    ends = (shared.rfind(mark) + len(mark) for mark in _BEFORE_ANSWERS if mark in shared)
    end = max(ends, default=0)
    if not shared[:end].strip():
        raise BadInput("There is no prompt, and the two texts do not begin with one.")
    return shared[:end]


def shared_prompt(chosen: Chat, rejected: Chat) -> Chat:
    """What two whole conversations have in common before their last answers."""
    shared: list[Message] = []
    for one, other in zip(chosen[:-1], rejected[:-1], strict=False):
        if one != other:
            break
        shared.append(one)
    if not shared:
        raise BadInput("The chosen and the rejected conversation do not begin with the same prompt.")
    return tuple(shared)


def answer_in(given: str | Chat, asked: Asked, name: str) -> tuple[str, Asked]:
    """The answer in a text, in a single message, or at the end of a conversation; and what was asked,
    which a conversation may tell more exactly than the prompt as text. Raises BadInput."""
    if isinstance(given, str):
        return given, asked
    *before, last = given
    if last.role != "assistant":
        raise BadInput(f"The {name} conversation does not end with an answer.")
    if not before:
        return last.content, asked
    if asked.messages:
        if tuple(before) != asked.messages:
            raise BadInput(f"The {name} conversation does not begin with the prompt and end with one answer.")
        return last.content, asked
    told = Asked.in_chat(tuple(before))
    if all(message.content.strip() != asked.text.strip() for message in before):
        raise BadInput(f"The {name} conversation does not hold the prompt.")
    # One question alone says no more than the prompt as text does.
    return last.content, asked if len(before) == 1 else told
