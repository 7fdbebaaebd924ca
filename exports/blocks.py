"""Manuscript -> one list of blocks. Every writer renders this list and nothing else.

Each section is parsed by itself, so that an unclosed fence in one cannot swallow the next. Titles of
the outline are plain text; headings inside a section's text come below its title; a heading inside a
quote or a list is a paragraph in bold, so that it cannot enter the table of contents. Rules for prose:
`---` under a line is a scene break, not a heading; a number that neither begins at 1 nor goes on from
the list before (`1986. A great year`) is text, not a list; line ends stay, unless a program filled columns;
a paragraph keeps the ideographic spaces that indent it.
Raises `ExportError` if any character of a section would be missing from its blocks.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from engine.errors import ExportError
from exports.commonmark import Node, addresses, parse
from exports.inlines import inlines_of, merged, on_one_line
from exports.line_ends import is_filled
from exports.model import (
    DEEPEST_HEADING,
    Alignment,
    Block,
    Code,
    Heading,
    Inlines,
    ListBlock,
    Manuscript,
    Paragraph,
    Quote,
    Run,
    SceneBreak,
    Section,
    Table,
    TitlePage,
    plain_text,
)

_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# What XML 1.0 cannot hold, and the byte order mark. None of it is ever seen on a page.
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\ud800-\udfff\ufeff\ufffe\uffff]")
_ENTITY = re.compile(r"&#?\w+;")
_FIRST_YEAR = 1000


def blocks_of(manuscript: Manuscript) -> list[Block]:
    """The whole manuscript as blocks, the title page first. A text of one section that is called like the
    manuscript has its title once."""
    title = one_line(manuscript.title)
    blocks: list[Block] = [TitlePage(title, one_line(manuscript.author), manuscript.words, manuscript.date)]
    for section in manuscript.sections:
        lone = len(manuscript.sections) == 1 and one_line(section.title) == title
        blocks += blocks_of_section(replace(section, title="") if lone else section)
    return blocks


def blocks_of_section(section: Section) -> list[Block]:
    """Its heading, if it has a title, and its text."""
    level = min(section.depth + 1, DEEPEST_HEADING)
    title = one_line(section.title)
    head: list[Block] = [Heading(level, (Run(title),))] if title else []
    return head + blocks_of_markdown(section.markdown, below=level, name=title)


def blocks_of_markdown(markdown: str, below: int = 0, name: str = "") -> list[Block]:
    """The blocks of one text; its largest heading comes one level under `below`."""
    source = printable(markdown)
    reader = _Reader(below)
    tree = parse(source)
    blocks = reader.read(tree)
    lost = _lost(source, blocks, [*reader.numbers, *addresses(tree)])
    if lost:
        message = f"The section “{name}” cannot be exported without losing “{lost}”; change that place."
        raise ExportError(message)
    return blocks


def printable(text: str) -> str:
    """`text` with `\\n` as its only line end and without characters that no file format can hold."""
    return _UNSEEN.sub("", _LINE_ENDS.sub("\n", text))


def one_line(text: str) -> str:
    """A title: plain text on one line."""
    return " ".join(printable(text).split())


class _Reader:
    """Turns the syntax tree of one section into blocks. `numbers`: list numbers as they were written."""

    def __init__(self, below: int) -> None:
        self.numbers: list[str] = []
        self._below = below
        self._top = 1
        self._next_number = 1

    def read(self, root: Node) -> list[Block]:
        levels = [int(node.token.tag[1]) for node in root.children if node.kind == "heading"]
        self._top = min(levels, default=1)
        return list(self._blocks(root))

    def _blocks(self, parent: Node) -> Iterator[Block]:
        for node in parent.children:
            match node.kind:
                case "paragraph":
                    if content := _content(node):
                        yield Paragraph(content)
                case "heading":
                    yield from self._heading(node, inside=parent.kind != "root")
                case "hr":
                    yield SceneBreak()
                case "fence":
                    yield Code(node.token.content.removesuffix("\n"), " ".join(node.token.info.split()))
                case "blockquote":
                    yield Quote(tuple(self._blocks(node)))
                case "bullet_list" | "ordered_list":
                    yield from self._list(node)
                case "table":
                    yield _table(node)
                case unknown:
                    raise AssertionError(f"a block that no rule makes: {unknown}")

    def _heading(self, node: Node, inside: bool) -> Iterator[Block]:
        content = _content(node)
        if node.token.markup == "-":
            if content:
                yield Paragraph(content)
            yield SceneBreak()
        elif not content:
            yield SceneBreak()
        elif inside:
            yield Paragraph(
                merged(replace(run, strong=True) if isinstance(run, Run) else run for run in content)
            )
        else:
            level = self._below + 1 + int(node.token.tag[1]) - self._top
            yield Heading(min(level, DEEPEST_HEADING), on_one_line(content))

    def _list(self, node: Node) -> Iterator[Block]:
        tight = _is_tight(node)
        if node.kind == "bullet_list":
            yield ListBlock(False, 1, tight, tuple(tuple(self._blocks(item)) for item in node.children))
            return
        for items in _counted_groups(node.children):
            start = int(items[0].token.info)
            if start >= _FIRST_YEAR or (len(items) == 1 and start not in (0, 1, self._next_number)):
                for item in items:
                    yield from self._prose_item(item)
                continue
            self.numbers += [item.token.info for item in items]
            blocks = tuple(tuple(self._blocks(item)) for item in items)
            self._next_number = start + len(items)
            yield ListBlock(True, start, tight, blocks)

    def _prose_item(self, item: Node) -> Iterator[Block]:
        number = f"{item.token.info}{item.token.markup}"
        blocks = list(self._blocks(item))
        if blocks and isinstance(blocks[0], Paragraph):
            yield Paragraph(merged([Run(f"{number} "), *blocks[0].content]))
            blocks = blocks[1:]
        else:
            yield Paragraph((Run(number),))
        yield from blocks


def _counted_groups(items: Iterable[Node]) -> Iterator[list[Node]]:
    """Items that count on (1, 2, 3) or stand still (1, 1, 1); any other number begins a new group."""
    group: list[Node] = []
    for item in items:
        if group and int(item.token.info) - int(group[-1].token.info) not in (0, 1):
            yield group
            group = []
        group.append(item)
    yield group


def _is_tight(node: Node) -> bool:
    return all(
        child.token.hidden for item in node.children for child in item.children if child.kind == "paragraph"
    )


def _table(node: Node) -> Table:
    rows = [[_content(cell) for cell in row.children] for part in node.children for row in part.children]
    width = max(len(row) for row in rows)
    padded = [tuple(row) + ((),) * (width - len(row)) for row in rows]
    align = [_alignment(cell) for cell in node.children[0].children[0].children]
    return Table(tuple(align + [""] * (width - len(align))), padded[0], tuple(padded[1:]))


def _alignment(cell: Node) -> Alignment:
    match str(cell.token.attrs.get("style", "")).removeprefix("text-align:"):
        case "left":
            return "left"
        case "center":
            return "center"
        case "right":
            return "right"
    return ""


def _content(node: Node) -> Inlines:
    """The inline content of a paragraph, heading or cell."""
    if not node.children:
        return ()
    inline = node.children[0].token
    is_paragraph = node.kind == "paragraph" or node.token.markup == "-"
    return inlines_of(inline.children or [], filled=not is_paragraph or is_filled(inline.content))


def _lost(source: str, blocks: Iterable[Block], unseen: Iterable[str]) -> str:
    """Characters of `source` that are neither in the blocks nor `unseen` nor ASCII markup, a sample of them.

    Characters, not words, because emphasis inside a word moves the borders of words. An entity
    (`&eacute;`) is read as one character, so the letters of its name may be gone.
    """
    kept = Counter("".join(_everything(blocks)) + "".join(unseen))
    missing = Counter(source) - kept
    for character in string.punctuation + string.whitespace:
        missing.pop(character, None)
    missing -= Counter("".join(_ENTITY.findall(source)))
    return "".join(character for character in missing if not character.isspace())[:40]


def _everything(blocks: Iterable[Block]) -> Iterator[str]:
    """Every text that the blocks hold."""
    for block in blocks:
        match block:
            case Heading(content=content) | Paragraph(content=content):
                yield plain_text(content)
            case Quote(blocks=inner):
                yield from _everything(inner)
            case ListBlock(items=items):
                for item in items:
                    yield from _everything(item)
            case Code(text=text, language=language):
                yield from (text, language)
            case Table(header=header, rows=rows):
                for cell in (cell for row in (header, *rows) for cell in row):
                    yield plain_text(cell)
