from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from docx import Document

from exports import docx, markdown
from exports.blocks import blocks_of_markdown
from exports.model import ExportOptions, Paragraph, Run, plain_text
from tests.exports.texts import pandoc

TEXT = Path(__file__).with_name("fixtures").joinpath("cjk_emphasis.md").read_text(encoding="utf-8")


def written(text: str) -> str:
    return markdown.render(blocks_of_markdown(text), ExportOptions()).decode()


@pytest.mark.parametrize(
    ("text", "strong"),
    [
        ("**重要：**他说", ["重要："]),
        ("他说**“重要”**吗", ["“重要”"]),
        ("これは**「重要」**です", ["「重要」"]),
        ("이 용어**(This term)**를", ["(This term)"]),
        ("这个**`code`**吗", ["code"]),
        ("**葛\U000e0100（一）\ufe00**二", ["葛\U000e0100（一）\ufe00"]),
        ("__重要：__ 他说", ["重要："]),
        ("__重要：__他说", []),
        ("5 ** 3：** 他", []),
        ('x**"a"**y', []),
        ("a**😀**b", []),
    ],
)
def test_emphasis_beside_cjk_marks_needs_no_space(text: str, strong: list[str]) -> None:
    (block,) = blocks_of_markdown(text)
    assert isinstance(block, Paragraph)
    assert [run.text for run in block.content if isinstance(run, Run) and run.strong] == strong
    assert strong == [] or "*" not in plain_text(block.content)


def test_in_word_it_is_a_style_and_no_asterisk_is_left() -> None:
    document = Document(BytesIO(docx.render(blocks_of_markdown(TEXT), ExportOptions())))
    strong = [run.text for p in document.paragraphs for run in p.runs if run.style.name == "Strong"]
    assert strong[:3] == ["重要：", "“灯塔”", "谁？"]
    assert not set("".join(p.text for p in document.paragraphs)) & set("*_~")


@pytest.mark.parametrize(
    "text",
    [
        "2*3*4 is 24, and 2**3**4 is more.",
        "From 5*3 to 4*2, or 2*x*3.",
        "Leser*innen und Autor*innen",
        "What the f**k is this s**t?",
        "A 20~~30 and a 40~~50.",
    ],
)
def test_asterisks_inside_words_and_numbers_are_the_writers_own(text: str) -> None:
    assert blocks_of_markdown(text) == [Paragraph((Run(text),))]
    assert blocks_of_markdown(written(text)) == [Paragraph((Run(text),))]


@pytest.mark.parametrize(
    ("text", "emphasised"),
    [
        ("*word*, *two words* and (*three*)", ["word", "two words", "three"]),
        ("That is im*possible*, *un*believable and abso*bloody*lutely so.", ["possible", "un", "bloody"]),
        ("Autor*innen sind *hier*", ["hier"]),
        ("the *2*nd of 3", ["2"]),
        ("в*ажн*о", ["ажн"]),
    ],
)
def test_emphasis_around_a_word_or_within_one_stays_emphasis(text: str, emphasised: list[str]) -> None:
    (block,) = blocks_of_markdown(text)
    assert isinstance(block, Paragraph)
    assert [run.text for run in block.content if isinstance(run, Run) and run.emphasis] == emphasised


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("**重要：**他说", "**重要：**&#20182;说"),
        ("他**“重要”**吗", "&#20182;**“重要”**&#21527;"),
        ("**（一）**二**（三）**", "**（一）**&#20108;**（三）**"),
        ("*好！*他**说**", "*好！*&#20182;**说**"),
        ("海**风*：*船**", "&#28023;**&#39118;*：*&#33337;**"),
        ("**重要：** 他说", "**重要：** 他说"),
        ("**重要**：他说", "**重要**：他说"),
    ],
)
def test_emphasis_beside_cjk_marks_is_written_so_that_every_reader_sees_it(source: str, shown: str) -> None:
    assert written(source) == f"{shown}\n"


def test_pandoc_sees_the_same_emphasis_beside_cjk_marks(tmp_path: Path) -> None:
    html = pandoc(tmp_path, written(TEXT))
    assert not set(html) & set("*~")
    for looks in (
        "<strong>重要：</strong>他说",
        "<em>真的。</em><del>删去。</del>留下",
        "<strong>(This term)</strong>를",
    ):
        assert looks in html
