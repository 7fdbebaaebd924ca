"""Nothing that is taken out of the outline goes for good."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.errors import NotFound
from engine.store import outline, projects, versions
from engine.store.library import Library
from engine.store.schema import Node, Project
from tests.store.big_library import text_of

Find = Callable[[str], Node]


def _shape(library: Library, project: Project) -> list[tuple[str, str]]:
    return [(row.number, row.node.title) for row in outline.tree(library, project.id)]


def _targets(library: Library, project: Project) -> dict[str, int]:
    return {row.node.title: row.target for row in outline.leaves(library, project.id)}


def test_a_removed_chapter_comes_back_to_its_place_with_everything(
    library: Library, project: Project, node: Find
) -> None:
    storm, dusk = node("The storm"), node("Dusk")
    versions.save_edit(library, dusk.id, text_of(200, 1), None)
    before = [(row.number, row.node.id, row.target) for row in outline.tree(library, project.id)]
    outline.remove(library, storm.id)
    assert _shape(library, project) == [("1", "The calm"), ("1.1", "Dawn"), ("1.2", "Noon")]
    assert _targets(library, project) == {"Dawn": 500, "Noon": 500}
    with pytest.raises(NotFound):
        outline.rename(library, dusk.id, "gone")
    outline.restore(library, storm.id)
    assert [(row.number, row.node.id, row.target) for row in outline.tree(library, project.id)] == before
    assert versions.current_text(library, dusk.id) == text_of(200, 1)


def test_what_was_removed_is_told_with_the_words_that_went_with_it(
    library: Library, project: Project, node: Find
) -> None:
    storm, dusk, noon = node("The storm"), node("Dusk"), node("Noon")
    versions.save_edit(library, dusk.id, "Ada waits.", None)
    versions.save_edit(library, node("Night").id, "It is dark now.", None)
    versions.save_edit(library, noon.id, "Sun.", None)
    outline.remove(library, dusk.id)
    outline.remove(library, noon.id)
    outline.remove(library, storm.id)
    told = [(gone.node.title, gone.words) for gone in outline.removed(library, project.id)]
    assert told == [("The storm", 4), ("Noon", 1), ("Dusk", 2)]


def test_what_was_removed_before_stays_removed_when_its_chapter_comes_back(
    library: Library, project: Project, node: Find
) -> None:
    storm, dusk = node("The storm"), node("Dusk")
    outline.remove(library, dusk.id)
    outline.remove(library, storm.id)
    assert [gone.node.id for gone in outline.removed(library, project.id)] == [storm.id, dusk.id]
    outline.restore(library, storm.id)
    assert [title for _, title in _shape(library, project)] == [
        "The storm",
        "Night",
        "The calm",
        "Dawn",
        "Noon",
    ]
    assert [gone.node.id for gone in outline.removed(library, project.id)] == [dusk.id]
    outline.restore(library, dusk.id)
    assert [title for _, title in _shape(library, project)][:3] == ["The storm", "Dusk", "Night"]


def test_a_section_whose_chapter_is_gone_comes_back_at_the_top(
    library: Library, project: Project, node: Find
) -> None:
    dusk, storm = node("Dusk"), node("The storm")
    outline.remove(library, dusk.id)
    outline.remove(library, storm.id)
    outline.restore(library, dusk.id)
    assert _shape(library, project)[-1] == ("2", "Dusk")
    outline.restore(library, storm.id)
    assert sorted(title for _, title in _shape(library, project)) == [
        "Dawn", "Dusk", "Night", "Noon", "The calm", "The storm",
    ]  # fmt: skip


def test_only_what_was_removed_is_restored(library: Library, node: Find) -> None:
    for node_id in (node("Dusk").id, "nope"):
        with pytest.raises(NotFound):
            outline.restore(library, node_id)


def test_a_restored_section_shrinks_where_the_others_cannot_make_room(
    library: Library, project: Project, node: Find
) -> None:
    dusk = node("Dusk")
    outline.remove(library, dusk.id)
    for title in ("Night", "Dawn", "Noon"):
        outline.lock(library, node(title).id)
    projects.update(library, project.id, goal_words=1100)
    outline.restore(library, dusk.id)
    assert _targets(library, project)["Dusk"] == 100
