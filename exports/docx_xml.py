"""WordprocessingML elements: the paragraphs, runs, links, fields and tables of `exports.docx`.

Every function makes one element and knows no blocks but runs. Word's own order of child elements is
kept everywhere: Word calls a file with another order damaged.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from exports.model import Run

_PIECES = re.compile(r"\t|[^\t]+")


def make(tag: str, *children: BaseOxmlElement, **attributes: str | float) -> BaseOxmlElement:
    """`make("w:ind", left=360)` is `<w:ind w:left="360"/>`; numbers are rounded."""
    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value if isinstance(value, str) else str(round(value)))
    element.extend(children)
    return element


def paragraph(
    style: str,
    *content: BaseOxmlElement,
    numbering: tuple[int, int] | None = None,
    indent: dict[str, float] | None = None,
    right_to_left: bool = False,
) -> BaseOxmlElement:
    """`numbering`: list id and level. `indent`: attributes of `w:ind` in twentieths of a point."""
    properties = make("w:pPr", make("w:pStyle", val=style))
    if numbering:
        number, level = numbering
        properties.append(make("w:numPr", make("w:ilvl", val=level), make("w:numId", val=number)))
    if right_to_left:
        properties.append(make("w:bidi"))
    if indent:
        properties.append(make("w:ind", **indent))
    return make("w:p", properties, *content)


def set_space_after(element: BaseOxmlElement, points: float) -> None:
    """Overrule the style of a paragraph, such as of the last item of a list; tables are left as they are."""
    properties = element.find(qn("w:pPr"))
    if properties is not None:
        spacing, indent = make("w:spacing", after=points * 20), properties.find(qn("w:ind"))
        if indent is None:
            properties.append(spacing)
        else:
            indent.addprevious(spacing)


def run(text: str, *properties: BaseOxmlElement) -> BaseOxmlElement:
    """Text with its tabs and line ends; `properties` in the order of `w:rPr`."""
    element = make("w:r", *([make("w:rPr", *properties)] if properties else []))
    for number, line in enumerate(text.split("\n")):
        if number:
            element.append(make("w:br"))
        for piece in _PIECES.findall(line):
            element.append(make("w:tab") if piece == "\t" else _text("w:t", piece))
    return element


def _text(tag: str, text: str) -> BaseOxmlElement:
    element = OxmlElement(tag)
    element.text = text
    element.set(qn("xml:space"), "preserve")
    return element


def styled_run(piece: Run, styles: Mapping[str, str], upright: bool = False) -> BaseOxmlElement:
    """A run in character styles. `upright`: the paragraph is bold by itself, strong adds nothing."""
    properties: list[BaseOxmlElement] = []
    name = _character_style(piece)
    if name:
        properties.append(make("w:rStyle", val=styles[name]))
    if piece.strong and name != "Strong" and not upright:
        properties += [make("w:b"), make("w:bCs")]
    if piece.emphasis and name != "Emphasis":
        properties += [make("w:i"), make("w:iCs")]
    if piece.strike:
        properties.append(make("w:strike"))
    if reads_right_to_left(piece.text):
        properties.append(make("w:rtl"))
    return run(piece.text, *properties)


def _character_style(piece: Run) -> str:
    if piece.code:
        return "Verbatim Char"
    if piece.link:
        return "Hyperlink"
    return "Strong" if piece.strong else "Emphasis" if piece.emphasis else ""


def reads_right_to_left(text: str) -> bool:
    """By the first character that has a direction (Unicode Bidirectional Algorithm, rules P2 and P3)."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


def external_link(relation: str, title: str, runs: Iterable[BaseOxmlElement]) -> BaseOxmlElement:
    """A link to an address, by the id of its relationship."""
    element = make("w:hyperlink", *runs, history="1", **({"tooltip": title[:255]} if title else {}))
    element.set(qn("r:id"), relation)
    return element


def field(instruction: str, *shown: BaseOxmlElement) -> list[BaseOxmlElement]:
    """The runs of a field that Word works out; until then `shown` stands there."""
    return [
        make("w:r", make("w:fldChar", fldCharType="begin")),
        make("w:r", _text("w:instrText", f" {instruction} ")),
        make("w:r", make("w:fldChar", fldCharType="separate")),
        *shown,
        make("w:r", make("w:fldChar", fldCharType="end")),
    ]


def bookmarked(number: int, content: Sequence[BaseOxmlElement]) -> list[BaseOxmlElement]:
    """`content` between the two ends of bookmark `number`."""
    return [
        make("w:bookmarkStart", id=number, name=bookmark(number)),
        *content,
        make("w:bookmarkEnd", id=number),
    ]


def bookmark(number: int) -> str:
    """The name that Word itself gives to the target of an entry in the table of contents."""
    return f"_Toc{number:09d}"


def contents_table(
    title: str, entries: Sequence[tuple[int, int, str]], levels: int, styles: Mapping[str, str]
) -> BaseOxmlElement:
    """A table of contents that Word can update. `entries`: bookmark number, level and text."""
    begin = field(f'TOC \\o "1-{levels}" \\h \\z \\u')[:3]
    lines = [
        paragraph(styles[f"toc {level}"], *([] if index else begin), *_entry(number, text))
        for index, (number, level, text) in enumerate(entries)
    ]
    heading = paragraph(styles["TOC Heading"], run(title))
    closing = paragraph(styles["toc 1"], make("w:r", make("w:fldChar", fldCharType="end")))
    gallery = make("w:docPartObj", make("w:docPartGallery", val="Table of Contents"), make("w:docPartUnique"))
    return make("w:sdt", make("w:sdtPr", gallery), make("w:sdtContent", heading, *lines, closing))


def _entry(number: int, text: str) -> Iterator[BaseOxmlElement]:
    # No page is better than a wrong one: a program that does not update fields shows the entry alone.
    page = field(f"PAGEREF {bookmark(number)} \\h")
    yield make("w:hyperlink", run(f"{text}\t"), *page, anchor=bookmark(number), history="1")


def table(style: str, widths: Sequence[float], rows: Sequence[Sequence[BaseOxmlElement]]) -> BaseOxmlElement:
    """A table as wide as the text; the first row is repeated on every page. A cell is a paragraph."""
    look = {"firstRow": "1", "lastRow": "0", "firstColumn": "0", "lastColumn": "0", "noHBand": "1"}
    properties = make(
        "w:tblPr",
        make("w:tblStyle", val=style),
        make("w:tblW", w=sum(widths), type="dxa"),
        make("w:tblLook", val="0620", noVBand="1", **look),
    )
    element = make("w:tbl", properties, make("w:tblGrid", *(make("w:gridCol", w=width) for width in widths)))
    for number, cells in enumerate(rows):
        header = [] if number else [make("w:tblHeader")]
        row = make("w:tr", make("w:trPr", make("w:cantSplit"), *header))
        for width, cell in zip(widths, cells, strict=True):
            row.append(make("w:tc", make("w:tcPr", make("w:tcW", w=width, type="dxa")), cell))
        element.append(row)
    return element
