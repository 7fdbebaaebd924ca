"""How each style of a Word file looks, as plain values.

Names are Word's and pandoc's own where they have one. Knows nothing of XML: `docx_styles` writes these looks
into a document.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from exports.model import ExportOptions

LIST_STEP = 425
"""In twentieths of a point; so are all lengths of `w:` attributes."""
QUOTE_STEP = 567
BULLETS, NUMBERS = 1, 2
CM = 567
_INK = "1F2A44"
_LINK = "1F4E79"


@dataclass(frozen=True, slots=True)
class Look:
    """How a style looks; sizes and spaces in points, indents in twentieths. None and "" inherit."""

    size: float | None = None
    bold: bool = False
    italic: bool = False
    colour: str = ""
    font: str = ""
    align: Literal["", "center", "end"] = ""
    before: float = 0
    after: float = 0
    lines: float = 1
    left: float = 0
    right: float = 0
    first_line: float = 0
    keep_with_next: bool = False
    page_break: bool = False
    tab: bool = False
    numbering: tuple[int, int] | None = None


def looks(options: ExportOptions) -> Iterator[tuple[str, Look]]:
    """Paragraph styles by name."""
    body = Look(lines=options.line_spacing, after=options.space_after)
    quote = replace(body, left=QUOTE_STEP, right=QUOTE_STEP)
    yield "Body Text", body
    yield "Body Text First Indent", replace(body, first_line=options.first_line_indent_cm * CM)
    yield "Quote", quote
    yield from _front_looks(options)
    yield from _heading_looks(options)
    yield from _list_looks(replace(body, after=options.space_after / 2))
    yield "Scene Break", Look(align="center", before=12, after=12, lines=1, keep_with_next=True)
    yield (
        "Source Code",
        Look(size=options.size - 2, font="Courier New", before=4, after=10, left=QUOTE_STEP / 2),
    )
    yield "Table Text", Look(size=options.size - 1, before=2, after=2)
    yield "After Table", Look(size=options.size / 2, after=options.size / 2)
    yield "Header", Look(size=options.size - 2, align="end", colour="595959")
    yield "Footer", Look(size=options.size - 2, align="center", colour="595959")


def _front_looks(options: ExportOptions) -> Iterator[tuple[str, Look]]:
    align: Literal["", "center"] = "center" if options.centred else ""
    ink = "" if options.centred else _INK
    yield "Title", Look(size=options.size * 2.2, bold=True, align=align, before=190, after=14, colour=ink)
    yield "Author", Look(size=options.size + 2, align=align, before=10, after=6)
    yield "Subtitle", Look(size=options.size, align=align, before=6, colour="595959")
    yield (
        "TOC Heading",
        Look(size=options.size + 4, bold=True, align=align, after=14, page_break=True, colour=ink),
    )
    for level in range(1, 7):
        space = 6 if level == 1 else 2
        yield f"toc {level}", Look(before=space, after=2, left=(level - 1) * LIST_STEP, tab=True)


def _heading_looks(options: ExportOptions) -> Iterator[tuple[str, Look]]:
    heading = Look(bold=True, keep_with_next=True, colour="" if options.centred else _INK)
    if options.centred:
        chapter = replace(heading, size=options.size + 4, align="center", before=72, after=30)
        section = replace(heading, size=options.size + 1, align="center", before=24, after=12)
        rest = replace(heading, size=options.size, before=18, after=6)
    else:
        chapter = replace(heading, size=options.size + 7, before=24, after=8)
        section = replace(heading, size=options.size + 3, before=16, after=6)
        rest = replace(heading, size=options.size + 1, before=12, after=4)
    yield "Heading 1", replace(chapter, page_break=options.chapter_on_new_page)
    yield "Heading 2", section
    yield "Heading 3", rest
    for level in range(4, 7):
        yield f"Heading {level}", replace(rest, size=options.size, italic=level > 4, bold=level < 6)


def _list_looks(body: Look) -> Iterator[tuple[str, Look]]:
    for level, end in enumerate(("", " 2", " 3")):
        yield f"List Bullet{end}", replace(body, numbering=(BULLETS, level))
        yield f"List Number{end}", replace(body, numbering=(NUMBERS, level))
        yield f"List Continue{end}", replace(body, left=(level + 1) * LIST_STEP)


def character_looks(options: ExportOptions) -> Iterator[tuple[str, Look]]:
    """Character styles by name."""
    yield "Strong", Look(bold=True)
    yield "Emphasis", Look(italic=True)
    yield "Hyperlink", Look(colour=_LINK)
    yield "Verbatim Char", Look(font="Courier New", size=options.size - 1)
