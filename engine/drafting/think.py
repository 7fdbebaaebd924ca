"""Thinking and text told apart while they stream.

A model that thinks writes `<think>…</think><answer>…</answer>`. Tags arrive in pieces; the parser
holds back only what may still become a tag. It knows nothing of requests. Used by `section`.
"""

from __future__ import annotations

from engine.drafting.task import Channel

THINK_OPEN, THINK_CLOSE = "<think>", "</think>"
ANSWER_OPEN, ANSWER_CLOSE = "<answer>", "</answer>"
NO_THINKING = f"{THINK_OPEN}\n\n{THINK_CLOSE}\n\n"
"""In front of the answer of a model that would open its thinking by itself, as Qwen3's own template does."""
_TAGS = (THINK_OPEN, THINK_CLOSE, ANSWER_OPEN, ANSWER_CLOSE)


class ThinkAnswerParser:
    """Feed text as it comes; get `(channel, text)` pieces without tags. `channel` is where it starts."""

    def __init__(self, channel: Channel = "text") -> None:
        self._channel: Channel = channel
        self._held = ""

    def feed(self, text: str) -> list[tuple[Channel, str]]:
        """The pieces that are certain now."""
        self._held += text
        pieces: list[tuple[Channel, str]] = []
        while self._held:
            start = self._held.find("<")
            if start != 0:
                end = len(self._held) if start < 0 else start
                pieces.append((self._channel, self._held[:end]))
                self._held = self._held[end:]
                continue
            tag = next((tag for tag in _TAGS if self._held.startswith(tag)), None)
            if tag is not None:
                self._channel = "think" if tag == THINK_OPEN else "text"
                self._held = self._held[len(tag) :]
            elif any(tag.startswith(self._held) for tag in _TAGS):
                break
            else:
                pieces.append((self._channel, "<"))
                self._held = self._held[1:]
        return pieces

    def close(self) -> list[tuple[Channel, str]]:
        """What was held back, when no more text comes."""
        held, self._held = self._held, ""
        return [(self._channel, held)] if held else []


def think_prefix() -> str:
    """What the answer starts with when the plan is asked for."""
    return f"{THINK_OPEN}\n"


def answer_prefix(think: str) -> str:
    """What the answer starts with once the plan is made."""
    return f"{THINK_OPEN}\n{think.strip()}\n{THINK_CLOSE}\n{ANSWER_OPEN}\n"
