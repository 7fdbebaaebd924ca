"""Rows of the outline that a model writes out, as its prompt showed them: "2 The storm".

A small model that has seen an outline goes on with it, at first in its very words, then in its own ("3 The
other sides", "4 A family"). Only the form of the prompt counts, a number without a stop: "2. Costs" is an
item of a list. Knows nothing of lines as they stream. Used by `hygiene`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from engine.text.segmenting import ends_sentence

MOST_CHARACTERS = 60
"""Of a row that goes on with an outline in words of its own."""
FEWEST_ROWS = 2
"""In one line; a single title behind a number may be prose ("in 2 The Harbour was sold")."""

_ROW = re.compile(r"^\W*(\d{1,2})(?:\.\d{1,2})*\s+(?=\D)")
_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,2})*\s+(?=\D)")
_LONE = re.compile(r"[-*\s]*\d{1,2}(?:\.\d{1,2})*\.?\s*")
_OWN_NUMBER = re.compile(r"(?:\d{1,2} )+")


def unnumbered(said: str) -> str:
    """A bare title without the numbers in front of it: a writer's outline may bring its own ("2.1 Cultures"),
    and a model gives it others."""
    return said[number.end() :] if (number := _OWN_NUMBER.match(said)) else said


class OutlineEcho:
    """`titles`: those of the outline, each as `bare` makes it."""

    def __init__(self, titles: Collection[str], bare: Callable[[str], str]) -> None:
        self._titles, self._bare = titles, bare
        self._last: int | None = None

    def is_row(self, line: str) -> bool:
        """Whether a whole line is a row of the outline or goes on with one, or is nothing but its number."""
        if _LONE.fullmatch(line):
            return True
        row = _ROW.match(line)
        if row is None:
            self._last = None
            return False
        known = self._bare(line[row.end() :]) in self._titles
        short = len(line) <= MOST_CHARACTERS and not ends_sentence(line)
        if not known and not (short and self._goes_on(row)):
            return False
        self._last = int(row[1])
        return True

    def is_list(self, line: str) -> bool:
        """Whether a line begins to tell the outline in one go."""
        said = self._bare(line)
        found = [number for number in _NUMBER.finditer(said) if self._titled(said[number.end() :])]
        return len(found) >= FEWEST_ROWS

    def without_number(self, line: str) -> str:
        """A sentence that got the number of the next row loses it."""
        row = _ROW.match(line)
        goes_on = row is not None and self._goes_on(row)
        self._last = None
        return line[row.end() :] if row is not None and goes_on else line

    def _goes_on(self, row: re.Match[str]) -> bool:
        return self._last is not None and int(row[1]) - self._last in (0, 1)

    def _titled(self, rest: str) -> bool:
        return any(rest.startswith(f"{title} ") or rest == title for title in self._titles)
