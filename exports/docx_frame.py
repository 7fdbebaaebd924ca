"""What stands around the text of a Word file: title page, contents, running lines, properties, package.

Called by `exports.docx` alone; knows the title page and the headings of the block list.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime
from io import BytesIO

from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from exports import docx_xml as xml
from exports.docx_xml import make
from exports.labels import count_label, labels_of
from exports.model import Block, ExportOptions, Heading, TitlePage, plain_text

_DAY_UNKNOWN = datetime(2000, 1, 1, tzinfo=UTC)
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def front_pages(
    document: Document, styles: Mapping[str, str], blocks: Sequence[Block], options: ExportOptions
) -> Iterator[BaseOxmlElement]:
    """Title page and table of contents, closed by the end of their section; nothing if both are off."""
    made = list(_title_page(title_page_of(blocks), styles, options)) if options.title_page else []
    made += _contents(blocks, styles, options)
    if made:
        section = deepcopy(document.element.body.sectPr)
        made.append(make("w:p", make("w:pPr", make("w:pStyle", val=styles["After Table"]), section)))
    yield from made


def title_page_of(blocks: Sequence[Block]) -> TitlePage:
    """The title page among the blocks; an empty one if there is none."""
    return next((block for block in blocks if isinstance(block, TitlePage)), TitlePage(""))


def _title_page(
    page: TitlePage, styles: Mapping[str, str], options: ExportOptions
) -> Iterator[BaseOxmlElement]:
    length = count_label(page.words, options.language) if page.words else ""
    below = length if options.shows_words else page.date
    for style, text in (("Title", page.title), ("Author", page.author), ("Subtitle", below)):
        if text:
            right_to_left = xml.reads_right_to_left(text)
            properties = [make("w:rtl")] if right_to_left else []
            yield xml.paragraph(styles[style], xml.run(text, *properties), right_to_left=right_to_left)


def _contents(
    blocks: Sequence[Block], styles: Mapping[str, str], options: ExportOptions
) -> Iterator[BaseOxmlElement]:
    headings = [block for block in blocks if isinstance(block, Heading)]
    entries = [
        (number, heading.level, " ".join(plain_text(heading.content).split()))
        for number, heading in enumerate(headings, start=1)
        if heading.level <= options.contents_levels
    ]
    if entries:
        title = labels_of(options.language).contents
        yield xml.contents_table(title, entries, options.contents_levels, styles)


def set_running_lines(document: Document, styles: Mapping[str, str], title: str) -> None:
    """The title above and the page number below every page of the text, which starts on page 1."""
    section = document.sections[-1]
    for lines, style, content in (
        (section.header, "Header", [xml.run(title)]),
        (section.footer, "Footer", xml.field("PAGE", xml.run("1"))),
    ):
        lines.is_linked_to_previous = False
        root = lines.part.element
        for child in list(root):
            root.remove(child)
        root.append(xml.paragraph(styles[style], *content, right_to_left=xml.reads_right_to_left(title)))
    document.element.body.sectPr.find(qn("w:pgMar")).addnext(make("w:pgNumType", start=1))


def set_properties(document: Document, page: TitlePage, language: str) -> None:
    """Title, author, language and day of the file; no trace of a program or of the template's maker."""
    properties = document.core_properties
    properties.title = page.title[:255]
    properties.author = properties.last_modified_by = page.author[:255]
    properties.language = labels_of(language).locale
    properties.comments = ""
    day = datetime.fromisoformat(page.date) if page.date else _DAY_UNKNOWN
    properties.created = properties.modified = day.replace(tzinfo=UTC)


def set_behaviour(document: Document) -> None:
    """Fields are worked out when the file is opened; it is a file of today's Word, not of 2010."""
    settings = document.settings.element
    compatibility = settings.find(qn("w:compat"))
    compatibility.addprevious(make("w:updateFields", val="true"))
    for setting in compatibility.findall(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), "15")
    # The template carries a picture of itself, an empty page.
    relations = document.part.package.rels
    for key in [key for key, relation in relations.items() if relation.reltype.endswith("/thumbnail")]:
        del relations[key]


def packed(document: Document) -> bytes:
    """The file, without the time at which it was packed: the same manuscript gives the same bytes."""
    packed_now, stream = BytesIO(), BytesIO()
    document.save(packed_now)
    with zipfile.ZipFile(packed_now) as source, zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return stream.getvalue()
