"""What the tests of this room share: the tricky texts and a way to make a manuscript of a text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from exports.blocks import blocks_of
from exports.model import Block, Manuscript, Section

FIXTURES = sorted(Path(__file__).with_name("fixtures").glob("*.md"))
CONTROLS = (
    "A bell\x07 and a null\x00 and an escape\x1b[31m here,\x0ba vertical tab,\x0ca page\x85end "
    "\ud800 \uffff\ufeff."
)


def manuscript(markdown: str, kind: str = "novel", language: str = "en") -> Manuscript:
    """Two chapters; the text in question is the second section of the first."""
    sections = (
        Section(0, "The Arrival"),
        Section(1, "Wind", "The wind came first."),
        Section(1, "Salt", markdown),
        Section(0, "The Leaving", "Nobody waved."),
    )
    return Manuscript("The Salt Road", kind, language, sections, 1234, "M. Aldana", "2026-10-12")


def blocks(markdown: str, **how: str) -> Sequence[Block]:
    """The blocks of such a manuscript."""
    return blocks_of(manuscript(markdown, **how))
