from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ExportError
from engine.text.counting import words
from exports import blocks as blocks_module
from exports.blocks import blocks_of, blocks_of_markdown
from exports.commonmark import Node
from exports.model import (
    Code,
    Heading,
    Link,
    ListBlock,
    Manuscript,
    Paragraph,
    Quote,
    Run,
    SceneBreak,
    Section,
    Table,
    TitlePage,
    plain_text,
)
from exports.verify import lines_of
from tests.exports.texts import CONTROLS, FIXTURES, blocks


def paragraph(text: str) -> Paragraph:
    return Paragraph((Run(text),))


# The odd marks are counted otherwise in the source: addresses that we show, entities by their names.
COUNTED = [path for path in FIXTURES if path.stem != "odd_marks"]


@pytest.mark.parametrize("path", COUNTED, ids=lambda path: path.stem)
def test_the_blocks_hold_the_words_of_the_text_as_the_one_counter_counts_them(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    shown = "\n\n".join(" ".join(line.words) for line in lines_of(blocks_of_markdown(source)))
    assert Counter(words(shown)) == Counter(words(source))


@given(st.text(alphabet="ab *_`~[]()<>!#-+.|\\\n 1>&;é船：”한:=\t\"'", max_size=80))
def test_no_character_of_any_text_is_lost(text: str) -> None:
    blocks_of_markdown(text)  # counts the characters itself and raises ExportError


def test_a_lost_character_is_an_error_that_names_the_section(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = Node("root", blocks_module.parse("").token)
    monkeypatch.setattr(blocks_module, "parse", lambda _text: empty)
    with pytest.raises(ExportError, match="“Salt” cannot be exported without losing “Gone"):
        blocks_of_markdown("Gone", name="Salt")


def test_the_title_page_comes_first_and_titles_are_plain_text_at_the_depth_of_the_outline() -> None:
    sections = (Section(0, "One *star*\n"), Section(1, "1. Salt", "Text."), Section(2, "", "More."))
    assert blocks_of(Manuscript(" The  Road ", "novel", "en", sections, 12, "Ada", "2026-10-12")) == [
        TitlePage("The Road", "Ada", 12, "2026-10-12"),
        Heading(1, (Run("One *star*"),)),
        Heading(2, (Run("1. Salt"),)),
        paragraph("Text."),
        paragraph("More."),
    ]


def test_a_text_of_one_section_that_is_called_like_the_book_has_its_title_once() -> None:
    def headings(*titles: str) -> int:
        sections = tuple(Section(0, title, "Rain.") for title in titles)
        made = blocks_of(Manuscript("The Road", "story", "en", sections, 2, "", ""))
        return sum(isinstance(block, Heading) for block in made)

    assert headings("The  Road") == 0
    assert (headings("Rain"), headings("The Road", "Rain")) == (1, 2)


def test_headings_in_a_text_come_below_its_title() -> None:
    found = [
        block for block in blocks("# Top\n\ntext\n\n### Deep\n\n###### Deepest") if isinstance(block, Heading)
    ]
    assert [(block.level, plain_text(block.content)) for block in found[2:]] == [
        (2, "Salt"), (3, "Top"), (5, "Deep"), (6, "Deepest"), (1, "The Leaving"),
    ]  # fmt: skip


def test_a_heading_in_a_quote_or_a_list_is_bold_text() -> None:
    assert blocks_of_markdown("> # Cried *he*") == [
        Quote((Paragraph((Run("Cried ", strong=True), Run("he", strong=True, emphasis=True))),))
    ]


@pytest.mark.parametrize("mark", ["---", "***", "* * *", "___", "#"])
def test_a_rule_or_an_empty_heading_is_a_scene_break(mark: str) -> None:
    assert blocks_of_markdown(f"One.\n\n{mark}\n\nTwo.") == [
        paragraph("One."),
        SceneBreak(),
        paragraph("Two."),
    ]


def test_a_rule_right_under_a_line_is_a_scene_break_and_no_heading() -> None:
    assert blocks_of_markdown("One.\n---\nTwo.") == [paragraph("One."), SceneBreak(), paragraph("Two.")]
    assert blocks_of_markdown("　　一。\n---\n二。") == [
        paragraph("　　一。"),
        SceneBreak(),
        paragraph("二。"),
    ]
    assert blocks_of_markdown("　\n---\n二。") == [SceneBreak(), paragraph("二。")]


def test_a_title_has_no_indent() -> None:
    assert blocks_of_markdown("# 　题") == blocks_of_markdown("　题\n===") == [Heading(1, (Run("题"),))]


@pytest.mark.parametrize("text", ["1986. A great year", "12. Dezember begann kalt.", "7) seven"])
def test_a_number_that_counts_nothing_stays_text(text: str) -> None:
    assert blocks_of_markdown(text) == [paragraph(text)]


def test_a_list_keeps_its_start_goes_on_and_begins_anew() -> None:
    found = blocks_of_markdown("1. a\n2. b\n\nwords\n\n3. c\n\nwords\n\n1. d\n1. e")
    lists = [block for block in found if isinstance(block, ListBlock)]
    assert [(block.start, len(block.items)) for block in lists] == [(1, 2), (3, 1), (1, 2)]


def test_a_number_out_of_order_is_never_counted_over() -> None:
    assert blocks_of_markdown("1. a\n1986. b") == [
        ListBlock(True, 1, True, ((paragraph("a"),),)),
        paragraph("1986. b"),
    ]


def test_lists_nest_and_items_hold_paragraphs() -> None:
    assert blocks_of_markdown("- a\n  - b\n\n    c") == [
        ListBlock(
            False,
            1,
            True,
            ((paragraph("a"), ListBlock(False, 1, False, ((paragraph("b"), paragraph("c")),))),),
        )
    ]


def test_the_cells_of_a_long_row_are_kept() -> None:
    (table,) = blocks_of_markdown("| a |\n|--:|\n| 1 | 2 | 3 |")
    assert isinstance(table, Table)
    assert table.align == ("right", "", "")
    assert [plain_text(cell) for cell in table.rows[0]] == ["1", "2", "3"]
    assert table.header[1:] == ((), ())


def test_an_indented_paragraph_is_no_code_and_a_fence_is() -> None:
    assert blocks_of_markdown("\tOnce upon a time") == [paragraph("Once upon a time")]
    assert blocks_of_markdown("```py x\n a\n\n```") == [Code(" a\n", "py x")]


@pytest.mark.parametrize("text", ["<div>block</div>", "a <br> b", "<!-- c -->", "[x]: y", "[^1]: note"])
def test_html_and_definitions_are_text(text: str) -> None:
    assert blocks_of_markdown(text) == [paragraph(text)]


def test_looks_nest_and_merge() -> None:
    (block,) = blocks_of_markdown('a *b **c*** ~~d~~ `e` &amp; [f *g*](u "t")')
    link = Link("u", "t")
    assert block == Paragraph(
        (
            Run("a "), Run("b ", emphasis=True), Run("c", strong=True, emphasis=True), Run(" "),
            Run("d", strike=True), Run(" "), Run("e", code=True), Run(" & "), Run("f ", link=link),
            Run("g", emphasis=True, link=link),
        )
    )  # fmt: skip


def test_addresses_that_no_reader_can_follow_stand_in_the_text() -> None:
    (block,) = blocks_of_markdown('[a](http://[half "t") [](http://b)')
    assert block == Paragraph((Run("a (http://[half t) "), Run("http://b", link=Link("http://b"))))


def test_characters_that_no_file_can_hold_leave_no_hole_in_a_word() -> None:
    (block,) = blocks_of_markdown(CONTROLS)
    assert isinstance(block, Paragraph)
    said = plain_text(block.content)
    assert said == "A bell and a null and an escape[31m here,\na vertical tab,\na page\nend  ."


@pytest.mark.parametrize(
    "line", [">" * 300 + " x", "- " * 99 + "x", "1. " * 99 + "x", "*a " * 900 + "b* " * 900]
)
def test_the_babble_of_a_looping_model_is_kept_as_text(line: str) -> None:
    (line_read,) = lines_of(blocks_of_markdown(line))
    assert "x" in line_read.words or len(line_read.words) == 1800
