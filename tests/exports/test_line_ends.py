from __future__ import annotations

import textwrap
import tomllib
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from exports import docx, markdown
from exports.blocks import blocks_of_markdown
from exports.line_ends import is_filled
from exports.model import Block, Break, ExportOptions, Heading, Paragraph, plain_text
from tests.exports.texts import pandoc

TEXTS = tomllib.loads(Path(__file__).with_name("line_ends.toml").read_text(encoding="utf-8"))
KEPT = {name: text.strip("\n") for name, text in TEXTS["kept"].items()}
FILLED = {name: text.strip("\n") for name, text in TEXTS["filled"].items()}
WORDS = st.lists(st.text(alphabet="aeiounrst", min_size=1, max_size=12), min_size=40, max_size=120)


def said(block: Block) -> str:
    assert isinstance(block, Paragraph | Heading)
    return plain_text(block.content)


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT.keys())
def test_a_paragraph_has_the_line_ends_that_the_page_shows(text: str) -> None:
    (block,) = blocks_of_markdown(text)
    assert said(block) == text


@pytest.mark.parametrize("text", FILLED.values(), ids=FILLED.keys())
def test_a_paragraph_that_a_program_broke_is_one_line(text: str) -> None:
    (block,) = blocks_of_markdown(text)
    assert "\n" not in said(block)
    assert "  " not in said(block)


@given(WORDS, st.integers(72, 100))
def test_whatever_a_program_filled_is_known_as_filled(words: list[str], columns: int) -> None:
    text = textwrap.fill(" ".join(words), columns)
    assert is_filled(text) == ("\n" in text)


def test_a_filled_line_end_is_no_space_between_han() -> None:
    (block,) = blocks_of_markdown(FILLED["chinese"])
    assert "绳子上的衣服都" in said(block)
    assert " " not in said(block)


def test_a_filled_line_end_has_the_look_that_goes_on_over_it() -> None:
    first, second = FILLED["two_lines"].split("\n")
    (block,) = blocks_of_markdown(f"*{first}\n{second}*")
    assert isinstance(block, Paragraph)
    assert len(block.content) == 1


def test_hard_line_ends_stay_in_a_filled_paragraph() -> None:
    first, second = FILLED["two_lines"].split("\n")
    for mark in ("\\", "  "):
        (block,) = blocks_of_markdown(f"{first}\n{second}{mark}\nNobody spoke.")
        assert said(block) == f"{first} {second}\nNobody spoke."


def test_lines_right_above_a_rule_are_verse_too_and_a_heading_is_one_line() -> None:
    assert said(blocks_of_markdown("Salt,\nand wind\n---")[0]) == "Salt,\nand wind"
    assert said(blocks_of_markdown("Salt,\nand wind\n===")[0]) == "Salt, and wind"


def test_a_paragraph_neither_begins_nor_ends_with_a_line_end() -> None:
    (block,) = blocks_of_markdown("[]()\n*wind*\\\n[]()")
    assert isinstance(block, Paragraph)
    assert Break() not in block.content


def test_word_and_pandoc_show_the_lines(tmp_path: Path) -> None:
    found = blocks_of_markdown(f"{KEPT['verse']}\n\n> {KEPT['address']}\n\n{FILLED['mail']}")
    document = Document(BytesIO(docx.render(found, ExportOptions())))
    texts = [p.text for p in document.paragraphs]
    assert KEPT["verse"] in texts
    assert KEPT["address"] in texts
    assert " ".join(FILLED["mail"].split("\n")) in texts
    html = pandoc(tmp_path, markdown.render(found, ExportOptions()).decode())
    assert html.count("<br />") == 3 + 2
