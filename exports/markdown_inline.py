"""Runs and breaks -> CommonMark that reads back as the same runs and breaks.

CommonMark cannot say every look that a run can have (emphasis across emphasis, flush in a word), so what
was written is parsed again, by our rules and by plain CommonMark's; when it reads differently the other
kind of asterisks is tried, then character references, then the look is given up. The words never are.
Called by `exports.markdown` alone.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, product
from typing import TypeAlias

from exports.commonmark import parse_inline
from exports.inlines import inlines_of, merged, on_one_line
from exports.markdown_flanks import Part, joined, reference, referenced
from exports.model import IDEOGRAPHIC_SPACE, Break, Inlines, Link, Run

_Mark: TypeAlias = str | Link
_WAYS = (
    {"strong": "**", "emphasis": "*", "strike": "~~"},
    {"strong": "**", "emphasis": "_", "strike": "~~"},
    {"strong": "__", "emphasis": "*", "strike": "~~"},
)

_SPECIAL = re.compile(r"[\\`*\[\]<~]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")
_LINE_START = re.compile(
    r"^(?:[-+](?=\s|$)|#(?=#{0,5}(?:\s|$))|>|[-=:|](?=[-=:|\s]*$)|\d{1,9}(?=[.)](?:\s|$)))", re.MULTILINE
)
_EDGES = re.compile(r"\A[^\S\n]+|[^\S\n]+\Z|(?<=\n)[ \t]+")
_INDENT = re.compile(rf"\A(?:{reference(IDEOGRAPHIC_SPACE)})+(?=\S)")
_CLOSING_HASHES = re.compile(r"(?:(?<=\s)|^)#(?=#*$)")
_AUTOLINK = re.compile(r"[a-z][a-z0-9+.-]{1,31}:[^\s<>\\&]*", re.IGNORECASE)
_ODD_ADDRESS = re.compile(r"[\s<>()\\]")
_ENTITY_START = re.compile(r"&(?=#?\w+;)")


def paragraph_text(content: Inlines) -> str:
    """The lines of a paragraph, safe at the start of each line. The indent of Chinese and Japanese prose is
    no white space to CommonMark, and stays as it was typed."""
    lines = _LINE_START.sub(_escape_start, _best_way(content))
    return _INDENT.sub(lambda indent: html.unescape(indent[0]), lines)


def heading_text(content: Inlines) -> str:
    """One line; hashes at its end are no closing sequence."""
    return _CLOSING_HASHES.sub(r"\\#", _best_way(on_one_line(content)))


def cell_text(content: Inlines) -> str:
    """One line whose pipes do not end the cell, not even in code."""
    return _best_way(on_one_line(content)).replace("|", r"\|")


def _escape_start(match: re.Match[str]) -> str:
    start = match[0]
    return f"{start}\\" if start.isdigit() else f"\\{start}"


def _best_way(content: Inlines) -> str:
    if content == _plain(content):
        return _safe_edges(joined(_parts(content, _WAYS[0])))
    for finished, way in product((joined, referenced), _WAYS):
        text = _safe_edges(finished(_parts(content, way)))
        if all(inlines_of(parse_inline(text, prose=prose)) == content for prose in (False, True)):
            return text
    return _safe_edges(joined(_parts(_plain(content), _WAYS[0])))


def _safe_edges(text: str) -> str:
    """White space at an edge would be cut off, or make a paragraph code."""
    return _EDGES.sub(lambda white: "".join(map(reference, white[0])), text)


def _plain(content: Inlines) -> Inlines:
    return merged(
        replace(piece, strong=False, emphasis=False, strike=False) if isinstance(piece, Run) else piece
        for piece in content
    )


def _parts(content: Inlines, delimiters: Mapping[str, str]) -> list[Part]:
    marks = _marks_of(content)
    parts: list[Part] = []
    opened: list[_Mark] = []
    for index, piece in enumerate(content):
        while any(mark not in marks[index] for mark in opened):
            parts.append(_closing(opened.pop(), delimiters))
        fresh = [mark for mark in marks[index] if mark not in opened]
        for mark in sorted(fresh, key=lambda mark: _extent(marks, index, mark), reverse=True):
            opened.append(mark)
            if isinstance(mark, Link) and parts:
                parts[-1] = _before_link(parts[-1])
            parts.append(Part("[", "fixed") if isinstance(mark, Link) else Part(delimiters[mark], "opening"))
        parts.append(_piece(piece, _is_bare(content, index)))
    return parts + [_closing(mark, delimiters) for mark in reversed(opened)]


def _marks_of(content: Inlines) -> list[list[_Mark]]:
    """The looks of each piece; a break has those that go on over it."""
    marks = [_marks_at(content, index) for index in range(len(content))]
    runs = [index for index, piece in enumerate(content) if isinstance(piece, Run)]
    for before, after in pairwise(runs):
        shared = [mark for mark in marks[before] if mark in marks[after]]
        marks[before + 1 : after] = [shared] * (after - before - 1)
    return marks


def _marks_at(content: Inlines, index: int) -> list[_Mark]:
    piece = content[index]
    if isinstance(piece, Break):
        return []
    marks: list[_Mark] = [name for name in ("strong", "emphasis", "strike") if getattr(piece, name)]
    if piece.link and not piece.link.image and not _is_bare(content, index):
        marks.append(piece.link)
    return marks


def _extent(marks: Sequence[Sequence[_Mark]], index: int, mark: _Mark) -> int:
    end = index
    while end < len(marks) and mark in marks[end]:
        end += 1
    return end


def _is_bare(content: Inlines, index: int) -> bool:
    """Whether the piece is an address shown as it is: `<https://example.org>`."""
    piece = content[index]
    if not isinstance(piece, Run) or piece.link != Link(piece.text) or piece.code:
        return False
    around = (*content[max(index - 1, 0) : index], *content[index + 1 : index + 2])
    alone = all(not isinstance(other, Run) or other.link != piece.link for other in around)
    return alone and _AUTOLINK.fullmatch(piece.text) is not None


def _piece(piece: Run | Break, bare: bool) -> Part:
    if isinstance(piece, Break):
        return Part("\\\n", "fixed")
    if bare:
        return Part(f"<{piece.text}>", "fixed")
    if piece.link and piece.link.image:
        return Part(f"![{_escaped(piece.text)}{_address(piece.link)}", "fixed")
    return Part(_code_span(piece.text), "fixed") if piece.code else Part(_escaped(piece.text), "text")


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: f"\\{match[0]}", text)


def _before_link(part: Part) -> Part:
    """A `!` right in front of a link would make a picture of it."""
    return part._replace(text=f"{part.text[:-1]}\\!") if part.text.endswith("!") else part


def _code_span(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    bare_edges = text.startswith("`") or text.endswith("`")
    would_be_stripped = text.startswith(" ") and text.endswith(" ") and text.strip(" ") != ""
    padding = " " if bare_edges or would_be_stripped else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def _closing(mark: _Mark, delimiters: Mapping[str, str]) -> Part:
    return Part(_address(mark), "fixed") if isinstance(mark, Link) else Part(delimiters[mark], "closing")


def _address(link: Link) -> str:
    """Closes the text of a link or a picture."""
    address = _ENTITY_START.sub(r"\\&", re.sub(r"([<>\\])", r"\\\1", link.url))
    if not link.url or _ODD_ADDRESS.search(link.url):
        address = f"<{address}>"
    title = _ENTITY_START.sub(r"\\&", re.sub(r'(["\\])', r"\\\1", link.title))
    return f']({address} "{title}")' if title else f"]({address})"
