"""A copied project is a project of its own."""

from __future__ import annotations

from collections.abc import Callable

from engine.store import outline, projects, versions
from engine.store.library import Library
from engine.store.schema import Node, Project
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


def test_a_project_without_an_outline_is_copied_too(library: Library) -> None:
    copy = projects.duplicate(library, projects.create(library, {}, "Ada", "story", "en", 500).id, "Eve")
    assert copy.title == "Eve"
    assert outline.tree(library, copy.id) == []


def test_a_copy_of_a_big_project_reads_no_text(library: Library, spy: Spy) -> None:
    big = build(library, chapters=2, sections=3, words=50)
    with spy() as spied:
        projects.duplicate(library, big.id)
    assert not [sql for sql in spied.sql if sql.startswith("SELECT") and "version.text" in sql]
