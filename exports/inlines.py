"""The inline tokens of one paragraph, heading or cell -> runs and breaks.

A link whose address no reader could follow is shown as text with the address behind it; a link or a
picture without a text shows its address. Nothing is dropped; a line end or page end that was written as a
character reference (`&#10;`) is a space. Called by `exports.blocks`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from markdown_it.token import Token

from exports.model import Break, Inlines, Link, Run, plain_text

_MARKS = {"strong": "strong", "em": "emphasis", "s": "strike"}
_LINE_ENDS = re.compile(r"[\n\r\f\x85\u2028\u2029]+")
# Between two of these a line end of no meaning is no space: Han, kana and their punctuation.
_SPACELESS = re.compile(
    r"[\u2e80-\u312f\u3190-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff9f\U00020000-\U0003ffff]"
)


def inlines_of(tokens: Sequence[Token], filled: bool = False) -> Inlines:
    """What the tokens say, neighbours of one look merged. `filled`: only a hard line end is one."""
    return merged(_inlines(tokens, filled))


def on_one_line(content: Inlines) -> Inlines:
    """`content` without line ends, as headings and cells are."""
    return merged(Run(" ") if isinstance(piece, Break) else piece for piece in content)


def _inlines(tokens: Sequence[Token], filled: bool) -> Iterator[Run | Break]:
    look = {"strong": 0, "emphasis": 0, "strike": 0}
    link: Link | None = None
    used = True
    for index, token in enumerate(tokens):
        kind, _, edge = token.type.rpartition("_")
        if kind in _MARKS:
            look[_MARKS[kind]] += token.nesting
        elif kind == "link" and edge == "open":
            link = _link(token, "href")
            used = False
        elif kind == "link":
            yield from _end_of(link, used)
            link = None
        else:
            shown = link if link and _is_clickable(link.url) else None
            filling = filled and token.type == "softbreak"
            for piece in _filling(tokens, index, shown) if filling else _piece(token, shown):
                used = used or (isinstance(piece, Run) and piece.link == shown is not None)
                yield _styled(piece, look)


def _piece(token: Token, link: Link | None) -> Iterator[Run | Break]:
    match token.type:
        case "text" if token.content:
            yield Run(_LINE_ENDS.sub(" ", token.content), link=link)
        case "code_inline":
            yield Run(token.content, code=True, link=link)
        case "softbreak" | "hardbreak":
            yield Break()
        case "image":
            picture = _link(token, "src", image=True)
            name = " ".join(plain_text(tuple(_inlines(token.children or [], filled=True))).split())
            if _is_clickable(picture.url):
                yield Run(name or picture.url, link=picture)
            else:
                yield Run(name or "image", link=link)
                yield from _end_of(picture, used=False)


def _link(token: Token, address: str, image: bool = False) -> Link:
    title = " ".join(str(token.attrs.get("title", "")).split())
    return Link(_LINE_ENDS.sub("", str(token.attrs[address])), title, image)


def _filling(tokens: Sequence[Token], index: int, link: Link | None) -> Iterator[Run]:
    """What stands in place of a line end that a program made."""
    before = next((tokens[i].content[-1] for i in range(index - 1, -1, -1) if tokens[i].content), "")
    after = next((tokens[i].content[0] for i in range(index + 1, len(tokens)) if tokens[i].content), "")
    if not (_SPACELESS.match(before) and _SPACELESS.match(after)):
        yield Run(" ", link=link)


def _end_of(link: Link | None, used: bool) -> Iterator[Run]:
    """The address in plain sight where no run carries it: an empty link text, an address of no use."""
    if used or link is None:
        return
    if _is_clickable(link.url):
        yield Run(link.url, link=link)
    elif link.url or link.title:
        yield Run(" (" + " ".join(f"{link.url} {link.title}".split()) + ")")


def _is_clickable(url: str) -> bool:
    """Whether Word would open the file: it calls a document with a malformed address damaged."""
    try:
        return bool(url) and urlsplit(url).port != -1
    except ValueError:
        return False


def _styled(piece: Run | Break, look: dict[str, int]) -> Run | Break:
    if isinstance(piece, Break):
        return piece
    return replace(piece, strong=look["strong"] > 0, emphasis=look["emphasis"] > 0, strike=look["strike"] > 0)


def merged(pieces: Iterable[Run | Break]) -> Inlines:
    """Neighbours of one look made one run; no spaces before a line end, no line end at an end."""
    made: list[Run | Break] = []
    for piece in pieces:
        last = made[-1] if made else None
        if isinstance(piece, Run):
            if isinstance(last, Run) and last == replace(piece, text=last.text):
                made[-1] = replace(last, text=last.text + piece.text)
            else:
                made.append(piece)
            continue
        if isinstance(last, Run) and not last.code:
            made[-1:] = [replace(last, text=last.text.rstrip(" "))] if last.text.strip(" ") else []
        if made:
            made.append(piece)
    while made and isinstance(made[-1], Break):
        made.pop()
    return tuple(made)
