"""Outlines as Markdown: headings of any level, a length behind the title, the beat below it.

    # The long winter
    ## Chapter 2: The storm (800 words)
    The boat does not come back. Ada waits on the pier.

`(800 words)`, `(2k)`, `(1.5k words)`, `(800–900 words)` (its middle), `（800字）` and `(1万字)` state a
target; `, locked` inside the brackets keeps the model away from the section. Titles are plain text:
`**bold**` and `_italic_` lose their marks. `outline_markdown` knows how headings look.
It knows nothing of goals or quotas. Called by the plan page, the command line, the jobs and `outline_draft`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from engine.errors import BadInput
from engine.planning.numbers import DIGITS, TO, bounds, is_fraction
from engine.planning.outline_markdown import (
    escape_beat,
    escape_title,
    is_escaped,
    raw_headings,
    unescape,
    unescape_beat,
    without_emphasis,
)

MOST_NODES = 1000
MOST_TITLE_CHARACTERS = 300

_LENGTH = re.compile(
    r"\s*[(（]\s*(?:(?:about|around|approx\.?|ca\.?|~|≈|约|大约)\s*)?"
    rf"(?P<number>{DIGITS})(?:{TO}(?P<high>{DIGITS}))?(?:[\s-]{{0,9}}(?:words?|w|字|词|詞)|(?<=[k百千万萬]))"
    r"(?P<locked>\s*[,，、]\s*(?:locked|锁定))?\s*[)）]\s*",
    re.IGNORECASE,
)
_LOCKED = re.compile(r"\s*[(（](?:locked|锁定)[)）]\s*", re.IGNORECASE)
_HAN = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True)
class OutlineItem:
    """A chapter, section or scene. `target` is in words; None leaves it to the quotas."""

    title: str
    beat: str = ""
    target: int | None = None
    locked: bool = False
    children: tuple[OutlineItem, ...] = ()


def parse_outline(markdown: str) -> list[OutlineItem]:
    """Read an outline; text in front of the first heading joins that heading's beat.

    Raises `BadInput` without headings, with more than 1,000, with a heading without a title or
    with one longer than 300 characters.
    """
    headings = [
        _Heading(raw.level, _titled(raw.text, raw.line), "\n".join(raw.body))
        for raw in raw_headings(markdown)
    ]
    if not headings:
        raise BadInput(
            "The outline has no headings. Start each chapter or section with a line such as “## The storm”."
        )
    if len(headings) > MOST_NODES:
        raise BadInput(
            f"The outline has {len(headings):,} headings; {MOST_NODES:,} is the most that one project can "
            "hold. Join sections or split the book."
        )
    items, _ = _nested(headings, 0, 0)
    return items


def render_outline(items: Sequence[OutlineItem]) -> str:
    """Markdown that `parse_outline` reads back as the same items (six levels deep at most)."""
    return "".join(_render(item, 1) for item in items)


def split_title(items: Sequence[OutlineItem]) -> tuple[str | None, list[OutlineItem]]:
    """The book's title and its parts, where one heading stands above all others; else None and
    the items as they are."""
    if len(items) == 1 and items[0].children and not items[0].beat and not items[0].locked:
        return items[0].title, list(items[0].children)
    return None, list(items)


def leaves(items: Sequence[OutlineItem]) -> Iterator[OutlineItem]:
    """The items that carry text, in reading order."""
    for item in items:
        if item.children:
            yield from leaves(item.children)
        else:
            yield item


def count_items(items: Sequence[OutlineItem]) -> int:
    """Number of items on all levels."""
    return sum(1 + count_items(item.children) for item in items)


def stated_goal(items: Sequence[OutlineItem]) -> int | None:
    """The words that the outline itself asks for, when every part of it says so; else None."""
    totals = [item.target or (stated_goal(item.children) if item.children else None) for item in items]
    return None if not totals or None in totals else sum(total or 0 for total in totals)


@dataclass(frozen=True)
class _Heading:
    level: int
    item: OutlineItem
    body: str


def _titled(heading: str, line: int) -> OutlineItem:
    """The item that a heading alone tells."""
    if len(heading) > 2 * MOST_TITLE_CHARACTERS:
        raise _too_long(line)
    title, target, locked = without_emphasis(heading.strip()), None, False
    if (match := _at_end(_LOCKED, title)) is not None:
        title, locked = title[: match.start()], True
    elif (match := _length_of(title)) is not None:
        title, locked = title[: match.start()], match["locked"] is not None
        target = _middle(match, line)
    title = unescape(title.strip())
    if not title:
        raise BadInput(f"Line {line} of the outline is a heading without a title. Give it a title.")
    if len(title) > MOST_TITLE_CHARACTERS:
        raise _too_long(line)
    return OutlineItem(title=title, target=target, locked=locked)


def _too_long(line: int) -> BadInput:
    return BadInput(
        f"The heading in line {line} of the outline is longer than {MOST_TITLE_CHARACTERS} characters. "
        "Put the text below the heading."
    )


def _at_end(pattern: re.Pattern[str], title: str) -> re.Match[str] | None:
    """The last match of `pattern` in `title`, if it reaches to the end and is not escaped."""
    matches = list(pattern.finditer(title))
    match = matches[-1] if matches else None
    if match is None or match.end() != len(title) or is_escaped(title, match.start()):
        return None
    return match


def _length_of(title: str) -> re.Match[str] | None:
    """The length at the end of `title`; a part of a word ("1.5 words") is none."""
    match = _at_end(_LENGTH, title)
    numbers = filter(None, (match["number"], match["high"])) if match else ()
    return None if any(map(is_fraction, numbers)) else match


def _middle(match: re.Match[str], line: int) -> int:
    words = sum(bounds(match["number"], match["high"] or match["number"])) // 2
    if words <= 0:
        raise BadInput(
            f"Line {line} of the outline asks for 0 words. Give it a length or leave the length out."
        )
    return words


def _nested(headings: Sequence[_Heading], start: int, level: int) -> tuple[list[OutlineItem], int]:
    """Items below `level` from `start` on, and the index of the first heading behind them."""
    items: list[OutlineItem] = []
    while start < len(headings) and headings[start].level > level:
        heading = headings[start]
        children, start = _nested(headings, start + 1, heading.level)
        beat = unescape_beat(heading.body.strip())
        items.append(replace(heading.item, beat=beat, children=tuple(children)))
    return items, start


def _render(item: OutlineItem, level: int) -> str:
    title = escape_title(item.title)
    if (match := _length_of(title) or _at_end(_LOCKED, title)) is not None:
        bracket = match.end() - len(match[0].lstrip())
        title = f"{title[:bracket]}\\{title[bracket:]}"
    text = f"{'#' * min(level, 6)} {title}{_stated(item)}\n"
    if item.beat:
        text += f"\n{escape_beat(item.beat)}\n"
    return text + "\n" + "".join(_render(child, level + 1) for child in item.children)


def _stated(item: OutlineItem) -> str:
    han = _HAN.search(item.title) is not None
    locked = "锁定" if han else "locked"
    if item.target is None:
        return f" ({locked})" if item.locked else ""
    length = f"{item.target}字" if han else f"{item.target} words"
    return f" ({length}, {locked})" if item.locked else f" ({length})"
