"""The outline as a page reads it: one query at any size, and never a text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.errors import BadInput, NotFound
from engine.store import outline, projects, versions
from engine.store.library import Library
from engine.store.schema import Node, Project
from tests.store.big_library import build, text_of
from tests.store.conftest import Spy

Find = Callable[[str], Node]


def test_the_outline_is_told_in_reading_order_with_numbers_depths_and_sums(
    library: Library, project: Project, node: Find
) -> None:
    versions.save_edit(library, node("Night").id, text_of(120, 1), None)
    told = [
        (row.number, row.depth, row.node.title, row.words, row.target, row.is_leaf)
        for row in outline.tree(library, project.id)
    ]
    assert told == [
        ("1", 0, "The storm", 120, 500, False),
        ("1.1", 1, "Dusk", 0, 200, True),
        ("1.2", 1, "Night", 120, 300, True),
        ("2", 0, "The calm", 0, 500, False),
        ("2.1", 1, "Dawn", 0, 250, True),
        ("2.2", 1, "Noon", 0, 250, True),
    ]


def test_leaves_are_the_sections_in_reading_order(library: Library, project: Project) -> None:
    assert [row.node.title for row in outline.leaves(library, project.id)] == [
        "Dusk",
        "Night",
        "Dawn",
        "Noon",
    ]


def test_a_chapter_is_finished_when_all_its_sections_are(
    library: Library, project: Project, node: Find
) -> None:
    def storm() -> tuple[str | None, bool]:
        row = outline.tree(library, project.id)[0]
        return row.finish, row.done

    for title in ("Dusk", "Night"):
        assert storm() == (None, False)
        draft = versions.open_draft(library, node(title).id, "draft", "m", 1, {}, {}, None)
        versions.append(library, [(draft.id, "text", "Ada waits.")])
        versions.seal(library, draft.id, "complete", 2)
    assert storm() == ("complete", True)


def test_versions_are_counted_for_each_section(library: Library, project: Project, node: Find) -> None:
    first = versions.save_edit(library, node("Dusk").id, "One.", None)
    versions.save_edit(library, node("Dusk").id, "Two.", first.id)
    counts = {row.node.title: row.version_count for row in outline.tree(library, project.id)}
    assert (counts["Dusk"], counts["Night"], counts["The storm"]) == (2, 0, 0)


def test_an_outline_of_any_size_is_one_query_without_texts(
    library: Library, project: Project, spy: Spy
) -> None:
    big = build(library, chapters=20, sections=20, words=20)
    for of, size in ((project, 6), (big, 420)):
        with spy() as spied:
            assert len(outline.tree(library, of.id)) == size
        assert len(spied.sql) == 1
        for column in ("text", "think", "prompt", "sampling"):
            assert f"version.{column}" not in spied.sql[0]


def test_an_empty_project_has_an_empty_outline_and_an_unknown_one_none(library: Library) -> None:
    empty = projects.create(library, {}, "Empty", "story", "en", 500)
    assert outline.tree(library, empty.id) == []
    with pytest.raises(NotFound):
        outline.tree(library, "nope")


def test_a_row_is_found_by_its_id_its_number_or_its_title(
    library: Library, project: Project, node: Find
) -> None:
    night = node("Night").id
    rows = outline.tree(library, project.id)
    assert [outline.find(rows, key).node.id for key in (night, "1.2", "Night")] == [night] * 3
    assert [row.node.title for row in outline.below(rows, outline.find(rows, "1"))] == [
        "The storm",
        "Dusk",
        "Night",
    ]
    with pytest.raises(NotFound, match=r"no section night"):
        outline.find(rows, "night")


def test_a_title_that_several_have_is_not_guessed_at(library: Library, project: Project, node: Find) -> None:
    outline.rename(library, node("Noon").id, "Night")
    with pytest.raises(BadInput, match=r"by its number \(1\.2, 2\.2\)"):
        outline.find(outline.tree(library, project.id), "Night")


def test_titles_that_bring_their_own_numbers_are_named_without_them_and_found_either_way(
    library: Library, project: Project, node: Find
) -> None:
    outline.rename(library, node("Dusk").id, "1. Dusk")
    outline.rename(library, node("Night").id, "2. Night")
    rows = outline.tree(library, project.id)
    assert [row.name for row in rows] == ["The storm", "Dusk", "Night", "The calm", "Dawn", "Noon"]
    assert [outline.find(rows, key).number for key in ("2. Night", "Night")] == ["1.2", "1.2"]
