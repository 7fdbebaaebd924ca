"""The endings that a section has tried, and the one it is left with when none of them fell well.

An ending is a whole text of the section. The best is the one nearest to the aim; where even that misses
the ten percent, the running sentence is closed at a comma, or broken off behind a word. Knows the page
and the length, no models and no requests. Used by `section`.
"""

from __future__ import annotations

from engine.drafting.length_control import LengthController, is_finished
from engine.drafting.page import Page
from engine.text.counting import count_words


class Endings:
    """What a section of `page` might end with; `mark` is the full stop of its language."""

    def __init__(self, page: Page, length: LengthController, mark: str) -> None:
        self._page = page
        self._length = length
        self._mark = mark
        self._best: str | None = None

    def remember(self) -> None:
        """The best sentence end of the page as it stands is an ending, if it has any."""
        end = self._length.best()
        if end is None:
            return
        text = self._page.text[: end.position]
        if self._best is None or self._misses(text) < self._misses(self._best):
            self._best = text

    def settle(self) -> bool:
        """Give the page the ending it is left with. True: its last sentence was broken off inside."""
        best, length = self._best, self._length
        if best is not None and is_finished(count_words(best), length.target):
            self._page.become(best)
            return False
        clause = self._page.clause_end_near(length.aim, length.widest)
        broken = self._page.word_end_near(length.aim, length.widest) if clause is None else None
        position = clause if clause is not None else broken
        if position is not None:
            best = self._page.text[:position] + self._mark
        if best is not None:
            self._page.become(best)
        return broken is not None

    def _misses(self, text: str) -> int:
        return abs(count_words(text) - self._length.aim)
