"""How headings look in Markdown, and how titles and beats are kept from looking like other things.

Headings are `# Title` lines, and lines of their own above `===` or `---`; none stands inside a code
block. Knows nothing of lengths or locks. Called by `outline_text` alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*))?")
_UNDERLINE = re.compile(r" {0,3}(={3,}|-{3,})[ \t]*")
_NO_TITLE = re.compile(r"[ \t]*(?:$|[-*+>|]|\d{1,9}[.)][ \t])|    |\t")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_LOOKS_LIKE_HEADING = r"(?:#{1,6}(?:[ \t]|$)|(?:={3,}|-{3,})[ \t]*$)"
_TO_ESCAPE = re.compile(rf"(?m)^( {{0,3}})(?=\\*{_LOOKS_LIKE_HEADING})")
_TO_UNESCAPE = re.compile(rf"(?m)^( {{0,3}})\\(?=\\*{_LOOKS_LIKE_HEADING})")
_ESCAPED = re.compile(r"\\([\\#(（*_])")
_EMPHASIS = re.compile(
    r"(?<![\\\w*])(?P<mark>\*{1,3}|_{1,3})(?!\s|(?P=mark))(.{1,400}?)(?<=[^\s\\])(?P=mark)(?![\w*])"
)
_MOST_NESTED = 3  # "***a***" and "**_a_**" are two deep


@dataclass
class RawHeading:
    """A heading in line `line` (from 1): its level from 1, its text, and the lines below it."""

    level: int
    text: str
    line: int
    body: list[str] = field(default_factory=list)


def raw_headings(markdown: str) -> list[RawHeading]:
    """The headings in order; lines in front of the first are the first of its body."""
    headings: list[RawHeading] = []
    preamble: list[str] = []
    fence = ""
    for number, line in enumerate(re.split(r"\r\n|\r|\n", markdown), start=1):
        body = headings[-1].body if headings else preamble
        inside, fence = bool(fence), _fence_behind(line, fence)
        if not (inside or fence) and (match := _HEADING.fullmatch(line)) is not None:
            headings.append(RawHeading(len(match[1]), _without_closing(match[2] or ""), number))
        elif not (inside or fence) and (match := _UNDERLINE.fullmatch(line)) and _ends_with_title(body):
            headings.append(RawHeading(1 if match[1][0] == "=" else 2, body.pop(), number - 1))
        else:
            body.append(line)
    if headings:
        headings[0].body[:0] = preamble
    return headings


def _without_closing(text: str) -> str:
    """The text of a `#` heading without the `#` run that may close it."""
    text = text.strip()
    bare = text.rstrip("#")
    return bare.rstrip() if not bare or bare[-1].isspace() else text


def _fence_behind(line: str, fence: str) -> str:
    """The fence that is open behind `line`, if `fence` is open in front of it; empty for none."""
    match = _FENCE.fullmatch(line)
    if match is None:
        return fence
    if not fence:
        return match[1]
    return "" if match[1].startswith(fence) and not match[2].strip() else fence


def _ends_with_title(body: list[str]) -> bool:
    """Whether the last line of `body` is a paragraph of one line, which an underline makes a heading."""
    return bool(body) and not _NO_TITLE.match(body[-1]) and (len(body) == 1 or not body[-2].strip())


def without_emphasis(title: str) -> str:
    """`title` without the marks of bold and italic type; escaped marks stay."""
    for _ in range(_MOST_NESTED):
        title = _EMPHASIS.sub(r"\2", title)
    return title


def escape_title(title: str) -> str:
    """`title` on one line, so that reading it back gives the same."""
    escaped = re.sub(r"(?<!\S)#", r"\\#", " ".join(title.split()).replace("\\", "\\\\"))
    return re.sub(r"([*_])", r"\\\1", escaped) if _EMPHASIS.search(escaped) else escaped


def unescape(title: str) -> str:
    """The opposite of `escape_title`."""
    return _ESCAPED.sub(r"\1", title)


def is_escaped(text: str, index: int) -> bool:
    """Whether a backslash takes its meaning from the character at `index`."""
    before = text[:index]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def escape_beat(beat: str) -> str:
    """`beat` with a backslash in front of each line that would make a heading."""
    return _TO_ESCAPE.sub(r"\1\\", beat)


def unescape_beat(beat: str) -> str:
    """The opposite of `escape_beat`."""
    return _TO_UNESCAPE.sub(r"\1", beat)
