"""A new outline for a project never costs a text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.errors import BadInput, Conflict, NodeLocked
from engine.planning.outline_text import MOST_NODES, OutlineItem
from engine.store import outline, projects, versions
from engine.store.library import Library
from engine.store.schema import Node, Project

Find = Callable[[str], Node]

NEW = [
    OutlineItem("The calm", children=(OutlineItem("Dawn", "Light.", 100), OutlineItem("Dusk", "", 200))),
    OutlineItem("After", "What remains.", 700, locked=True),
]


def _ids(library: Library, project: Project) -> dict[str, str]:
    return {row.node.title: row.node.id for row in outline.tree(library, project.id)}


def test_an_outline_is_stored_as_it_is_given(library: Library, project: Project) -> None:
    rows = outline.replace(library, project.id, NEW)
    assert [(r.number, r.node.title, r.node.beat, r.target, r.node.locked) for r in rows] == [
        ("1", "The calm", "", 300, False),
        ("1.1", "Dawn", "Light.", 100, False),
        ("1.2", "Dusk", "", 200, False),
        ("2", "After", "What remains.", 700, True),
    ]


def test_sections_without_a_target_share_what_the_goal_leaves(library: Library, project: Project) -> None:
    rows = outline.replace(
        library, project.id, [OutlineItem("A", target=400), OutlineItem("B"), OutlineItem("C")]
    )
    assert sum(row.target for row in rows) == project.goal_words
    assert all(row.target for row in rows)


def test_the_old_outline_can_be_brought_back(library: Library, project: Project, node: Find) -> None:
    storm = node("The storm")
    outline.replace(library, project.id, NEW)
    assert storm.id in [gone.node.id for gone in outline.removed(library, project.id)]
    outline.restore(library, storm.id)
    assert "Night" in _ids(library, project)


def test_an_outline_with_text_is_not_replaced_unasked(library: Library, project: Project, node: Find) -> None:
    versions.save_edit(library, node("Night").id, "Dark.", None)
    before = _ids(library, project)
    with pytest.raises(BadInput, match="Night"):
        outline.replace(library, project.id, NEW)
    assert _ids(library, project) == before


def test_an_outline_that_is_being_written_is_not_replaced(
    library: Library, project: Project, node: Find
) -> None:
    versions.open_draft(library, node("Night").id, "draft", "m", 1, {}, {}, None)
    with pytest.raises(BadInput, match="Night"):
        outline.replace(library, project.id, NEW)


def test_matching_headings_keep_their_ids_and_texts_wherever_they_go(
    library: Library, project: Project, node: Find
) -> None:
    for title in ("Dusk", "Night", "Dawn"):
        versions.save_edit(library, node(title).id, f"{title} text.", None)
    before = _ids(library, project)
    outline.replace(library, project.id, NEW, keep_matching=True)
    after = _ids(library, project)
    for title in ("The calm", "Dawn", "Dusk"):
        assert after[title] == before[title]
    assert versions.current_text(library, before["Dusk"]) == "Dusk text."
    assert node("Dawn").beat == "Light."
    outline.restore(library, before["Night"])
    assert versions.current_text(library, before["Night"]) == "Night text."


def test_a_section_goes_below_a_new_chapter_with_its_text(
    library: Library, project: Project, node: Find
) -> None:
    versions.save_edit(library, node("Night").id, "Dark.", None)
    before = node("Night").id
    chapter = OutlineItem("A new chapter", children=(OutlineItem("Night", target=500),))
    outline.replace(library, project.id, [chapter], keep_matching=True)
    assert node("Night").id == before
    assert node("Night").parent_id == node("A new chapter").id
    assert versions.current_text(library, before) == "Dark."


def test_the_same_title_in_two_chapters_is_told_apart_by_the_chapter(
    library: Library, project: Project
) -> None:
    def chapters(*titles: str) -> list[OutlineItem]:
        return [OutlineItem(title, children=(OutlineItem("Start", target=500),)) for title in titles]

    rows = outline.replace(library, project.id, chapters("One", "Two"))
    starts = {"One": rows[1].node.id, "Two": rows[3].node.id}
    versions.save_edit(library, starts["Two"], "The second start.", None)
    rows = outline.replace(library, project.id, chapters("Two", "One"), keep_matching=True)
    assert [rows[1].node.id, rows[3].node.id] == [starts["Two"], starts["One"]]


def test_a_section_with_text_never_becomes_a_chapter(library: Library, project: Project, node: Find) -> None:
    dusk = node("Dusk")
    versions.save_edit(library, dusk.id, "Ada waits.", None)
    split = [
        OutlineItem("Dusk", children=(OutlineItem("First", target=500), OutlineItem("Second", target=500)))
    ]
    rows = outline.replace(library, project.id, split, keep_matching=True)
    assert dusk.id not in [row.node.id for row in rows]
    outline.restore(library, dusk.id)
    assert versions.current_text(library, dusk.id) == "Ada waits."


def test_a_locked_section_is_neither_removed_nor_changed(
    library: Library, project: Project, node: Find
) -> None:
    outline.lock(library, node("Dawn").id)
    with pytest.raises(NodeLocked, match="Dawn"):
        outline.replace(library, project.id, NEW)
    outline.replace(library, project.id, NEW, keep_matching=True)
    dawn = node("Dawn")
    assert (dawn.locked, dawn.beat, dawn.target_words) == (True, "", 250)


@pytest.mark.parametrize(
    "items",
    [[], [OutlineItem(f"S{n}") for n in range(MOST_NODES + 1)], [OutlineItem("A"), OutlineItem(" ")]],
    ids=["empty", "too many", "without a title"],
)
def test_an_outline_that_cannot_be_used_changes_nothing(
    library: Library, project: Project, items: list[OutlineItem]
) -> None:
    before = _ids(library, project)
    with pytest.raises(BadInput):
        outline.replace(library, project.id, items)
    assert _ids(library, project) == before


def test_a_thousand_sections_are_stored_in_their_order(library: Library, project: Project) -> None:
    rows = outline.replace(library, project.id, [OutlineItem(f"Section {n}") for n in range(MOST_NODES)])
    assert [row.node.title for row in rows] == [f"Section {n}" for n in range(MOST_NODES)]


def test_an_outline_made_instead_of_another_one_is_refused_when_that_changed(
    library: Library, project: Project, node: Find
) -> None:
    seen = outline.fingerprint(library, project.id)
    outline.set_beat(library, node("Night").id, "The lamp goes out.")
    assert outline.fingerprint(library, project.id) != seen
    before = _ids(library, project)
    with pytest.raises(Conflict, match="stays as it is"):
        outline.replace(library, project.id, NEW, instead_of=seen)
    assert _ids(library, project) == before
    outline.replace(library, project.id, NEW, instead_of=outline.fingerprint(library, project.id))
    assert "Dawn" in _ids(library, project)


def test_no_outline_at_all_has_an_empty_fingerprint(library: Library) -> None:
    bare = projects.create(library, {}, "Bare", "novel", "en", 500)
    assert outline.fingerprint(library, bare.id) == ""
