"""The Markdown that writers and models write, parsed so that nothing they wrote is dropped.

CommonMark with tables, strikethrough and the emphasis of prose (`emphasis`), minus what eats prose: an
indented paragraph is a paragraph, not code; `[1]: note` is text, not an invisible link definition; HTML is
text; the cells of a table row that is longer than its header are kept, and so are the ideographic spaces
(U+3000) that indent a paragraph. Nesting deeper than `DEEPEST` is read as plain paragraphs: markdown-it would
drop it, and no page can show it (a model that loops writes such lines).
Called by `exports.blocks` and, to check its own output, by `exports.markdown`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, lheading, paragraph
from markdown_it.rules_block.table import escapedSplit, getLine, table
from markdown_it.token import Token

from exports.emphasis import prose_emphasis
from exports.model import IDEOGRAPHIC_SPACE

DEEPEST = 40
"""Levels of nesting, as markdown-it counts them: a list in a list is two more."""
_BlockRule: TypeAlias = Callable[[StateBlock, int, int, bool], bool]


class _Parser(MarkdownIt):
    """Keeps addresses as they were written; the writers encode them as their format wants it."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802
        return url

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        return link


@dataclass(slots=True)
class Node:
    """A token and what is inside of it. `kind` is its type without `_open`; of an inline token the
    children stay tokens, because emphasis may nest deeper than Python recurses."""

    kind: str
    token: Token
    children: list[Node] = field(default_factory=list)


def parse(markdown: str) -> Node:
    """The tree of one section's text; its root is of the kind `root`."""
    tokens = _parser(prose=True).parse(markdown)
    if any(token.level >= DEEPEST for token in tokens):
        tokens = _flat_parser().parse(markdown)
    opened = [Node("root", Token("root", "", 0))]
    for token in tokens:
        if token.nesting < 0:
            opened.pop()
            continue
        node = Node(token.type.removesuffix("_open"), token)
        opened[-1].children.append(node)
        if token.nesting > 0:
            opened.append(node)
    return opened[0]


def addresses(tree: Node) -> Iterator[str]:
    """Addresses and titles of all links and pictures."""
    for node in tree.children:
        yield from _addresses_of(node.token.children or [])
        yield from addresses(node)


def _addresses_of(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        yield from (str(token.attrs.get(name, "")) for name in ("href", "src", "title"))
        yield from _addresses_of(token.children or [])


def parse_inline(markdown: str, *, prose: bool) -> list[Token]:
    """The inline tokens of one paragraph's text. Without `prose`: as a reader of plain CommonMark sees it."""
    return _parser(prose=prose).parseInline(markdown)[0].children or []


@cache
def _parser(prose: bool) -> MarkdownIt:
    parser = _Parser("commonmark", {"html": False, "maxNesting": DEEPEST + 2})
    if prose:
        parser.use(prose_emphasis)
    parser.enable(["table", "strikethrough"]).disable(["code", "reference"])
    parser.block.ruler.at("table", _whole_table, {"alt": ["paragraph", "reference"]})
    return _keeping_indents(parser)


@cache
def _flat_parser() -> MarkdownIt:
    parser = _Parser("commonmark", {"html": False}).use(prose_emphasis)
    return _keeping_indents(parser.disable(["code", "reference", "list", "blockquote"]))


def _keeping_indents(parser: MarkdownIt) -> MarkdownIt:
    parser.block.ruler.at("paragraph", _keeping_indent(paragraph))
    parser.block.ruler.at("lheading", _keeping_indent(lheading))
    return parser


def _keeping_indent(rule: _BlockRule) -> _BlockRule:
    """A rule of markdown-it, plus the indent that it strips from the first line of a paragraph, as CommonMark
    does not."""

    def kept(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        first = len(state.tokens)
        if not rule(state, start, end, silent):
            return False
        opened, inline = state.tokens[first : first + 2]
        line = state.getLines(start, start + 1, state.blkIndent, False).lstrip(" \t")
        if line.strip() and opened.markup != "=":
            indent = len(line) - len(line.lstrip(IDEOGRAPHIC_SPACE))
            inline.content = IDEOGRAPHIC_SPACE * indent + inline.content
        return True

    return kept


def _whole_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """markdown-it's table rule, plus the cells that a row has beyond the header's."""
    first = len(state.tokens)
    if not table(state, start, end, silent):
        return False
    kept = state.tokens[:first]
    line = start
    for token in state.tokens[first:]:
        if token.type == "tr_open" and token.map:
            line = token.map[0]
        if token.type == "tr_close":
            kept += _extra_cells(state, line, columns=_columns(kept[first:]))
        kept.append(token)
    state.tokens[:] = kept
    return True


def _columns(tokens: list[Token]) -> int:
    return sum(token.type == "th_open" for token in tokens)


def _extra_cells(state: StateBlock, line: int, columns: int) -> list[Token]:
    cells = escapedSplit(getLine(state, line).strip())
    if cells and cells[0] == "":
        cells.pop(0)
    if cells and cells[-1] == "":
        cells.pop()
    level = state.level + 3
    made: list[Token] = []
    for cell in cells[columns:]:
        content = Token("inline", "", 0, content=cell.strip(), children=[], map=[line, line + 1])
        content.level, content.block = level + 1, True
        made += [
            Token("td_open", "td", 1, level=level, block=True),
            content,
            Token("td_close", "td", -1, level=level, block=True),
        ]
    return made
