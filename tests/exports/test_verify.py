from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest
from docx import Document

from engine.errors import ExportError
from exports import docx, markdown
from exports.model import ExportOptions
from exports.verify import verify
from tests.exports.texts import CONTROLS, FIXTURES, blocks

TEXT = (
    "She read the letter.\n\n---\n\n> Quoted words.\n\n| A | B |\n|---|---|\n| one | two |\n\n"
    "See [here](https://example.org/a).\n\n```\nverbatim\n```\n"
)
WHITE = [
    "{0}{0}a", "a{0}", "{0}", "{0}- a", "a{0}{0}b", "*{0}a{0}* b", "- {0}{0}{0}a", "> {0}{0}a", "# {0}a",
    "x\n{0}{0}y", "[{0}](u{0} '{0}t')", "![{0}a](u{0} '{0}')",
    "| a |\n|---|\n| {0}b{0} |", "``` py{0}x\na\n```",
]  # fmt: skip
WRITERS = pytest.mark.parametrize("writer", [docx, markdown], ids=lambda writer: writer.suffix)


@WRITERS
@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
@pytest.mark.parametrize("kind", ["novel", "report"])
def test_every_tricky_text_comes_back_word_for_word(writer, path, kind) -> None:  # noqa: ANN001
    found = blocks(path.read_text(encoding="utf-8"), kind=kind)
    assert verify(writer.render(found, ExportOptions()), writer.suffix, found) > 20


@WRITERS
def test_control_characters_make_no_broken_file(writer) -> None:  # noqa: ANN001
    found = blocks(CONTROLS)
    verify(writer.render(found, ExportOptions()), writer.suffix, found)


@WRITERS
@pytest.mark.parametrize("white", [9, 10, 12, 13, 32, 0x85, 160, 0x2003, 0x2028, 0x3000])
@pytest.mark.parametrize("text", WHITE, ids=ascii)
def test_no_white_space_makes_a_manuscript_unexportable(writer, text: str, white: int) -> None:  # noqa: ANN001
    found = blocks(text.format(f"&#{white};"))
    verify(writer.render(found, ExportOptions()), writer.suffix, found)


@WRITERS
@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("letter", "ladder", "has “the ladder.” where the manuscript has “the letter.”"),
        ("letter", "", "has “the .” where the manuscript has “the letter.”"),
        ("one", "one more", "has “one more” where the manuscript has “one”"),
        ("example.org/a", "example.org/b", "changed the form of “See here.”"),
        ("verbatim", "gone", "has “gone” where the manuscript has “verbatim”"),
    ],
)
def test_a_changed_word_is_named(writer, old: str, new: str, sentence: str) -> None:  # noqa: ANN001
    file = writer.render(blocks(TEXT.replace(old, new)), ExportOptions())
    with pytest.raises(ExportError, match=sentence):
        verify(file, writer.suffix, blocks(TEXT))


@WRITERS
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("> Quoted words.\n\n", ""),
        ("---\n\n", ""),
        ("| one | two |", "| two | one |"),
        ("She", "# She"),
        ("```\nverbatim\n```\n", "verbatim"),
        ("verbatim\n", "verbatim\n```\nOne more.\n```\n"),
    ],
)
def test_what_is_missing_moved_or_of_another_kind_is_refused(writer, old: str, new: str) -> None:  # noqa: ANN001
    file = writer.render(blocks(TEXT.replace(old, new)), ExportOptions())
    with pytest.raises(ExportError, match="not handed over"):
        verify(file, writer.suffix, blocks(TEXT))


def without_a_paragraph(document) -> None:  # noqa: ANN001
    element = document.paragraphs[-1]._p
    element.getparent().remove(element)


def with_a_changed_cell(document) -> None:  # noqa: ANN001
    document.tables[0].cell(1, 1).paragraphs[0].runs[0].text = "three"


def with_a_plain_heading(document) -> None:  # noqa: ANN001
    next(p for p in document.paragraphs if p.text == "Salt").style = "Body Text"


def with_everything_in_front(document) -> None:  # noqa: ANN001
    breaks = document.element.body.xpath("./w:p/w:pPr/w:sectPr")
    document.paragraphs[-1]._p.get_or_add_pPr().append(breaks[0])


@pytest.mark.parametrize(
    "damage", [without_a_paragraph, with_a_changed_cell, with_a_plain_heading, with_everything_in_front]
)
def test_a_damaged_word_file_is_refused(damage: Callable[..., None]) -> None:
    found = blocks(TEXT)
    document = Document(BytesIO(docx.render(found, ExportOptions())))
    damage(document)
    stream = BytesIO()
    document.save(stream)
    with pytest.raises(ExportError, match="not handed over"):
        verify(stream.getvalue(), ".docx", found)


def test_a_file_that_is_cut_short_is_refused() -> None:
    found = blocks(TEXT)
    file = docx.render(found, ExportOptions())
    for cut in (b"", file[: len(file) // 2], b"plain text sent as .docx"):
        with pytest.raises(ExportError, match="cannot be opened again"):
            verify(cut, ".docx", found)


def test_a_package_with_broken_xml_is_refused() -> None:
    found = blocks(TEXT)
    stream = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(docx.render(found, ExportOptions()))) as source,
        zipfile.ZipFile(stream, "w") as target,
    ):
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data[:-30] if name == "word/document.xml" else data)
    with pytest.raises(ExportError, match="cannot be opened again"):
        verify(stream.getvalue(), ".docx", found)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ExportError, match="cannot be opened again"):
        verify(b"\xff\xfe\x00", ".md", blocks(TEXT))
