"""What changed from one text to another, word by word.

The pieces keep all white space: `same` and `removed` joined are the old text, `same` and `added`
joined the new one. Called by the page that compares versions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from engine.text.counting import CJK

Kind = Literal["same", "added", "removed"]

_TOKEN = re.compile(rf"\s+|[{CJK}]|[^\W_]+(?:['’-][^\W_]+)*|[^\w\s]|_")
_SENTENCE = re.compile(r"\s+|\S.*?(?:[.!?…][\"'”’)]*\s+|[。！？]+[”’」』）]*|\n+|\Z)", re.DOTALL)
_EXACT_UP_TO = 400  # tokens; above, difflib's speed-up for frequent tokens is worth its coarseness


@dataclass(frozen=True)
class Change:
    """A stretch of text that both versions have, or only one of them."""

    kind: Kind
    text: str


def word_diff(old: str, new: str) -> list[Change]:
    """The changes that lead from `old` to `new`, in reading order; neighbours differ in kind.

    Where both happen at one place, `removed` comes before `added`.
    """
    changes: list[Change] = []
    for same, was, becomes in _aligned(_SENTENCE.findall(old), _SENTENCE.findall(new)):
        if same:
            changes.append(Change("same", was))
        else:
            changes.extend(_within(was, becomes))
    return _merged(changes)


def _within(old: str, new: str) -> Iterator[Change]:
    for same, was, becomes in _aligned(_TOKEN.findall(old), _TOKEN.findall(new)):
        if same:
            yield Change("same", was)
        else:
            yield Change("removed", was)
            yield Change("added", becomes)


def _aligned(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, str, str]]:
    """Runs `(same, old text, new text)` that cover both sequences; none is the same for a blank alone."""
    autojunk = max(len(old), len(new)) > _EXACT_UP_TO
    for tag, i1, i2, j1, j2 in SequenceMatcher(str.isspace, old, new, autojunk).get_opcodes():
        yield tag == "equal", "".join(old[i1:i2]), "".join(new[j1:j2])


def _merged(changes: Sequence[Change]) -> list[Change]:
    """Join neighbours; a blank kept between two changes goes with them, so that they read as one."""
    result: list[Change] = []
    removed = added = ""
    pending = ""  # white space that both versions have, behind an open change

    def close() -> None:
        nonlocal removed, added, pending
        result.extend(c for c in (Change("removed", removed), Change("added", added)) if c.text)
        if pending:
            result.append(Change("same", pending))
        removed = added = pending = ""

    for change in changes:
        if change.kind == "same":
            if (removed or added) and not pending and change.text.isspace():
                pending = change.text
                continue
            same = pending + change.text
            pending = ""
            close()
            if result and result[-1].kind == "same":
                same = result.pop().text + same
            result.append(Change("same", same))
        elif change.text:
            removed, added = removed + pending, added + pending
            pending = ""
            if change.kind == "removed":
                removed += change.text
            else:
                added += change.text
    close()
    return result
