"""How one server wants to be asked, found out by asking it: what every request of a backend shares.

Servers differ in what they take of the standard chat request, and none tells before it is asked: OpenAI's
o-series and gpt-5 refuse `max_tokens` and any temperature but their own, Mistral and Gemini refuse `seed`,
LM Studio refuses a system turn where the model's template knows none. Whatever a refusal names is exchanged
or left out from then on, for as long as the connection lives. Knows nothing of streams; written to in the
connection's thread alone. Called by `plain`, `stream` and `engine.backends.openai_api`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.backends.prompting import system_into_user
from engine.backends.protocol import Message
from engine.backends.server.errors import names_overflow

REFUSING = (400, 422)
MAY_BE_DROPPED = (
    "seed",
    "stream_options",
    "logprobs",
    "top_logprobs",
    "frequency_penalty",
    "presence_penalty",
    "top_p",
    "temperature",
    "stop",
)
"""The most expendable first: one goes at a time, since Anthropic's service refuses `temperature` and `top_p`
only where both are there. Stop strings are found on this side, too."""
TOGETHER = {"logprobs": ("top_logprobs",), "top_logprobs": ("logprobs",)}
ROLES = re.compile(r"\broles?\b|\bsystem (?:prompt|message|turn|instruction)|\bdeveloper instruction")
"""“Only user and assistant roles are supported!”, “System role not supported”, and Gemini's word for it."""
THINKING_ROOM = 4096
"""Tokens that a server's model may think before it writes what was asked for."""


@dataclass
class Manners:
    """What was found out. `thinks`: its model was seen thinking by itself, which counts against
    `max_tokens`. `only_thought`: the last answer spent all of its room on that."""

    dropped: set[str] = field(default_factory=set)
    folds_system: bool = False
    says_completion_tokens: bool = False
    thinks: bool = False
    only_thought: bool = False

    @property
    def takes_seed(self) -> bool:
        """Whether a seed can be sent; where not, no text comes the same twice."""
        return "seed" not in self.dropped

    def room_wanted(self, tokens: int) -> int:
        """What to ask for where an answer shall have `tokens`."""
        return tokens + THINKING_ROOM if self.thinks else tokens

    def turns(self, messages: Sequence[Message]) -> Sequence[Message]:
        """The messages in the roles that the server takes."""
        return system_into_user(messages) if self.folds_system else messages

    def shaped(self, body: dict[str, Any]) -> dict[str, Any]:
        """`body` in the fields that the server takes."""
        kept = {name: value for name, value in body.items() if name not in self.dropped}
        if self.says_completion_tokens:
            kept["max_completion_tokens"] = kept.pop("max_tokens")
        return kept

    def learn(self, status: int, said: str, sent: dict[str, Any]) -> bool:
        """Whether the refusal of `sent` names something in it that can be asked otherwise; then it is
        remembered. Each True takes something away, so asking again comes to an end."""
        if status not in REFUSING or names_overflow(said):
            return False
        said = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", said).lower()  # xAI: presencePenalty
        if "max_tokens" in sent and _names(said, "max_completion_tokens"):
            # Only models that think are asked so; OpenAI's do it out of sight.
            self.says_completion_tokens = self.thinks = True
            return True
        named = next((name for name in MAY_BE_DROPPED if name in sent and _names(said, name)), None)
        if named is not None:
            self.dropped.update((named, *TOGETHER.get(named, ())))
            return True
        if ROLES.search(said) and any(turn["role"] == "system" for turn in sent["messages"]):
            self.folds_system = True
            return True
        return False


def _names(said: str, field_name: str) -> bool:
    """Whether the words of a server hold the name of a field as a word of its own."""
    return re.search(rf"(?<![a-z0-9_]){field_name}(?![a-z0-9_])", said) is not None
