from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as WordDocument
from docx.oxml.ns import qn

from engine.text.counting import words
from exports import docx
from exports.blocks import blocks_of
from exports.model import Block, ExportOptions, Manuscript, Section, options_for
from exports.verify import lines_of, verify
from tests.exports.texts import FIXTURES, blocks, manuscript

TEXT = "\n\n".join(path.read_text(encoding="utf-8") for path in FIXTURES if path.stem != "code")


def opened(found: Sequence[Block], options: ExportOptions | None = None) -> WordDocument:
    return Document(BytesIO(docx.render(found, options or ExportOptions())))


def styles(document: WordDocument) -> set[str]:
    return {p.style.name for p in document.paragraphs if p.style and p.style.name}


def fields(element) -> list[str]:  # noqa: ANN001
    return [node.text.strip() for node in element.iter(qn("w:instrText"))]


def test_everything_stands_in_a_named_style() -> None:
    document = opened(blocks(TEXT + "\n\n```\ncode\n```"))
    assert styles(document) >= {
        "Title", "Author", "Subtitle", "Heading 1", "Heading 2", "Body Text", "Body Text First Indent",
        "Quote", "List Bullet", "List Bullet 2", "List Number", "List Number 3", "List Continue 3",
        "Scene Break", "Source Code",
    }  # fmt: skip
    assert {table.style.name for table in document.tables if table.style} == {"Table Grid"}
    runs = document.element.body.xpath("//w:rStyle/@w:val")
    assert {"Strong", "Emphasis", "Hyperlink", "VerbatimChar"} <= set(runs)
    assert "Normal" not in styles(document)


def test_heading_levels_follow_the_outline() -> None:
    document = opened(blocks("# In the text"))
    found = [
        (p.style.name, p.text) for p in document.paragraphs if p.style and p.style.name.startswith("Heading")
    ]
    assert found == [
        ("Heading 1", "The Arrival"), ("Heading 2", "Wind"), ("Heading 2", "Salt"),
        ("Heading 3", "In the text"), ("Heading 1", "The Leaving"),
    ]  # fmt: skip


def test_title_page_and_contents_are_a_section_of_their_own() -> None:
    document = opened(blocks("Text."))
    assert [p.text for p in document.paragraphs[:3]] == ["The Salt Road", "M. Aldana", "1,234 words"]
    front, text = document.sections
    assert not front.footer.paragraphs[0].text
    assert text.footer._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) == "1"
    body = list(document.element.body)
    sdt = next(index for index, element in enumerate(body) if element.tag == qn("w:sdt"))
    (end,) = document.element.body.xpath("./w:p[w:pPr/w:sectPr]")
    assert body.index(end) == sdt + 1


def test_the_contents_are_a_field_with_an_entry_for_each_heading_and_a_target_for_each_entry() -> None:
    document = opened(blocks("# Deep"))
    (sdt,) = document.element.body.xpath("./w:sdt")
    assert fields(sdt)[0] == 'TOC \\o "1-2" \\h \\z \\u'
    entries = list(sdt.iter(qn("w:hyperlink")))
    shown = ["".join(t.text for t in node.iter(qn("w:t"))) for node in entries]
    assert shown == ["The Arrival", "Wind", "Salt", "The Leaving"]
    targets = set(document.element.body.xpath("//w:bookmarkStart/@w:name"))
    assert {node.get(qn("w:anchor")) for node in entries} <= targets
    kinds = [node.get(qn("w:fldCharType")) for node in sdt.iter(qn("w:fldChar"))]
    assert kinds.count("begin") == kinds.count("separate") == kinds.count("end") == 5
    assert document.settings.element.find(qn("w:updateFields")).get(qn("w:val")) == "true"


def test_every_page_of_the_text_has_its_title_and_number() -> None:
    section = opened(blocks("Text.")).sections[-1]
    assert section.header.paragraphs[0].text == "The Salt Road"
    assert fields(section.footer.part.element) == ["PAGE"]


@pytest.mark.parametrize(
    ("language", "attribute", "locale", "contents"),
    [
        ("en", "w:val", "en-US", "Contents"),
        ("en-GB", "w:val", "en-GB", "Contents"),
        ("de", "w:val", "de-DE", "Inhalt"),
        ("zh", "w:eastAsia", "zh-CN", "目录"),
        ("ar", "w:bidi", "ar-SA", "المحتويات"),
        ("eo", "w:val", "eo", "Contents"),
        ("German", "w:val", "en-US", "Contents"),
        ("", "w:val", "en-US", "Contents"),
    ],
)
def test_the_language_is_set(language: str, attribute: str, locale: str, contents: str) -> None:
    document = opened(blocks("Text.", language=language), options_for("novel", language))
    (tag,) = document.styles.element.xpath("w:docDefaults//w:lang")
    assert tag.get(qn(attribute)) == locale
    assert document.core_properties.language == locale
    assert document.element.body.xpath("./w:sdt//w:t")[0].text == contents


def test_right_to_left_text_is_marked_so_paragraph_by_paragraph() -> None:
    document = opened(blocks("שלום עולם, hello.\n\nHello, שלום."))
    marked = {p.text[:5]: bool(p._p.xpath("./w:pPr/w:bidi")) for p in document.paragraphs}
    assert marked["שלום "] is True
    assert marked["Hello"] is False


def test_the_properties_name_title_author_and_day_and_no_program() -> None:
    properties = opened(blocks("Text.")).core_properties
    assert (properties.title, properties.author, properties.comments) == ("The Salt Road", "M. Aldana", "")
    assert properties.created is not None
    assert properties.created.date().isoformat() == "2026-10-12"


def numbers(document: WordDocument) -> list[tuple[str, str]]:
    return [(p.text, p._p.pPr.numPr.numId.val) for p in document.paragraphs if p._p.xpath("./w:pPr/w:numPr")]


def test_every_list_counts_for_itself() -> None:
    document = opened(blocks("1. a\n2. b\n\nwords\n\n1. c\n\nwords\n\n2. d\n   1. e"))
    ids = dict(numbers(document))
    assert ids["a"] == ids["b"]
    assert len({ids["a"], ids["c"], ids["d"], ids["e"]}) == 4
    starts = {
        num.get(qn("w:numId")): num.xpath("./w:lvlOverride/w:startOverride/@w:val")
        for num in document.part.numbering_part.element.findall(qn("w:num"))
    }
    assert [starts[str(ids[item])] for item in "acde"] == [["1"], ["1"], ["2"], ["1"]]


def test_the_last_item_of_a_list_stands_off_from_what_follows() -> None:
    document = opened(blocks("- a\n- b\n  - c\n\nwords"), options_for("report", "en"))
    spaces = {p.text: p.paragraph_format.space_after for p in document.paragraphs}
    assert (spaces["a"], spaces["b"]) == (None, None)
    assert spaces["c"] is not None
    assert spaces["c"].pt == 8


def test_links_lead_where_they_led_and_odd_addresses_are_encoded() -> None:
    document = opened(blocks('[a *b*](https://example.org/ü "tip") [c](<my file.md>)'))
    (line,) = [p for p in document.paragraphs if p.hyperlinks]
    assert [(link.text, link.url) for link in line.hyperlinks] == [
        ("a b", "https://example.org/%C3%BC"), ("c", "my%20file.md"),
    ]  # fmt: skip
    assert line._p.xpath("./w:hyperlink/@w:tooltip") == ["tip"]


def test_novels_indent_all_paragraphs_but_the_first_and_reports_space_them() -> None:
    text = "One.\n\nTwo.\n\n---\n\nThree.\n\nFour."
    novel = opened(blocks(text), options_for("novel", "en"))
    named = {p.text: p.style.name for p in novel.paragraphs if p.style}
    assert [named[text] for text in ("One.", "Two.", "Three.", "Four.")] == [
        "Body Text", "Body Text First Indent", "Body Text", "Body Text First Indent",
    ]  # fmt: skip
    assert novel.styles["Body Text First Indent"].paragraph_format.first_line_indent.cm == pytest.approx(
        1.27, 0.01
    )
    assert novel.styles["Heading 1"].paragraph_format.page_break_before
    report = opened(blocks(text), options_for("report", "en"))
    assert {p.style.name for p in report.paragraphs if p.text in named and p.style} >= {"Body Text"}
    assert "Body Text First Indent" not in styles(report)
    assert report.styles["Body Text"].paragraph_format.space_after.pt == 8


def test_a_paragraph_that_brings_its_own_indent_gets_no_second_one() -> None:
    novel = opened(blocks("他来了。\n\n　　她走了。\n\n天黑了。"), options_for("novel", "zh"))
    named = {p.text: p.style.name for p in novel.paragraphs if p.style}
    assert named["　　她走了。"] == "Body Text"
    assert named["天黑了。"] == "Body Text First Indent"


def test_tables_repeat_their_header_and_two_in_a_row_stay_two() -> None:
    document = opened(blocks("| A |\n|---|\n| 1 |\n\n| B |\n|:-:|\n| 2 |"))
    assert len(document.tables) == 2
    assert document.tables[0].rows[0]._tr.xpath("./w:trPr/w:tblHeader")
    assert document.tables[1].cell(1, 0).paragraphs[0].alignment == 1
    assert document.tables[0]._tbl.getnext().tag == qn("w:p")


def test_front_pages_can_be_left_out() -> None:
    found = blocks("Text.")
    options = ExportOptions(title_page=False, contents_levels=0)
    document = opened(found, options)
    assert document.paragraphs[0].text == "The Arrival"
    assert len(document.sections) == 1
    verify(docx.render(found, options), ".docx", found)


def test_the_same_manuscript_gives_the_same_bytes() -> None:
    assert docx.render(blocks(TEXT), ExportOptions()) == docx.render(blocks(TEXT), ExportOptions())


def test_the_package_holds_no_picture_of_the_template_and_is_a_file_of_todays_word() -> None:
    with zipfile.ZipFile(BytesIO(docx.render(blocks("Text."), ExportOptions()))) as package:
        assert not [name for name in package.namelist() if "thumbnail" in name]
        assert b'w:name="compatibilityMode"' in package.read("word/settings.xml")
        assert b'w:val="15"' in package.read("word/settings.xml")


def test_a_book_of_two_hundred_thousand_words_is_written_and_checked() -> None:
    sentence = "The *old* keeper climbed the tower every evening, lit the fire, and looked north for long. "
    section = "\n\n".join([sentence * 5] * 20)
    chapters = [
        Section(depth, f"{'Chapter' if depth == 0 else 'Scene'} {number}", section if depth else "")
        for number in range(25)
        for depth in (0, 1, 1, 1, 1, 1)
    ]
    found = blocks_of(Manuscript("Long", "novel", "en", tuple(chapters)))
    assert verify(docx.render(found, ExportOptions()), ".docx", found) > 200_000


def convert(program: str, arguments: list[str]) -> str:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    done = subprocess.run([program, *arguments], check=True, capture_output=True, text=True, timeout=300)
    return done.stdout


def our_words(found: Sequence[Block]) -> Counter[str]:
    return Counter(word for line in lines_of(found) for word in words(" ".join(line.words)))


@pytest.mark.parametrize("kind", ["novel", "report"])
def test_libreoffice_shows_every_word(tmp_path: Path, kind: str) -> None:
    found = blocks_of(manuscript(TEXT, kind))
    path = tmp_path / "book.docx"
    path.write_bytes(docx.render(found, options_for(kind, "en")))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    convert(
        "soffice", [profile, "--headless", "--convert-to", "txt:Text", "--outdir", str(tmp_path), str(path)]
    )
    shown = Counter(words((tmp_path / "book.txt").read_text(encoding="utf-8-sig")))
    assert not our_words(found) - shown


def test_pandoc_reads_headings_lists_quotes_code_and_tables(tmp_path: Path) -> None:
    path = tmp_path / "book.docx"
    path.write_bytes(docx.render(blocks(TEXT + "\n\n```\nx = 1\n```"), ExportOptions()))
    markdown = convert("pandoc", ["-f", "docx", "-t", "gfm", "--wrap=none", str(path)])
    lines = " ".join(markdown.split())
    for line in (
        "# The Arrival",
        "## Salt",
        "> nested quote",
        "1. first",
        "- one",
        "x = 1",
        "***both***",
    ):
        assert line in lines, line
    assert "[the register](https://example.org/register?a=1&b=2)" in markdown
    assert "|" in markdown
