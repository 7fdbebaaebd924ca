from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadInput
from engine.planning.outline_text import (
    OutlineItem,
    count_items,
    leaves,
    parse_outline,
    render_outline,
    split_title,
    stated_goal,
)

OUTLINE = """An idea.

# The Long Winter

## Chapter 1: Snow (1,800 words)
Ada waits.

The lamp goes out.
### The pier
## Chapter 2: Ice (1.5k words, locked)
```
# no heading in code
```
# 风暴（1.5万字）
#### Deep ##
"""


def test_headings_become_a_tree_with_lengths_locks_and_beats() -> None:
    items = parse_outline(OUTLINE)
    assert items == [
        OutlineItem(
            "The Long Winter",
            beat="An idea.",
            children=(
                OutlineItem(
                    "Chapter 1: Snow",
                    beat="Ada waits.\n\nThe lamp goes out.",
                    target=1800,
                    children=(OutlineItem("The pier"),),
                ),
                OutlineItem(
                    "Chapter 2: Ice", beat="```\n# no heading in code\n```", target=1500, locked=True
                ),
            ),
        ),
        OutlineItem("风暴", target=15_000, children=(OutlineItem("Deep"),)),
    ]
    assert [leaf.title for leaf in leaves(items)] == ["The pier", "Chapter 2: Ice", "Deep"]
    assert count_items(items) == 6


@pytest.mark.parametrize(
    ("heading", "title", "target"),
    [
        ("# Snow (800 words)", "Snow", 800),
        ("# Snow (about 800 words)", "Snow", 800),
        ("# Snow (800-word)", "Snow", 800),
        ("# Snow (3.000 words)", "Snow", 3000),
        ("# Snow (2k)", "Snow", 2000),
        ("# Snow (1.125k words)", "Snow", 1125),
        ("# Snow (800–900 words)", "Snow", 850),
        ("# Snow (2-3k words)", "Snow", 2500),
        ("# 雪（800到900字）", "雪", 850),
        ("# Snow (1.5 words)", "Snow (1.5 words)", None),
        ("# Snow (1.2.3k words)", "Snow (1.2.3k words)", None),
        pytest.param(f"# A ({'9' * 200} words)", f"A ({'9' * 200} words)", None, id="absurd"),
        ("# **Snow** (800 words)", "Snow", 800),
        ("# **Snow (800 words)**", "Snow", 800),
        ("# _Snow_ and __ice__, **_deep_** ***frost***", "Snow and ice, deep frost", None),
        ("# snow_and_ice 2*3*4 \\*x*", "snow_and_ice 2*3*4 *x*", None),
        ("# 雪（800字）", "雪", 800),
        ("# 雪 (约1万字)", "雪", 10_000),
        ("# Snow (2010)", "Snow (2010)", None),
        ("# Snow (800 words) falls", "Snow (800 words) falls", None),
        ("# Snow #", "Snow", None),
    ],
)
def test_a_length_at_the_end_of_a_heading_is_a_target(heading: str, title: str, target: int | None) -> None:
    assert parse_outline(heading) == [OutlineItem(title, target=target)]


def test_a_line_of_its_own_above_a_rule_is_a_heading() -> None:
    items = parse_outline("The Long Winter\n===\n\nSnow (800 words)\n-----\nAda waits.\n\n---\n\nShe goes.\n")
    assert items == [
        OutlineItem(
            "The Long Winter",
            children=(OutlineItem("Snow", "Ada waits.\n\n---\n\nShe goes.", target=800),),
        )
    ]


@pytest.mark.parametrize(
    "beat", ["One line.\nTwo lines.\n---", "- an item\n---", "| a |\n---", "Ada.\n\n    code\n---"]
)
def test_a_rule_below_other_things_makes_no_heading(beat: str) -> None:
    assert parse_outline(f"# A\n{beat}") == [OutlineItem("A", beat)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_systems_end_them(end: str) -> None:
    assert parse_outline(end.join(["# A", "Ada.", "# B"])) == [OutlineItem("A", "Ada."), OutlineItem("B")]


@pytest.mark.parametrize(
    "code", ["```\n~~~\n# no\n```", "~~~\n```\n# no\n~~~", "````\n```\n# no\n````", "```\n```py\n# no\n```"]
)
def test_only_its_own_fence_closes_a_code_block(code: str) -> None:
    assert [item.title for item in parse_outline(f"# A\n{code}\n# B")] == ["A", "B"]


@pytest.mark.parametrize("text", ["", "Just prose.\n- a list", "#hashtag", "```\n# code\n```"])
def test_an_outline_without_headings_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="no headings"):
        parse_outline(text)


def test_an_outline_of_two_thousand_headings_is_refused_and_one_of_a_thousand_is_not() -> None:
    with pytest.raises(BadInput, match="2,000 headings"):
        parse_outline("# a\n" * 2000)
    assert len(parse_outline("# a\n" * 1000)) == 1000


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("# A\n##\n", "Line 2 .* without a title"),
        ("# (800 words)", "Line 1 .* without a title"),
        ("# A\n\n## B (0 words)", "Line 3 .* 0 words"),
        ("# " + "a" * 301, "line 1 .* longer than 300"),
        pytest.param("# a" + " " * 50_000 + "b", "line 1 .* longer than 300", id="blanks without an end"),
        pytest.param("# " + "*a " * 30_000, "line 1 .* longer than 300", id="marks without an end"),
    ],
)
def test_a_heading_that_cannot_be_used_is_refused_with_its_line(text: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        parse_outline(text)


TITLES = st.lists(
    st.sampled_from(
        [
            "Snow",
            "风暴",
            "(800 words)",
            "（800字）",
            "(locked)",
            "#",
            "1.",
            "\\(",
            "(x)",
            "**b**",
            "_i_",
            "*",
            "\\*",
            "_",
            "(2k)",
            "(800–900 words)",
            "(1.5 words)",
            "a_b_c",
        ]
    ),
    min_size=1,
    max_size=3,
).map(lambda words: "A " + " ".join(words))
BEATS = st.lists(
    st.sampled_from(
        ["Ada waits.", "", "# no heading", "\\# escaped", "#tag", "  # deep", "---", "===", "\\---"]
    ),
    max_size=3,
).map(lambda lines: "\n".join(lines).strip())
LEAF = st.builds(OutlineItem, TITLES, BEATS, st.none() | st.integers(1, 99_999), st.booleans())
ITEMS = st.recursive(
    LEAF,
    lambda below: st.builds(
        OutlineItem,
        TITLES,
        BEATS,
        st.none() | st.integers(1, 99_999),
        st.booleans(),
        st.lists(below, max_size=2).map(tuple),
    ),
    max_leaves=6,
)


@given(st.lists(ITEMS, min_size=1, max_size=3))
def test_a_rendered_outline_reads_back_the_same(items: list[OutlineItem]) -> None:
    assert parse_outline(render_outline(items)) == items


def test_one_heading_above_all_others_is_the_title_of_the_book() -> None:
    chapters = [OutlineItem("A"), OutlineItem("B")]
    assert split_title([OutlineItem("Book", children=tuple(chapters))]) == ("Book", chapters)
    assert split_title(chapters) == (None, chapters)
    assert split_title([OutlineItem("Only")]) == (None, [OutlineItem("Only")])


def test_the_outline_states_a_goal_when_all_its_parts_do() -> None:
    assert stated_goal(parse_outline("# A (500 words)\n# B\n## C (300 words)\n## D (200 words)")) == 1000
    assert stated_goal(parse_outline("# A (500 words)\n# B")) is None
