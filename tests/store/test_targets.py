"""The sum of the targets is the goal, and only sections that may change do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.errors import BadInput
from engine.store import outline, projects, versions
from engine.store.library import Library
from engine.store.schema import Node, Project
from tests.store.big_library import text_of

Find = Callable[[str], Node]


@pytest.fixture
def targets(library: Library, project: Project) -> Callable[[], dict[str, int]]:
    return lambda: {row.node.title: row.target for row in outline.leaves(library, project.id)}


Targets = Callable[[], dict[str, int]]


def test_the_rest_makes_up_for_a_changed_section(library: Library, node: Find, targets: Targets) -> None:
    outline.set_target(library, node("Dusk").id, 360)
    assert targets() == {"Dusk": 360, "Night": 240, "Dawn": 200, "Noon": 200}


def test_locked_sections_keep_their_length(library: Library, node: Find, targets: Targets) -> None:
    outline.lock(library, node("The calm").id)
    outline.set_target(library, node("Dusk").id, 150)
    assert targets() == {"Dusk": 150, "Night": 350, "Dawn": 250, "Noon": 250}


def test_written_sections_keep_their_length_as_long_as_others_can_make_up(
    library: Library, node: Find, targets: Targets
) -> None:
    for title in ("Night", "Dawn"):
        versions.save_edit(library, node(title).id, text_of(250, 1), None)
    outline.set_target(library, node("Dusk").id, 300)
    assert targets() == {"Dusk": 300, "Night": 300, "Dawn": 250, "Noon": 150}
    outline.set_target(library, node("Dusk").id, 600)
    told = targets()
    assert told["Dusk"] == 600
    assert sum(told.values()) == 1000
    assert told["Night"] < 300


def test_a_chapter_as_a_whole_gets_a_length(library: Library, node: Find, targets: Targets) -> None:
    outline.set_target(library, node("The storm").id, 600)
    assert targets() == {"Dusk": 240, "Night": 360, "Dawn": 200, "Noon": 200}


def test_a_chapter_with_a_locked_section_shares_among_the_others(
    library: Library, node: Find, targets: Targets
) -> None:
    outline.lock(library, node("Dusk").id)
    outline.set_target(library, node("The storm").id, 600)
    assert targets() == {"Dusk": 200, "Night": 400, "Dawn": 200, "Noon": 200}


@pytest.mark.parametrize(
    ("title", "words"), [("Dusk", 990), ("Dusk", 0), ("The storm", 30), ("The storm", 1000)]
)
def test_a_length_that_the_rest_cannot_make_up_for_is_refused(
    library: Library, node: Find, targets: Targets, title: str, words: int
) -> None:
    before = targets()
    with pytest.raises(BadInput):
        outline.set_target(library, node(title).id, words)
    assert targets() == before


def test_a_locked_section_is_not_given_another_length(library: Library, node: Find) -> None:
    outline.lock(library, node("Dusk").id)
    with pytest.raises(BadInput, match="locked"):
        outline.set_target(library, node("Dusk").id, 250)


def test_a_goal_that_no_free_section_can_take_leaves_the_targets_and_shows(
    library: Library, project: Project, node: Find, targets: Targets
) -> None:
    before = targets()
    outline.lock(library, node("The storm").id)
    outline.lock(library, node("The calm").id)
    projects.update(library, project.id, goal_words=3000)
    assert targets() == before


def test_a_goal_below_what_is_written_leaves_the_targets(
    library: Library, project: Project, node: Find, targets: Targets
) -> None:
    for title in ("Dusk", "Night"):
        versions.save_edit(library, node(title).id, text_of(250, 1), None)
    before = targets()
    projects.update(library, project.id, goal_words=510)
    assert targets() == before
