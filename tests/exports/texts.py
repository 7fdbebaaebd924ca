"""What the tests of this room share: the tricky texts a way to make a manuscript of a text, and pandoc."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from exports.blocks import blocks_of
from exports.model import Block, Manuscript, Section

FIXTURES = sorted(Path(__file__).with_name("fixtures").glob("*.md"))
CONTROLS = (
    "A bell\x07 and a null\x00 and an escape\x1b[31m here,\x0ba vertical tab,\x0ca page\x85end "
    "\ud800 \uffff\ufeff."
)
PLAIN_GITHUB = "gfm-autolink_bare_uris-tex_math_dollars-footnotes-task_lists-emoji"


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


def pandoc(folder: Path, written: str) -> str:
    """What pandoc makes of a Markdown file that was written: a page of HTML."""
    if shutil.which("pandoc") is None:
        pytest.skip("pandoc is not installed")
    file = folder / "book.md"
    file.write_text(written, encoding="utf-8")
    command = ["pandoc", "-f", PLAIN_GITHUB, "-t", "html", "--wrap=none", file]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
