"""Drafted texts put into a library as the writer process would, where a test needs no real model."""

from __future__ import annotations

from engine.store import versions
from engine.store.library import Library
from engine.store.schema import Version

PROMPT = {
    "parts": [],
    "messages": [{"role": "user", "content": "Write “The rope” in 9 words."}],
    "context": 2048,
    "answer_reserve": 500,
}


def drafted(
    library: Library, section: str, text: str, origin: str = "draft", job: str | None = None
) -> Version:
    """A finished draft of a section."""
    version = versions.open_draft(library, section, origin, "tiny", 7, {}, PROMPT, job, target_words=9)
    versions.append(library, [(version.id, "text", text)])
    words = len(text.split())
    return versions.seal(library, version.id, "complete", words, keep_current=origin == "variant")
