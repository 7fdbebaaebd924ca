from __future__ import annotations

from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.text.counting import words
from exports import markdown
from exports.blocks import blocks_of_markdown
from exports.model import Block, ExportOptions, ListBlock, Paragraph, Quote, Run
from exports.verify import lines_of, verify
from tests.exports.texts import FIXTURES, blocks, pandoc

LINES = st.sampled_from(
    Path(__file__).with_name("fixtures").joinpath("lines.txt").read_text(encoding="utf-8").split("\n")
)
SIGNS = st.text(alphabet="ab *_`~[]()<>!#-+.|\\\n 1>&;é船：”한:=\t\"'", max_size=60)
EDGES = st.sampled_from(
    [
        "&nbsp;",
        "&#9;",
        "&#10;",
        "&#13;",
        "&#32;",
        "\u3000",
        "\t",
        "    ",
        "\n",
        "\\\n",
        "a",
        "船。",
        "- ",
        "> ",
        "# ",
        "`",
        "~",
    ]
)


class _Text(HTMLParser):
    """The text of a page, with a space between what is in different tags of a block."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.text += dict(attrs)["alt"] or ""


def written(found: list[Block]) -> str:
    return markdown.render(found, ExportOptions()).decode()


def spaced(block: Block) -> Block:
    """The block with every list loose: a list of one paragraph cannot say which it is."""
    if isinstance(block, Quote):
        return Quote(tuple(map(spaced, block.blocks)))
    if isinstance(block, ListBlock):
        return replace(block, tight=True, items=tuple(tuple(map(spaced, item)) for item in block.items))
    return block


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_what_was_written_reads_back_as_the_same_blocks(path: Path) -> None:
    found = blocks_of_markdown(path.read_text(encoding="utf-8"))
    again = blocks_of_markdown(written(found))
    assert [spaced(block) for block in again] == [spaced(block) for block in found]


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(SIGNS, st.lists(LINES, max_size=14).map("\n".join), st.lists(EDGES, max_size=10).map("".join))
)
def test_any_text_reads_back_as_the_same_blocks_and_passes_the_check(text: str) -> None:
    found = blocks_of_markdown(text)
    file = markdown.render(found, ExportOptions())
    verify(file, ".md", found)
    assert [spaced(block) for block in blocks_of_markdown(file.decode())] == [
        spaced(block) for block in found
    ]


def test_the_title_is_the_only_heading_of_level_one() -> None:
    lines = markdown.render(blocks("### Inner"), ExportOptions()).decode().split("\n")
    assert [line for line in lines if line.startswith("#")] == [
        "# The Salt Road", "## The Arrival", "### Wind", "### Salt", "#### Inner", "## The Leaving",
    ]  # fmt: skip
    assert lines[2] == "M. Aldana"


def test_the_title_page_can_be_left_out() -> None:
    found = blocks("Text.")
    file = markdown.render(found, ExportOptions(title_page=False)).decode()
    assert file.startswith("## The Arrival\n")


def test_clean_markdown_stays_as_it_is() -> None:
    source = (
        'A *word*, a **strong** one, snake_case, `code` and [a link](https://example.org "T").\n\n'
        "> quoted\\\n> twice\n\n- a\n  - b\n\n* c\n\n1. d\n2. e\n\n```py\nx = 1\n```\n\n"
        "| A | B |\n| :-- | --: |\n| 1 | 2 |\n\n* * *\n\n1986\\. A year\n"
    )
    assert written(blocks_of_markdown(source)) == source


def test_emphasis_that_commonmark_cannot_say_is_given_up_and_the_words_are_not() -> None:
    (block,) = blocks_of_markdown('x**"a"** b')
    assert written([block]) == 'x\\*\\*"a"\\*\\* b\n'
    both = Run("b", strong=True, emphasis=True)
    impossible = Paragraph((Run("x"), Run("a", strong=True), both, Run("c", emphasis=True)))
    assert written([impossible]) == "xabc\n"


def test_white_space_at_an_edge_is_written_so_that_it_stays() -> None:
    assert written(blocks_of_markdown("&#9;a&nbsp;")) == "&#9;a&#160;\n"
    assert written(blocks_of_markdown("a **&#32;b** c")) == "a **&#32;b** c\n"
    assert written(blocks_of_markdown("海\n\u3000\u3000船")) == "海\\\n\u3000\u3000船\n"


@pytest.mark.parametrize(
    "text",
    [
        "　　他来了。\n\n　　她走了。\n",
        "　　他来了。\\\n　　她走了。\n",
        "> 　　他来了。\n",
        "- 　　他来了。\n",
        "　　**他**来了。\n",
        "　　- 他来了。\n",
    ],
)
def test_the_indent_of_chinese_prose_stays_as_it_was_typed(text: str) -> None:
    assert written(blocks_of_markdown(text)) == text


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_pandoc_reads_the_same_words(tmp_path: Path, path: Path) -> None:
    found = blocks_of_markdown(path.read_text(encoding="utf-8"))
    ours = Counter(word for line in lines_of(found) for word in words(" ".join(line.words)))
    assert Counter(words(_Text(pandoc(tmp_path, written(found))).text)) == ours


def test_an_exclamation_mark_stays_bare_unless_a_link_follows_it() -> None:
    source = "Run!\n\n*Stop!* he said, **now!**\\\nAnd! ![a](b.png) Look\\![here](c) or [there!](d)\n"
    assert markdown.render(blocks_of_markdown(source), ExportOptions()).decode() == source
