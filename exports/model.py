"""The vocabulary of the exports: what a manuscript is, and the blocks that every writer renders.

Blocks are frozen, compare by value and form a tree: quotes and lists hold blocks. Text in a block
is what a reader reads: no markup, no control characters, no raw HTML with a meaning of its own.
Knows neither Markdown nor Word nor the library.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

DEEPEST_HEADING = 6
IDEOGRAPHIC_SPACE = "\u3000"
"""What Chinese and Japanese writers indent a paragraph with, commonly two of them."""


@dataclass(frozen=True, slots=True)
class Section:
    """A node of the outline in reading order; `depth` 0 is a chapter. `markdown` is its text, if any."""

    depth: int
    title: str
    markdown: str = ""


@dataclass(frozen=True, slots=True)
class Manuscript:
    """All that leaves the library. `language` is a BCP 47 tag, `date` is ISO 8601 (`2026-10-12`)."""

    title: str
    kind: str
    language: str
    sections: tuple[Section, ...]
    words: int = 0
    author: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Where a run leads. `image`: the run is the description of a picture at `url`."""

    url: str
    title: str = ""
    image: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one look. `text` is never empty and holds no line break."""

    text: str
    strong: bool = False
    emphasis: bool = False
    strike: bool = False
    code: bool = False
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Break:
    """A line end inside a paragraph; never its first or its last piece."""


Inlines: TypeAlias = tuple[Run | Break, ...]
Alignment: TypeAlias = Literal["", "left", "center", "right"]


@dataclass(frozen=True, slots=True)
class TitlePage:
    """Always the first block. Empty fields are left out of the page; `words` of 0 as well."""

    title: str
    author: str = ""
    words: int = 0
    date: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` 1 is a chapter, 6 the deepest."""

    level: int
    content: Inlines


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    content: Inlines


@dataclass(frozen=True, slots=True)
class Quote:
    """Text of somebody else, set apart."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class ListBlock:
    """A list; every item is a sequence of blocks, nested lists included. `start` counts if `ordered`.
    `tight`: no space between the items."""

    ordered: bool
    start: int
    tight: bool
    items: tuple[tuple[Block, ...], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Verbatim text, line by line, without a last line end. `language` as named behind the fence."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Header and rows have the same number of cells."""

    align: tuple[Alignment, ...]
    header: tuple[Inlines, ...]
    rows: tuple[tuple[Inlines, ...], ...]


@dataclass(frozen=True, slots=True)
class SceneBreak:
    """A pause in the telling; shown as `* * *`."""


Block: TypeAlias = TitlePage | Heading | Paragraph | Quote | ListBlock | Code | Table | SceneBreak


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How the file looks; the defaults are a novel in standard manuscript form. Lengths in points
    unless the name says otherwise, `line_spacing` in lines.

    `contents_levels`: headings down to this level are listed in the table of contents, 0 = no table.
    `shows_words`: the title page says how long the text is, otherwise of which day it is.
    """

    language: str = "en"
    font: str = "Times New Roman"
    size: float = 12
    line_spacing: float = 2.0
    first_line_indent_cm: float = 1.27
    space_after: float = 0
    centred: bool = True
    chapter_on_new_page: bool = True
    title_page: bool = True
    contents_levels: int = 2
    shows_words: bool = True


def options_for(kind: str, language: str) -> ExportOptions:
    """The look of a kind of text: indented paragraphs for stories, spaced ones for reports."""
    if kind in ("novel", "story"):
        return ExportOptions(language=language)
    return ExportOptions(
        language=language,
        font="Arial",
        size=10.5,
        line_spacing=1.2,
        first_line_indent_cm=0,
        space_after=8,
        centred=False,
        chapter_on_new_page=False,
        contents_levels=3,
        shows_words=False,
    )


def plain_text(content: Inlines) -> str:
    """What a reader reads aloud, line by line."""
    return "".join("\n" if isinstance(piece, Break) else piece.text for piece in content)
