"""Blocks -> CommonMark (UTF-8, `\\n`), with tables and strikethrough as GitHub writes them.

The title is the one heading of level 1; chapters are level 2. What the source wrote loosely comes out
in one way: `-` bullets, `**` and `*`, fenced code, `* * *`. Reading it again gives the same blocks.
Write-only: it renders the block list and knows nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from engine.text.segmenting import SCENE_BREAK
from exports.markdown_inline import cell_text, heading_text, paragraph_text
from exports.model import (
    DEEPEST_HEADING,
    Block,
    Code,
    ExportOptions,
    Heading,
    ListBlock,
    Paragraph,
    Quote,
    Run,
    SceneBreak,
    Table,
    TitlePage,
)

suffix: Final = ".md"

_RULES = {"": "---", "left": ":--", "center": ":-:", "right": "--:"}


def render(blocks: Sequence[Block], options: ExportOptions) -> bytes:
    """The whole file. Only `options.title_page` matters here: whether the title is written."""
    shown = [block for block in blocks if options.title_page or not isinstance(block, TitlePage)]
    text = "\n\n".join(_rendered(shown))
    return f"{text}\n".encode()


def _rendered(blocks: Sequence[Block]) -> Iterator[str]:
    """One text a block. Of two lists in a row the second has other marks, or they would be one list."""
    other_marks = False
    before: Block | None = None
    for block in blocks:
        if isinstance(block, ListBlock):
            after_list = isinstance(before, ListBlock) and before.ordered == block.ordered
            other_marks = after_list and not other_marks
            yield _list(block, other_marks)
        else:
            yield _block(block)
        before = block


def _block(block: Block) -> str:
    match block:
        case TitlePage():
            return "\n\n".join(_front(block))
        case Heading(level=level, content=content):
            return f"{'#' * min(level + 1, DEEPEST_HEADING)} {heading_text(content)}"
        case Paragraph(content=content):
            return paragraph_text(content)
        case Quote(blocks=inner):
            return _behind("> ", "\n\n".join(_rendered(inner)))
        case Code():
            return _code(block)
        case Table():
            return _table(block)
        case SceneBreak():
            return SCENE_BREAK
        case ListBlock():
            return _list(block, other_marks=False)


def _front(page: TitlePage) -> Iterator[str]:
    if page.title:
        yield f"# {heading_text((Run(page.title),))}"
    if page.author:
        yield paragraph_text((Run(page.author),))


def _behind(prefix: str, text: str) -> str:
    return "\n".join(f"{prefix}{line}" if line else prefix.rstrip() for line in text.split("\n"))


def _list(block: ListBlock, other_marks: bool) -> str:
    items: list[str] = []
    for index, item in enumerate(block.items):
        if block.ordered:
            mark = f"{block.start + index}{')' if other_marks else '.'} "
        else:
            mark = "* " if other_marks else "- "
        lines = _item(item, block.tight).split("\n")
        indented = [f"{' ' * len(mark)}{line}" if line else "" for line in lines[1:]]
        items.append("\n".join([f"{mark}{lines[0]}".rstrip(), *indented]))
    return ("\n" if block.tight else "\n\n").join(items)


def _item(blocks: Sequence[Block], tight: bool) -> str:
    """The blocks of an item; in a tight list a nested list follows its paragraph without a blank line."""
    text = ""
    for block, rendered in zip(blocks, _rendered(blocks), strict=True):
        # A line of asterisks behind a bullet would swallow the bullet.
        shown = "___" if isinstance(block, SceneBreak) else rendered
        gap = "\n" if tight and _may_follow_directly(block) else "\n\n"
        text = f"{text}{gap}{shown}" if text else shown
    return text


def _may_follow_directly(block: Block) -> bool:
    if not isinstance(block, ListBlock) or not block.items[0]:
        return False
    return not block.ordered or block.start == 1


def _code(block: Code) -> str:
    character = "~" if "`" in block.language else "`"
    longest = max((len(run) for run in re.findall(f"{character}+", block.text)), default=0)
    fence = character * max(3, longest + 1)
    body = f"{block.text}\n" if block.text else ""
    return f"{fence}{block.language}\n{body}{fence}"


def _table(block: Table) -> str:
    rows = [[cell_text(cell) for cell in row] for row in (block.header, *block.rows)]
    rows.insert(1, [_RULES[align] for align in block.align])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
