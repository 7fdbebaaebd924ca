"""The styles of a Word file, its list numbering, page and language. Set once, before any text.

Everything that a reader sees comes from a style, so that a publisher changes one style and not a
thousand paragraphs. Starts from python-docx's template and takes out its colours and theme fonts. How each
style looks: `docx_looks`. Called by `exports.docx` alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from exports.docx_looks import BULLETS, LIST_STEP, NUMBERS, Look, character_looks, looks
from exports.docx_xml import make
from exports.labels import labels_of
from exports.model import ExportOptions

TEXT_WIDTH = 9026
"""Of A4 between margins of one inch, in twentieths of a point."""
DEEPEST_LEVEL = 8
_OURS = ("Author", "Scene Break", "Source Code", "Table Text", "After Table", "Verbatim Char")
"""Names that Word does not have; pandoc knows Author, Source Code and Verbatim Char for what they are."""
_POINT = 20


def dress(document: Document, options: ExportOptions) -> dict[str, str]:
    """Sets every style, the numbering, the page and the language. Returns style ids by style name."""
    _set_defaults(document, options)
    _set_numbering(document)
    _set_page(document, options)
    for name, look in looks(options):
        _restyle(document, name, look)
    for name, look in character_looks(options):
        _recharacter(document, name, look)
    return {style.name: style.style_id for style in document.styles if style.name}


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
