"""What a section starts with when it goes on from a text that is there already.

A version that was being written goes on as it stands. A new one begins with the text that it goes on
from, whole, and keeps it (`SectionTask.kept`): a person's text as it was typed, a draft's with its
paragraphs set apart, as they would have been at its end. Called by `engine.jobs.worklist`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.drafting.hygiene import set_apart
from engine.store import versions
from engine.store.library import Library
from engine.store.schema import DRAFTED, Version


@dataclass(frozen=True)
class Beginning:
    """Text and thinking to go on from; the first `kept` characters of the text are not to be changed."""

    text: str = ""
    think: str = ""
    kept: int = 0


def begin(
    library: Library, history: Mapping[str, Version], going_on: Version | None, after: Version | None
) -> Beginning:
    """Where a section starts: in the open version `going_on`, as the successor of `after`, or from nothing.

    `history`: all versions of the section by id.
    """
    if going_on is not None:
        stored = versions.text_of(library, going_on.id)
        parent = history.get(going_on.parent_id or "")
        kept = len(_as_begun_with(library, history, parent)) if parent else 0
        return Beginning(stored.text, stored.think, kept)
    if after is None:
        return Beginning()
    text = _as_begun_with(library, history, after)
    return Beginning(text, versions.text_of(library, after.id).think, len(text))


def _as_begun_with(library: Library, history: Mapping[str, Version], version: Version) -> str:
    text = versions.text_of(library, version.id).text
    return set_apart(text, _persons_share(library, history, version)) if version.origin in DRAFTED else text


def _persons_share(library: Library, history: Mapping[str, Version], version: Version) -> int:
    """How much of a draft, at its beginning, is a person's text that it went on from."""
    seen: Version | None = version
    while seen is not None and seen.origin in DRAFTED:
        seen = history.get(seen.parent_id or "")
    return len(versions.text_of(library, seen.id).text.rstrip()) if seen else 0
