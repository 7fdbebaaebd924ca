"""A section that is too long for one go, split where it stands."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.errors import BadInput, NotFound
from engine.planning.outline_text import MOST_NODES
from engine.store import outline, projects, versions
from engine.store.library import Library
from engine.store.schema import Node, Project
from tests.store.big_library import build
from tests.store.conftest import Spy

Find = Callable[[str], Node]


def targets(library: Library, project: Project) -> list[tuple[str, int]]:
    return [(row.node.title, row.target) for row in outline.leaves(library, project.id)]


def test_parts_are_equal_to_a_word_and_the_neighbours_stay(
    library: Library, project: Project, node: Find
) -> None:
    first = outline.split(library, node("Night").id, 90)
    assert first.id == node("Night, part one").id
    assert targets(library, project) == [
        ("Dusk", 200),
        ("Night, part one", 75),
        ("Night, part two", 75),
        ("Night, part three", 75),
        ("Night, part four", 75),
        ("Dawn", 250),
        ("Noon", 250),
    ]


def test_a_length_that_does_not_divide_is_shared_exactly(
    library: Library, project: Project, node: Find
) -> None:
    outline.split(library, node("Dusk").id, 80)
    parts = [words for title, words in targets(library, project) if title.startswith("Dusk")]
    assert parts == [67, 67, 66]


def test_the_only_section_of_a_text_is_split(library: Library) -> None:
    one = projects.create(library, {}, "One", "story", "en", 2000)
    outline.split(library, outline.insert(library, one.id, "All of it").id, 450)
    assert targets(library, one) == [
        (f"All of it, part {n}", 400) for n in ("one", "two", "three", "four", "five")
    ]


def test_the_first_part_keeps_id_and_text_and_the_parts_share_what_happens(
    library: Library, project: Project, node: Find
) -> None:
    night = node("Night")
    outline.set_beat(library, night.id, "The light fails. A ship comes.")
    versions.save_edit(library, night.id, "It is dark.", None)
    assert outline.split(library, night.id, 200).id == night.id
    assert versions.current_text(library, night.id) == "It is dark."
    assert node("Night, part one").beat == "The light fails."
    assert node("Night, part two").beat == "A ship comes."


def test_parts_are_named_in_the_script_of_the_title(library: Library, project: Project, node: Find) -> None:
    outline.rename(library, node("Night").id, "夜")
    outline.split(library, node("夜").id, 200)
    assert [title for title, _ in targets(library, project)][1:3] == ["夜（一）", "夜（二）"]


def test_it_is_one_transaction(library: Library, project: Project, node: Find, spy: Spy) -> None:
    night = node("Night").id
    with spy() as spied:
        outline.split(library, night, 90)
    assert sum(statement.startswith("BEGIN") for statement, _ in spied.statements) == 1


def test_all_long_sections_are_split_at_once_but_for_locked_and_written_ones(
    library: Library, project: Project, node: Find, spy: Spy
) -> None:
    outline.lock(library, node("Dusk").id)
    versions.save_edit(library, node("Dawn").id, "It is light.", None)
    projects.update(library, project.id, goal_words=2000)
    night, noon = node("Night").id, node("Noon").id
    with spy() as spied:
        done = outline.split_long(library, project.id, 450)
    assert sum(statement.startswith("BEGIN") for statement, _ in spied.statements) == 1
    assert [(one.title, one.parts[0].id, len(one.parts)) for one in done] == [
        ("Night", night, 2),
        ("Noon", noon, 2),
    ]
    told = dict(targets(library, project))
    assert sum(told.values()) == 2000
    assert (told["Dusk"], told["Dawn"]) == (200, 250)
    assert max(told.values()) <= 450
    assert outline.split_long(library, project.id, 450) == []


def test_only_the_long_ones_that_are_asked_for_are_split(
    library: Library, project: Project, node: Find
) -> None:
    outline.split_long(library, project.id, 200, among=[node("Noon").id, node("Dusk").id])
    assert [title for title, _ in targets(library, project)] == [
        "Dusk", "Night", "Dawn", "Noon, part one", "Noon, part two",
    ]  # fmt: skip


def test_what_cannot_be_split_is_refused_and_changes_nothing(
    library: Library, project: Project, node: Find
) -> None:
    outline.lock(library, node("Dawn").id)
    before = targets(library, project)
    for title, sentence in (
        ("The storm", "sections of its own"),
        ("Dawn", "is locked"),
        ("Noon", "short enough"),
    ):
        with pytest.raises(BadInput, match=sentence):
            outline.split(library, node(title).id, 250 if title == "Noon" else 100)
    with pytest.raises(NotFound):
        outline.split(library, "nowhere", 100)
    assert targets(library, project) == before


def test_a_project_holds_a_limited_number_of_parts(library: Library) -> None:
    full = build(library, chapters=MOST_NODES // 10, sections=9, words=2)
    leaf = outline.leaves(library, full.id)[0].node
    with pytest.raises(BadInput, match="1,000"):
        outline.split(library, leaf.id, leaf.target_words - 1)
