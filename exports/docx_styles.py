"""The look of a Word file: named styles, list numbering, page, language. Set once, before any text.

Everything that a reader sees comes from a style, so that a publisher changes one style and not a
thousand paragraphs. Starts from python-docx's template and takes out its colours and theme fonts.
Called by `exports.docx` alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from exports.docx_xml import make
from exports.labels import labels_of
from exports.model import ExportOptions

TEXT_WIDTH = 9026
"""Of A4 between margins of one inch, in twentieths of a point; so are all lengths of `w:` attributes."""
LIST_STEP = 425
QUOTE_STEP = 567
BULLETS, NUMBERS = 1, 2
DEEPEST_LEVEL = 8
_CM = 567
_OURS = ("Author", "Scene Break", "Source Code", "Table Text", "After Table", "Verbatim Char")
"""Names that Word does not have; pandoc knows Author, Source Code and Verbatim Char for what they are."""
_POINT = 20
_INK = "1F2A44"
_LINK = "1F4E79"


@dataclass(frozen=True, slots=True)
class Look:
    """How a style looks; sizes and spaces in points, indents in twentieths. None and "" inherit."""

    size: float | None = None
    bold: bool = False
    italic: bool = False
    colour: str = ""
    font: str = ""
    align: Literal["", "center", "end"] = ""
    before: float = 0
    after: float = 0
    lines: float = 1
    left: float = 0
    right: float = 0
    first_line: float = 0
    keep_with_next: bool = False
    page_break: bool = False
    tab: bool = False
    numbering: tuple[int, int] | None = None


def dress(document: Document, options: ExportOptions) -> dict[str, str]:
    """Sets every style, the numbering, the page and the language. Returns style ids by style name."""
    _set_defaults(document, options)
    _set_numbering(document)
    _set_page(document, options)
    for name, look in _looks(options):
        _restyle(document, name, look)
    for name, look in _character_looks(options):
        _recharacter(document, name, look)
    return {style.name: style.style_id for style in document.styles if style.name}


def _looks(options: ExportOptions) -> Iterator[tuple[str, Look]]:
    """Paragraph styles by name."""
    body = Look(lines=options.line_spacing, after=options.space_after)
    quote = replace(body, left=QUOTE_STEP, right=QUOTE_STEP)
    yield "Body Text", body
    yield "Body Text First Indent", replace(body, first_line=options.first_line_indent_cm * _CM)
    yield "Quote", quote
    yield from _front_looks(options)
    yield from _heading_looks(options)
    yield from _list_looks(replace(body, after=options.space_after / 2))
    yield "Scene Break", Look(align="center", before=12, after=12, lines=1, keep_with_next=True)
    yield (
        "Source Code",
        Look(size=options.size - 2, font="Courier New", before=4, after=10, left=QUOTE_STEP / 2),
    )
    yield "Table Text", Look(size=options.size - 1, before=2, after=2)
    yield "After Table", Look(size=options.size / 2, after=options.size / 2)
    yield "Header", Look(size=options.size - 2, align="end", colour="595959")
    yield "Footer", Look(size=options.size - 2, align="center", colour="595959")


def _front_looks(options: ExportOptions) -> Iterator[tuple[str, Look]]:
    align: Literal["", "center"] = "center" if options.centred else ""
    ink = "" if options.centred else _INK
    yield "Title", Look(size=options.size * 2.2, bold=True, align=align, before=190, after=14, colour=ink)
    yield "Author", Look(size=options.size + 2, align=align, before=10, after=6)
    yield "Subtitle", Look(size=options.size, align=align, before=6, colour="595959")
    yield (
        "TOC Heading",
        Look(size=options.size + 4, bold=True, align=align, after=14, page_break=True, colour=ink),
    )
    for level in range(1, 7):
        space = 6 if level == 1 else 2
        yield f"toc {level}", Look(before=space, after=2, left=(level - 1) * LIST_STEP, tab=True)


def _heading_looks(options: ExportOptions) -> Iterator[tuple[str, Look]]:
    heading = Look(bold=True, keep_with_next=True, colour="" if options.centred else _INK)
    if options.centred:
        chapter = replace(heading, size=options.size + 4, align="center", before=72, after=30)
        section = replace(heading, size=options.size + 1, align="center", before=24, after=12)
        rest = replace(heading, size=options.size, before=18, after=6)
    else:
        chapter = replace(heading, size=options.size + 7, before=24, after=8)
        section = replace(heading, size=options.size + 3, before=16, after=6)
        rest = replace(heading, size=options.size + 1, before=12, after=4)
    yield "Heading 1", replace(chapter, page_break=options.chapter_on_new_page)
    yield "Heading 2", section
    yield "Heading 3", rest
    for level in range(4, 7):
        yield f"Heading {level}", replace(rest, size=options.size, italic=level > 4, bold=level < 6)


def _list_looks(body: Look) -> Iterator[tuple[str, Look]]:
    for level, end in enumerate(("", " 2", " 3")):
        yield f"List Bullet{end}", replace(body, numbering=(BULLETS, level))
        yield f"List Number{end}", replace(body, numbering=(NUMBERS, level))
        yield f"List Continue{end}", replace(body, left=(level + 1) * LIST_STEP)


def _character_looks(options: ExportOptions) -> Iterator[tuple[str, Look]]:
    yield "Strong", Look(bold=True)
    yield "Emphasis", Look(italic=True)
    yield "Hyperlink", Look(colour=_LINK)
    yield "Verbatim Char", Look(font="Courier New", size=options.size - 1)


def _restyle(document: Document, name: str, look: Look) -> None:
    style = _style(document, name, WD_STYLE_TYPE.PARAGRAPH)
    old = style.find(qn("w:pPr"))
    outline = old.find(qn("w:outlineLvl")) if old is not None else None
    if name == "TOC Heading" or not name.startswith("Heading "):
        style.find(qn("w:basedOn")).set(qn("w:val"), "Normal")
    _replace_child(style, "w:pPr", _paragraph_properties(look, outline))
    _replace_child(style, "w:rPr", make("w:rPr", *_run_properties(look)))


def _recharacter(document: Document, name: str, look: Look) -> None:
    style = _style(document, name, WD_STYLE_TYPE.CHARACTER)
    properties = list(_run_properties(look))
    if name == "Hyperlink":
        properties.append(make("w:u", val="single"))
    _replace_child(style, "w:rPr", make("w:rPr", *properties))


def _style(document: Document, name: str, kind: WD_STYLE_TYPE) -> BaseOxmlElement:
    """The style's element, made if the template lacks it; a made one is known under Word's own id."""
    if name not in document.styles:
        made = document.styles.add_style(name, kind, builtin=name not in _OURS)
        made.quick_style = True
        made.element.set(qn("w:styleId"), name.replace("toc ", "TOC").replace(" ", ""))
        base = "Normal" if kind == WD_STYLE_TYPE.PARAGRAPH else "DefaultParagraphFont"
        _replace_child(made.element, "w:basedOn", make("w:basedOn", val=base), after="w:name")
    element: BaseOxmlElement = document.styles[name].element
    return element


def _replace_child(style: BaseOxmlElement, tag: str, child: BaseOxmlElement, after: str = "") -> None:
    for old in style.findall(qn(tag)):
        style.remove(old)
    if after:
        style.find(qn(after)).addnext(child)
    elif tag == "w:pPr" and style.find(qn("w:rPr")) is not None:
        style.find(qn("w:rPr")).addprevious(child)
    else:
        style.append(child)


def _paragraph_properties(look: Look, outline: BaseOxmlElement | None) -> BaseOxmlElement:
    properties = make("w:pPr")
    if look.keep_with_next:
        properties.extend([make("w:keepNext"), make("w:keepLines")])
    if look.page_break:
        properties.append(make("w:pageBreakBefore"))
    properties.append(make("w:widowControl"))
    if look.numbering:
        number, level = look.numbering
        properties.append(make("w:numPr", make("w:ilvl", val=level), make("w:numId", val=number)))
    if look.tab:
        properties.append(make("w:tabs", make("w:tab", val="right", leader="dot", pos=TEXT_WIDTH)))
    before, after, line = look.before * _POINT, look.after * _POINT, look.lines * 240
    properties.append(make("w:spacing", before=before, after=after, line=line, lineRule="auto"))
    if not look.numbering:
        indent = {"left": look.left, "right": look.right, "firstLine": look.first_line}
        properties.append(make("w:ind", **indent))
    if look.align:
        properties.append(make("w:jc", val={"end": "right"}.get(look.align, look.align)))
    if outline is not None:
        properties.append(outline)
    return properties


def _run_properties(look: Look) -> Iterator[BaseOxmlElement]:
    if look.font:
        yield make("w:rFonts", ascii=look.font, hAnsi=look.font, cs=look.font)
    if look.bold:
        yield from (make("w:b"), make("w:bCs"))
    if look.italic:
        yield from (make("w:i"), make("w:iCs"))
    if look.colour:
        yield make("w:color", val=look.colour)
    if look.size:
        yield from (make("w:sz", val=look.size * 2), make("w:szCs", val=look.size * 2))


def _set_defaults(document: Document, options: ExportOptions) -> None:
    labels = labels_of(options.language)
    script = labels.font or options.font
    fonts = make(
        "w:rFonts",
        ascii=options.font,
        hAnsi=options.font,
        eastAsia=script if labels.script == "cjk" else options.font,
        cs=script if labels.script == "rtl" else options.font,
    )
    language = make(
        "w:lang",
        val=labels.locale,
        eastAsia=labels.locale if labels.script == "cjk" else "zh-CN",
        bidi=labels.locale if labels.script == "rtl" else "ar-SA",
    )
    size = [make("w:sz", val=options.size * 2), make("w:szCs", val=options.size * 2)]
    run = make("w:rPrDefault", make("w:rPr", fonts, *size, language))
    spacing = make("w:spacing", before=0, after=0, line=240, lineRule="auto")
    defaults = make("w:docDefaults", run, make("w:pPrDefault", make("w:pPr", spacing)))
    styles = document.styles.element
    styles.replace(styles.find(qn("w:docDefaults")), defaults)


def _set_numbering(document: Document) -> None:
    """Two outlines of nine levels, bullets and numbers, and one list of each for the styles."""
    numbering = document.part.numbering_part.element
    for child in list(numbering):
        numbering.remove(child)
    for identifier, kind in ((BULLETS, "bullet"), (NUMBERS, "decimal")):
        levels = [_level(level, kind) for level in range(DEEPEST_LEVEL + 1)]
        outline = make("w:abstractNum", make("w:multiLevelType", val="multilevel"), *levels)
        outline.set(qn("w:abstractNumId"), str(identifier))
        numbering.append(outline)
    for identifier in (BULLETS, NUMBERS):
        numbering.append(make("w:num", make("w:abstractNumId", val=identifier), numId=identifier))


def _level(level: int, kind: str) -> BaseOxmlElement:
    text = "•–"[level % 2] if kind == "bullet" else f"%{level + 1}."
    indent = make("w:ind", left=(level + 1) * LIST_STEP, hanging=LIST_STEP)
    element = make("w:lvl", make("w:start", val=1), make("w:numFmt", val=kind), make("w:lvlText", val=text))
    element.extend([make("w:lvlJc", val="left"), make("w:pPr", indent)])
    element.set(qn("w:ilvl"), str(level))
    return element


def _set_page(document: Document, options: ExportOptions) -> None:
    properties = document.element.body.sectPr
    for child in list(properties):
        properties.remove(child)
    inch = 1440
    margins = make(
        "w:pgMar", top=inch, right=inch, bottom=inch, left=inch, header=inch / 2, footer=inch / 2, gutter=0
    )
    properties.extend([make("w:pgSz", w=11906, h=16838), margins])
    if labels_of(options.language).script == "rtl":
        properties.append(make("w:bidi"))
