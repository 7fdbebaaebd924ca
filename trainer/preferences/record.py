"""One preference: for this request the writer would rather have this text than that one.

A plain value without a library behind it. Made by `collect` and `jsonl`; read by the reward model, the
verdict and the run. Two records with the same `group` are about one section, or were asked of the same
prompt, and never stand on both sides of a split (`splits`).
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from engine.backends.protocol import Message


@dataclass(frozen=True)
class PreferenceRecord:
    """`chosen` over `rejected`; for a tie the two are in no order. `messages` is what the model saw, empty
    when only the request as text is known. `node_id`: the section it is about, where there is one.
    `weight` in (0, 1] is how far the signal can be trusted."""

    id: str
    prompt: str
    messages: tuple[Message, ...]
    chosen: str
    rejected: str
    tie: bool = False
    source: str = "ab"
    project_id: str | None = None
    created_at: float = 0.0
    weight: float = 1.0
    node_id: str | None = None

    @property
    def group(self) -> str:
        """What it is about (`group_of`)."""
        return group_of(self.prompt, self.node_id)

    @property
    def conversation(self) -> tuple[Message, ...]:
        """What a model is asked with: the messages it saw, or else the request as one."""
        return self.messages or (Message("user", self.prompt),)


def group_of(prompt: str, node_id: str | None) -> str:
    """The section, or else the prompt, as 16 hexadecimal digits.

    Each draft of a section has a prompt of its own, since the text before the section is part of it; two
    drafts are texts for one request all the same.
    """
    return prompt_group(prompt) if node_id is None else _digest(["section", node_id])


def prompt_group(prompt: str) -> str:
    """The group of a prompt; the same for prompts that differ in case, spacing or width of signs only."""
    plain = " ".join(unicodedata.normalize("NFKC", prompt).casefold().split())
    return _digest([plain])


def content_key(group: str, chosen: str, rejected: str, tie: bool) -> str:
    """The same for two records of a group that say the same; the order of the texts is free in a tie."""
    texts = sorted((chosen, rejected)) if tie else [chosen, rejected]
    return _digest([group, *(text.strip() for text in texts), "tie" if tie else "over"])


def request_of(messages: Sequence[Message]) -> str:
    """The request in a chat, as text: its one user message, or all turns but the system's, in order."""
    turns = [message for message in messages if message.role != "system"]
    return "\n\n".join(message.content for message in turns)


def _digest(parts: Sequence[str]) -> str:
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "replace")
        whole.update(len(data).to_bytes(8, "big") + data)
    return whole.hexdigest()[:16]
