"""A project from a brief, an outline from headings, and the headings of an outline."""

from __future__ import annotations

import pytest

from engine.errors import BadInput, LongwrightError
from engine.planning.brief import Brief, read_brief
from engine.planning.quotas import SectionLimits
from engine.store import outline, planned, projects, versions
from engine.store.library import Library
from engine.store.schema import Project

OUTLINE = "# The Keeper\n## Morning\n### The rope (400 words)\nShe climbs.\n### The lamp\n## Night\n"


def brief(text: str = OUTLINE, goal: int | None = 900) -> Brief:
    return read_brief("A keeper of a lighthouse.", kind="story", goal_words=goal, outline=text)


@pytest.fixture
def book(library: Library) -> Project:
    return planned.begin(library, brief())


def told(library: Library, project: Project) -> list[tuple[str, str, int]]:
    return [(row.number, row.node.title, row.target) for row in outline.tree(library, project.id)]


def test_the_brief_and_its_own_outline_become_a_project(library: Library, book: Project) -> None:
    assert (book.title, book.goal_words, book.kind) == ("The Keeper", 900, "story")
    assert [row[:2] for row in told(library, book)] == [
        ("1", "Morning"),
        ("1.1", "The rope"),
        ("1.2", "The lamp"),
        ("2", "Night"),
    ]
    assert sum(leaf.target for leaf in outline.leaves(library, book.id)) == 900


def test_a_title_of_ones_own_wins_over_the_one_in_the_outline(library: Library) -> None:
    assert planned.begin(library, brief(), title="Light").title == "Light"


def test_the_length_is_what_the_outline_states_where_the_brief_says_none(library: Library) -> None:
    assert planned.begin(library, brief("# A (300 words)\n# B (200 words)", None)).goal_words == 500


@pytest.mark.parametrize(
    "wrong", [brief("no headings at all"), brief("# A\n" * 1500), brief("".join("# A\n" for _ in range(400)))]
)
def test_what_cannot_be_planned_makes_no_project(library: Library, wrong: Brief) -> None:
    with pytest.raises(BadInput):
        planned.begin(library, wrong)
    assert projects.all(library) == []


def test_a_section_is_no_longer_than_the_limits_allow(library: Library) -> None:
    book = planned.begin(library, brief("# A\n# B"), SectionLimits(least=20, most=150))
    assert max(leaf.target for leaf in outline.leaves(library, book.id)) <= 150


def test_the_headings_of_an_outline_are_read_back_as_the_same(library: Library, book: Project) -> None:
    before, markdown = told(library, book), planned.outline_markdown(library, book)
    assert "### The rope (400 words)" not in markdown, "the book's title is no heading of its outline"
    assert "## The rope (400 words)\n\nShe climbs." in markdown
    planned.set_outline(library, book, markdown, SectionLimits())
    assert told(library, book) == before


def test_a_chapter_that_stands_alone_is_not_lost_as_a_title(library: Library, book: Project) -> None:
    planned.set_outline(library, book, "# The Keeper\n## One\n### A\n### B", SectionLimits())
    before = told(library, book)
    assert [row[1] for row in before] == ["One", "A", "B"]
    planned.set_outline(library, book, planned.outline_markdown(library, book), SectionLimits())
    assert told(library, book) == before


def test_sections_of_the_same_title_go_on_with_their_text(library: Library, book: Project) -> None:
    rope = outline.find(outline.tree(library, book.id), "The rope").node.id
    versions.save_edit(library, rope, "The rope held.", None)
    with pytest.raises(LongwrightError):
        planned.set_outline(library, book, "# The rope\n# The end", SectionLimits())
    planned.set_outline(library, book, "# The rope\n# The end", SectionLimits(), keep_matching=True)
    assert versions.current_text(library, rope) == "The rope held."
