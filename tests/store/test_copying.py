"""A copied project is a project of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.store import outline, projects, versions
from engine.store.library import Library
from engine.store.schema import Node, Project, Version
from engine.store.unfinished import unfinished
from engine.text.counting import count_words
from tests.store.big_library import build
from tests.store.conftest import Spy

Find = Callable[[str], Node]


def test_a_copy_has_the_outline_and_the_current_texts_under_new_ids(
    library: Library, project: Project, node: Find
) -> None:
    first = versions.save_edit(library, node("Dusk").id, "Ada waits.", None)
    versions.save_edit(library, node("Dusk").id, "Ada runs.", first.id)
    outline.lock(library, node("Noon").id)
    outline.remove(library, node("Dawn").id)
    copy = projects.duplicate(library, project.id)
    assert (copy.title, copy.brief, copy.goal_words) == ("The long winter (copy)", project.brief, 1000)

    def shape(of: Project) -> list[tuple[object, ...]]:
        rows = outline.tree(library, of.id)
        return [
            (r.number, r.node.title, r.node.beat, r.target, r.words, r.node.locked, r.finish) for r in rows
        ]

    assert shape(copy) == shape(project)
    ids = [{row.node.id for row in outline.tree(library, of.id)} for of in (project, copy)]
    assert not ids[0] & ids[1]
    assert list(versions.current_texts(library, copy.id).values()) == ["Ada runs."]
    copied = next(row.node for row in outline.leaves(library, copy.id) if row.node.title == "Dusk")
    assert len(versions.history(library, copied.id)) == 1
    versions.save_edit(library, copied.id, "Changed in the copy.", copied.version_id)
    assert versions.current_text(library, node("Dusk").id) == "Ada runs."


def drafted(
    library: Library, node: Node, text: str, finish: str | None, parent: str | None = None
) -> Version:
    """A draft that begins with nothing, or with `parent`; None: one that is still open."""
    draft = versions.open_draft(library, node.id, "draft", "m", 1, {}, {}, None, parent)
    versions.append(library, [(draft.id, "text", text), (draft.id, "cut", text[-1])])
    return draft if finish is None else versions.seal(library, draft.id, finish, count_words(text))


def copied_history(library: Library, project: Project, title: str) -> list[tuple[str, str | None, str]]:
    """Origin, finish and text of the versions of that section in a copy of the project, oldest first."""
    copy = projects.duplicate(library, project.id)
    row = next(row for row in outline.leaves(library, copy.id) if row.node.title == title)
    history = versions.history(library, row.node.id)
    assert history[-1].id == row.node.version_id
    assert {version.project_id for version in history} == {copy.id}
    assert [version.parent_id for version in history] == [None, *(version.id for version in history[:-1])]
    return [(v.origin, v.finish, versions.text_of(library, v.id).text) for v in history]


@pytest.mark.parametrize("finish", ["stopped", None])
def test_a_half_draft_that_a_person_changed_is_as_unfinished_in_the_copy(
    library: Library, project: Project, node: Find, finish: str | None
) -> None:
    draft = drafted(library, node("Dusk"), "Ada waits by", finish)
    first = versions.save_edit(library, node("Dusk").id, "Ada waits.", draft.id)
    versions.save_edit(library, node("Dusk").id, "Ada runs.", first.id)
    assert copied_history(library, project, "Dusk") == [
        ("draft", "stopped", "Ada waits b"),
        ("edit", None, "Ada runs."),
    ]
    copies = [other for other in projects.all(library) if other.id != project.id]
    assert len(unfinished(library, copies[0].id)) == len(unfinished(library, project.id)) == 4


def test_a_half_draft_brings_the_persons_text_that_it_began_with(
    library: Library, project: Project, node: Find
) -> None:
    own = versions.save_edit(library, node("Dusk").id, "Ada\nwaits", None)
    first = drafted(library, node("Dusk"), "Ada\nwaits by", "stopped", own.id)
    drafted(library, node("Dusk"), "Ada\nwaits by the", "stopped", first.id)
    assert copied_history(library, project, "Dusk") == [
        ("edit", None, "Ada\nwaits"),
        ("draft", "stopped", "Ada\nwaits by th"),
    ]


def test_a_finished_draft_that_a_person_changed_is_still_behind_the_text_in_the_copy(
    library: Library, project: Project, node: Find
) -> None:
    draft = drafted(library, node("Dusk"), "Ada waits by", "complete")
    versions.save_edit(library, node("Dusk").id, "Ada waits.", draft.id)
    assert copied_history(library, project, "Dusk") == [
        ("draft", "complete", "Ada waits b"),
        ("edit", None, "Ada waits."),
    ]


def test_a_project_without_an_outline_is_copied_too(library: Library) -> None:
    copy = projects.duplicate(library, projects.create(library, {}, "Ada", "story", "en", 500).id, "Eve")
    assert copy.title == "Eve"
    assert outline.tree(library, copy.id) == []


def test_a_copy_of_a_big_project_reads_no_text(library: Library, spy: Spy) -> None:
    big = build(library, chapters=2, sections=3, words=50)
    with spy() as spied:
        projects.duplicate(library, big.id)
    assert not [sql for sql in spied.sql if sql.startswith("SELECT") and "version.text" in sql]
