"""What is measured of a text beside its length: how much it repeats itself, and the words of today.

Texts never change once sealed, so figures are kept by the ids of the versions they were taken from. A
section costs its own length once. A whole book is measured when a page asks, never while one
polls, and beyond `MEASURED_UNASKED` words only when the writer asks.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from typing import Any

from fastapi import APIRouter

from app.api.context import Studio
from engine.store import outline, projects, versions
from engine.store.daily import gained_since
from engine.store.outline import OutlineNode
from engine.text.repetition import measure

MEASURED_UNASKED = 60_000
"""Words; measuring them takes about a quarter of a second."""
KEPT = 512

Figures = dict[str, float]


class Measures:
    """The figures taken so far, by the versions they belong to; the oldest are forgotten."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, ...], Figures] = OrderedDict()

    def known(self, ids: tuple[str, ...]) -> Figures | None:
        """The figures of these texts, if they were taken before."""
        return self._known.get(ids)

    def of(self, ids: tuple[str, ...], text: str) -> Figures:
        """Shares (0 to 1) of sentences and of four-word phrases in `text` that repeat earlier ones."""
        if ids not in self._known:
            taken = measure(text)
            self._known[ids] = {
                "sentences": taken.duplicate_sentence_share,
                "phrases": 1 - taken.distinct_4grams,
            }
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return self._known[ids]


def routes(studio: Studio) -> APIRouter:
    """The router; mounted below /api by `app.studio`."""
    router = APIRouter()
    measures = Measures()

    @router.get("/repetition")
    def repetition(project: str, section: str = "", whole: bool = False) -> dict[str, Any]:
        rows = outline.leaves(studio.library, projects.get(studio.library, project).id)
        return {
            "section": section_figures(studio, measures, rows, section),
            "book": book_figures(studio, measures, rows, whole),
            "words": sum(row.words for row in rows),
        }

    return router


def section_figures(
    studio: Studio, measures: Measures, rows: list[OutlineNode], section: str
) -> Figures | None:
    """The figures of a section's current text; None when it has none."""
    row = next((row for row in rows if row.node.id == section), None)
    if row is None or row.node.version_id is None or not row.words:
        return None
    ids = (row.node.version_id,)
    return measures.known(ids) or measures.of(ids, versions.text_of(studio.library, ids[0]).text)


def book_figures(studio: Studio, measures: Measures, rows: list[OutlineNode], whole: bool) -> Figures | None:
    """The figures of all current texts in reading order; None without text, and for a long book that
    was not measured yet and need not be (`whole`)."""
    ids = tuple(row.node.version_id for row in rows if row.node.version_id)
    if not any(row.words for row in rows):
        return None
    known = measures.known(("book", *ids))
    if known or (sum(row.words for row in rows) > MEASURED_UNASKED and not whole):
        return known
    texts = versions.current_texts(studio.library, rows[0].node.project_id)
    return measures.of(("book", *ids), "\n\n".join(texts.get(row.node.id, "") for row in rows))


def today(studio: Studio, project_id: str) -> dict[str, int]:
    """Words that the book gained since midnight on this machine, the writer's own apart."""
    midnight = datetime.now().replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    gain = gained_since(studio.library, project_id, midnight)
    return {"words": gain.words, "own": gain.own, "drafted": gain.drafted}
