"""Blocks -> a Word file that is ready to send: real styles, title page, table of contents, page numbers.

The title page and the table of contents are a section of their own, without a page number; the text
behind them starts on page 1. The same blocks and options give the same bytes on any day.
Write-only: it renders the block list and knows nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from docx import Document
from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.xmlchemy import BaseOxmlElement
from markdown_it.common.normalize_url import normalizeLink

from engine.text.segmenting import SCENE_BREAK
from exports import docx_xml as xml
from exports.docx_frame import (
    front_pages,
    packed,
    set_behaviour,
    set_properties,
    set_running_lines,
    title_page_of,
)
from exports.docx_looks import BULLETS, LIST_STEP, NUMBERS, QUOTE_STEP
from exports.docx_styles import DEEPEST_LEVEL, TEXT_WIDTH, dress
from exports.docx_xml import make
from exports.model import (
    IDEOGRAPHIC_SPACE,
    Block,
    Break,
    Code,
    ExportOptions,
    Heading,
    Inlines,
    Link,
    ListBlock,
    Paragraph,
    Quote,
    Run,
    SceneBreak,
    Table,
    plain_text,
)

suffix: Final = ".docx"

_DEEPEST_STYLE = 3


def render(blocks: Sequence[Block], options: ExportOptions) -> bytes:
    """The whole file."""
    document = Document()
    styles = dress(document, options)
    end = document.element.body.sectPr
    for element in front_pages(document, styles, blocks, options):
        end.addprevious(element)
    for element in _Text(document, styles, options).blocks(blocks, _Place()):
        end.addprevious(element)
    page = title_page_of(blocks)
    set_running_lines(document, styles, page.title)
    set_properties(document, page, options.language)
    set_behaviour(document)
    return packed(document)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a block stands: in how many quotes and lists, and behind a paragraph or not."""

    quotes: int = 0
    lists: int = 0
    after_paragraph: bool = False

    @property
    def indent(self) -> float:
        return self.quotes * QUOTE_STEP + self.lists * LIST_STEP


class _Text:
    """The blocks of one file as elements of its body."""

    def __init__(self, document: WordDocument, styles: Mapping[str, str], options: ExportOptions) -> None:
        self._document = document
        self._styles = styles
        self._options = options
        self._lists = NUMBERS
        self._headings = 0

    def blocks(self, blocks: Sequence[Block], place: _Place) -> Iterator[BaseOxmlElement]:
        """In order; the first-line indent of a paragraph hangs on what is before it."""
        for block in blocks:
            yield from self._block(block, place)
            place = replace(place, after_paragraph=isinstance(block, Paragraph))

    def _block(self, block: Block, place: _Place) -> Iterator[BaseOxmlElement]:
        match block:
            case Heading(level=level, content=content):
                self._headings += 1
                yield self._paragraph(f"Heading {level}", content, bookmark=self._headings)
            case Paragraph(content=content):
                yield self._paragraph(self._body_style(place, content), content, place)
            case Quote(blocks=inner):
                yield from self.blocks(inner, replace(place, quotes=place.quotes + 1, after_paragraph=False))
            case ListBlock():
                yield from self._list(block, place)
            case Code(text=text):
                indent = {"left": QUOTE_STEP / 2 + place.indent}
                yield xml.paragraph(self._styles["Source Code"], xml.run(text), indent=indent)
            case Table():
                yield from self._table(block)
            case SceneBreak():
                yield self._paragraph("Scene Break", (Run(SCENE_BREAK),))

    def _body_style(self, place: _Place, content: Inlines) -> str:
        if place.lists:
            return _leveled("List Continue", place.lists - 1)
        if place.quotes:
            return "Quote"
        indents = place.after_paragraph and self._options.first_line_indent_cm > 0
        has_own = plain_text(content).startswith(IDEOGRAPHIC_SPACE)
        return "Body Text First Indent" if indents and not has_own else "Body Text"

    def _list(self, block: ListBlock, place: _Place) -> Iterator[BaseOxmlElement]:
        made = list(self._items(block, place))
        if not place.lists:
            xml.set_space_after(made[-1], self._options.space_after)
        yield from made

    def _items(self, block: ListBlock, place: _Place) -> Iterator[BaseOxmlElement]:
        level = min(place.lists, DEEPEST_LEVEL)
        number = self._new_numbers(block.start, level) if block.ordered else BULLETS
        style = _leveled("List Number" if block.ordered else "List Bullet", level)
        inside = replace(place, lists=place.lists + 1, after_paragraph=False)
        for item in block.items:
            first, rest = (
                ((), item) if not item or not isinstance(item[0], Paragraph) else (item[0].content, item[1:])
            )
            yield self._paragraph(style, first, inside, numbering=(number, level))
            yield from self.blocks(rest, inside)

    def _new_numbers(self, start: int, level: int) -> int:
        """A list of its own, so that it counts from its own start."""
        self._lists += 1
        override = make("w:lvlOverride", make("w:startOverride", val=start), ilvl=level)
        number = make("w:num", make("w:abstractNumId", val=NUMBERS), override, numId=self._lists)
        self._document.part.numbering_part.element.append(number)
        return self._lists

    def _table(self, block: Table) -> Iterator[BaseOxmlElement]:
        header = [tuple(_bold(cell)) for cell in block.header]
        rows = [
            [self._cell(cell, align) for cell, align in zip(row, block.align, strict=True)]
            for row in (header, *block.rows)
        ]
        yield xml.table(self._styles["Table Grid"], _widths(block), rows)
        # Word joins two tables that have nothing between them.
        yield xml.paragraph(self._styles["After Table"])

    def _cell(self, content: Inlines, align: str) -> BaseOxmlElement:
        cell = self._paragraph("Table Text", content)
        if align:
            cell[0].append(make("w:jc", val=align))
        return cell

    def _paragraph(
        self,
        style: str,
        content: Inlines,
        place: _Place | None = None,
        *,
        numbering: tuple[int, int] | None = None,
        bookmark: int = 0,
    ) -> BaseOxmlElement:
        runs = list(self._runs(content, upright=style.startswith("Heading")))
        return xml.paragraph(
            self._styles[style],
            *(xml.bookmarked(bookmark, runs) if bookmark else runs),
            numbering=numbering,
            indent=_indent(style, place, numbering is not None) if place else None,
            right_to_left=xml.reads_right_to_left(plain_text(content)),
        )

    def _runs(self, content: Inlines, upright: bool) -> Iterator[BaseOxmlElement]:
        def link_of(piece: Run | Break) -> Link | None:
            return piece.link if isinstance(piece, Run) else None

        for link, pieces in groupby(content, link_of):
            runs = [
                xml.styled_run(piece, self._styles, upright) if isinstance(piece, Run) else xml.run("\n")
                for piece in pieces
            ]
            if link:
                part = self._document.part
                relation = part.relate_to(
                    normalizeLink(link.url), RELATIONSHIP_TYPE.HYPERLINK, is_external=True
                )
                yield xml.external_link(relation, link.title, runs)
            else:
                yield from runs


def _leveled(style: str, level: int) -> str:
    return style if level == 0 else f"{style} {min(level, 2) + 1}"


def _indent(style: str, place: _Place, numbered: bool) -> dict[str, float] | None:
    """What the style alone does not know: quotes around lists, lists deeper than their styles."""
    if numbered:
        return {"left": place.indent, "hanging": LIST_STEP} if place.quotes else None
    if style == "Quote" and place.quotes > 1:
        return {"left": place.indent, "right": QUOTE_STEP}
    if place.lists and (place.quotes or place.lists > _DEEPEST_STYLE):
        return {"left": place.indent}
    return None


def _bold(content: Inlines) -> Iterator[Run | Break]:
    yield from (replace(piece, strong=True) if isinstance(piece, Run) else piece for piece in content)


def _widths(block: Table) -> list[float]:
    """Columns share the text width by their longest cell, none of them taking more than five of another."""
    columns = zip(block.header, *block.rows, strict=True)
    weights = [min(max(max(len(plain_text(cell)) for cell in column), 8), 40) for column in columns]
    return [TEXT_WIDTH * weight / sum(weights) for weight in weights]
