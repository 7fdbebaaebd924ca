"""Reopens what a writer wrote and compares it with the blocks, word for word and in order.

The readers here share nothing with the writers: a Word file is read by python-docx, a Markdown file by
a plain CommonMark parser, so that what passes here is what other programs see. Compared are the words
of each paragraph, heading, cell, code block and scene break, what kind of line they stand in, and
where links lead. Not compared: looks, the table of contents, and the title page of a Word file.
Called by `exports.writers.export` on the bytes that are on the disk.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice, zip_longest

from docx import Document
from docx.opc.exceptions import OpcError
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph as WordParagraph
from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink
from markdown_it.token import Token

from engine.errors import ExportError
from exports.model import (
    Block,
    Code,
    Heading,
    Inlines,
    ListBlock,
    Paragraph,
    Quote,
    Run,
    SceneBreak,
    Table,
    TitlePage,
    plain_text,
)

_SHOWN_WORDS = 6


@dataclass(frozen=True, slots=True)
class Line:
    """What one paragraph, heading, cell or code block says. `links`: where they lead, in order."""

    kind: str
    words: tuple[str, ...]
    links: tuple[str, ...] = ()


def verify(data: bytes, suffix: str, blocks: Sequence[Block]) -> int:
    """Number of words compared, all the same. Raises `ExportError` that names the first difference."""
    try:
        found = list(READERS[suffix](data))
    except (zipfile.BadZipFile, OpcError, KeyError, ValueError, SyntaxError) as damage:
        raise ExportError("The written file cannot be opened again; it was not handed over.") from damage
    wanted = list(lines_of(blocks, with_title=suffix != ".docx"))
    for ours, theirs in zip_longest(wanted, found):
        if ours != theirs:
            raise ExportError(_difference(ours, theirs))
    return sum(len(line.words) for line in wanted)


def lines_of(blocks: Sequence[Block], with_title: bool = False) -> Iterator[Line]:
    """What a reader of the blocks would read. Blocks without a word, scene breaks apart, are no lines."""
    for block in blocks:
        match block:
            case TitlePage(title=title, author=author):
                fields = (("heading", title), ("text", author)) if with_title else ()
                yield from (Line(kind, tuple(text.split())) for kind, text in fields if text)
            case Heading(content=content):
                yield from _line("heading", content)
            case Paragraph(content=content):
                yield from _line("text", content)
            case Quote(blocks=inner):
                yield from lines_of(inner)
            case ListBlock(items=items):
                for item in items:
                    yield from lines_of(item)
            case Code(text=text):
                yield from _words("code", text)
            case Table(header=header, rows=rows):
                for cell in (cell for row in (header, *rows) for cell in row):
                    yield from _line("cell", cell)
            case SceneBreak():
                yield Line("scene break", ())


def _line(kind: str, content: Inlines) -> Iterator[Line]:
    links = [piece.link.url for piece in content if isinstance(piece, Run) and piece.link]
    yield from _words(kind, plain_text(content), links)


def _words(kind: str, text: str, links: Sequence[str] = ()) -> Iterator[Line]:
    words = tuple(text.split())
    if words or links:
        yield Line(kind, words, tuple(_distinct(links)))


def _distinct(links: Sequence[str]) -> Iterator[str]:
    """Encoded addresses; neighbours that are the same are one link."""
    encoded = [normalizeLink(url) for url in links]
    yield from (url for index, url in enumerate(encoded) if index == 0 or url != encoded[index - 1])


def word_lines(data: bytes) -> Iterator[Line]:
    """The lines of a Word file behind its title page and table of contents, which are a section apart."""
    document = Document(BytesIO(data))
    last_of_front = "./w:p[w:pPr/w:sectPr][1]"
    body = document.element.body
    before = body.xpath(f"{last_of_front}/preceding-sibling::*[self::w:p or self::w:tbl]")
    front = len(before) + len(body.xpath(last_of_front))
    for part in islice(document.iter_inner_content(), front, None):
        if isinstance(part, WordTable):
            for cell in (cell for row in part.rows for cell in row.cells):
                for paragraph in cell.paragraphs:
                    yield from _word_line("cell", paragraph)
        else:
            yield from _word_line(_kind(part), part)


def _kind(paragraph: WordParagraph) -> str:
    name = (paragraph.style.name if paragraph.style else None) or ""
    if name.startswith("Heading "):
        return "heading"
    return {"Source Code": "code", "Scene Break": "scene break"}.get(name, "text")


def _word_line(kind: str, paragraph: WordParagraph) -> Iterator[Line]:
    if kind == "scene break":
        yield Line(kind, ())
    else:
        yield from _words(kind, paragraph.text, [link.url for link in paragraph.hyperlinks])


def markdown_lines(data: bytes) -> Iterator[Line]:
    """The lines of a Markdown file as any CommonMark reader with tables sees them."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(data.decode("utf-8"))
    kind = "text"
    for token in tokens:
        match token.type:
            case "heading_open":
                kind = "heading"
            case "paragraph_open":
                kind = "text"
            case "th_open" | "td_open":
                kind = "cell"
            case "hr":
                yield Line("scene break", ())
            case "fence" | "code_block" | "html_block":
                yield from _words("code", token.content)
            case "inline":
                children = token.children or []
                links = [str(t.attrs.get("href") or t.attrs["src"]) for t in children if t.type in _LEADING]
                yield from _words(kind, _text(children), links)


_LEADING = ("link_open", "image")


def _text(tokens: Sequence[Token]) -> str:
    return "".join(map(_said, tokens))


def _said(token: Token) -> str:
    if token.type == "image":  # its content is Markdown
        return _text(token.children or [])
    return "\n" if token.type in ("softbreak", "hardbreak") else token.content


READERS: Mapping[str, Callable[[bytes], Iterator[Line]]] = {".docx": word_lines, ".md": markdown_lines}


def _difference(ours: Line | None, theirs: Line | None) -> str:
    if ours is None or theirs is None:
        what, line = ("lacks", ours) if ours else ("has too much:", theirs)
        return f"The written file {what} {_shown(line)}; it was not handed over."
    if ours.words == theirs.words:
        return f"The written file changed the form of {_shown(ours)}; it was not handed over."
    same = next(
        index for index, pair in enumerate(zip_longest(ours.words, theirs.words)) if pair[0] != pair[1]
    )
    begin = max(same - 1, 0)
    return (
        f"The written file has {_quoted(theirs.words[begin:])} "
        f"where the manuscript has {_quoted(ours.words[begin:])}; it was not handed over."
    )


def _shown(line: Line | None) -> str:
    return "a scene break" if line is None or not line.words else _quoted(line.words)


def _quoted(words: Sequence[str]) -> str:
    return f"“{' '.join(words[:_SHOWN_WORDS])}”" if words else "nothing"
