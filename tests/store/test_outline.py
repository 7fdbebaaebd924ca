"""Changing the outline: ids, texts and the sum of the targets hold, and nothing goes for good."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import BadInput, NotFound, SectionGone
from engine.planning.outline_text import MOST_NODES
from engine.store import outline, projects, versions
from engine.store.library import Library
from engine.store.schema import Node, Project
from tests.store.big_library import build, text_of
from tests.store.conftest import OUTLINE

Find = Callable[[str], Node]


def _shape(library: Library, project: Project) -> list[tuple[str, str]]:
    return [(row.number, row.node.title) for row in outline.tree(library, project.id)]


def _targets(library: Library, project: Project) -> dict[str, int]:
    return {row.node.title: row.target for row in outline.leaves(library, project.id)}


def test_a_section_is_inserted_behind_another_and_the_rest_makes_room(
    library: Library, project: Project, node: Find
) -> None:
    outline.insert(library, project.id, "Midnight", after_id=node("Dusk").id, beat="The light goes out.")
    assert _shape(library, project)[:4] == [
        ("1", "The storm"),
        ("1.1", "Dusk"),
        ("1.2", "Midnight"),
        ("1.3", "Night"),
    ]
    assert node("Midnight").beat == "The light goes out."
    assert _targets(library, project) == {
        "Dusk": 160,
        "Midnight": 200,
        "Night": 240,
        "Dawn": 200,
        "Noon": 200,
    }


def test_an_inserted_section_keeps_the_length_that_was_asked_for(
    library: Library, project: Project, node: Find
) -> None:
    outline.insert(library, project.id, "Midnight", parent_id=node("The calm").id, target_words=500)
    targets = _targets(library, project)
    assert list(targets) == ["Dusk", "Night", "Dawn", "Noon", "Midnight"]
    assert targets["Midnight"] == 500
    assert sum(targets.values()) == 1000


def test_a_section_without_a_place_goes_to_the_end(library: Library, project: Project) -> None:
    outline.insert(library, project.id, "Epilogue")
    assert _shape(library, project)[-1] == ("3", "Epilogue")


def test_the_first_section_below_a_section_takes_its_length_over(
    library: Library, project: Project, node: Find
) -> None:
    inserted = outline.insert(library, project.id, "The pier", parent_id=node("Dusk").id)
    assert inserted.target_words == 200
    assert _targets(library, project) == {"The pier": 200, "Night": 300, "Dawn": 250, "Noon": 250}


def test_the_first_section_of_a_project_gets_the_whole_goal(library: Library) -> None:
    empty = projects.create(library, {}, "Empty", "story", "en", 700)
    assert outline.insert(library, empty.id, "All of it").target_words == 700


def test_nothing_is_put_below_a_section_that_has_text(library: Library, project: Project, node: Find) -> None:
    versions.save_edit(library, node("Dusk").id, "Ada waits.", None)
    for act in (
        lambda: outline.insert(library, project.id, "New", parent_id=node("Dusk").id),
        lambda: outline.move(library, node("Noon").id, node("Dusk").id, 0),
        lambda: outline.indent(library, node("Night").id),
    ):
        with pytest.raises(BadInput, match="text of its own"):
            act()


def test_nothing_is_put_below_a_section_that_is_being_written(
    library: Library, project: Project, node: Find
) -> None:
    versions.open_draft(library, node("Dusk").id, "draft", "m", 1, {}, {}, None)
    with pytest.raises(BadInput):
        outline.insert(library, project.id, "New", parent_id=node("Dusk").id)


def test_a_project_holds_a_limited_number_of_sections(library: Library) -> None:
    full = build(library, chapters=MOST_NODES // 10, sections=9, words=1)
    with pytest.raises(BadInput, match="1,000"):
        outline.insert(library, full.id, "One more")


def test_insertion_needs_a_title_a_length_and_a_place_in_this_project(
    library: Library, project: Project
) -> None:
    other = projects.create(library, {}, "Other", "story", "en", 500)
    foreign = outline.insert(library, other.id, "Elsewhere")
    for error, arguments in (
        (BadInput, {"title": " "}),
        (BadInput, {"title": "T", "target_words": -1}),
        (NotFound, {"title": "T", "parent_id": foreign.id}),
        (NotFound, {"title": "T", "after_id": foreign.id}),
    ):
        with pytest.raises(error):
            outline.insert(library, project.id, **arguments)
    assert len(_shape(library, project)) == 6


def test_title_and_beat_change_and_nothing_else(library: Library, project: Project, node: Find) -> None:
    dusk = node("Dusk")
    outline.set_beat(library, dusk.id, "The boat is late.")
    renamed = outline.rename(library, dusk.id, " Late\tdusk ")
    assert (renamed.id, renamed.title, renamed.beat) == (dusk.id, "Late dusk", "The boat is late.")
    with pytest.raises(BadInput):
        outline.rename(library, dusk.id, "")


def test_a_section_moves_with_its_text_and_its_history(
    library: Library, project: Project, node: Find
) -> None:
    dusk = node("Dusk")
    text = versions.save_edit(library, dusk.id, "Ada waits.", None)
    outline.move(library, dusk.id, node("The calm").id, 1)
    assert [title for _, title in _shape(library, project)] == [
        "The storm", "Night", "The calm", "Dawn", "Dusk", "Noon",
    ]  # fmt: skip
    assert node("Dusk").id == dusk.id
    assert versions.current_text(library, dusk.id) == "Ada waits."
    assert [version.id for version in versions.history(library, dusk.id)] == [text.id]


def test_sections_are_reordered_among_themselves(library: Library, project: Project, node: Find) -> None:
    outline.move(library, node("The calm").id, None, 0)
    outline.move(library, node("Dawn").id, node("The calm").id, 99)
    assert [title for _, title in _shape(library, project)] == [
        "The calm", "Noon", "Dawn", "The storm", "Dusk", "Night",
    ]  # fmt: skip


def test_nothing_moves_into_itself_or_into_another_project(
    library: Library, project: Project, node: Find
) -> None:
    other = projects.create(library, {}, "Other", "story", "en", 500)
    foreign = outline.insert(library, other.id, "Elsewhere")
    storm = node("The storm")
    for error, parent in ((BadInput, storm.id), (BadInput, node("Dusk").id), (NotFound, foreign.id)):
        with pytest.raises(error):
            outline.move(library, storm.id, parent, 0)


def test_indenting_and_outdenting_are_each_others_undo(
    library: Library, project: Project, node: Find
) -> None:
    before = _shape(library, project)
    outline.indent(library, node("The calm").id)
    assert _shape(library, project)[3:] == [
        ("1.3", "The calm"),
        ("1.3.1", "Dawn"),
        ("1.3.2", "Noon"),
    ]
    outline.outdent(library, node("The calm").id)
    assert _shape(library, project) == before


def test_indenting_below_a_section_keeps_the_sum_at_the_goal(
    library: Library, project: Project, node: Find
) -> None:
    outline.indent(library, node("Night").id)
    assert _shape(library, project)[:3] == [("1", "The storm"), ("1.1", "Dusk"), ("1.1.1", "Night")]
    assert sum(_targets(library, project).values()) == 1000


def test_the_first_is_not_indented_and_the_top_not_outdented(
    library: Library, project: Project, node: Find
) -> None:
    with pytest.raises(BadInput, match="nothing above"):
        outline.indent(library, node("Dusk").id)
    with pytest.raises(BadInput, match="top level"):
        outline.outdent(library, node("The storm").id)


def test_a_lock_goes_for_all_below_and_opening_one_opens_the_chapter(
    library: Library, project: Project, node: Find
) -> None:
    def locked() -> list[str]:
        return [row.node.title for row in outline.tree(library, project.id) if row.node.locked]

    outline.lock(library, node("The storm").id)
    assert locked() == ["The storm", "Dusk", "Night"]
    outline.lock(library, node("Dusk").id, False)
    assert locked() == ["Night"]


def test_what_is_put_into_a_locked_chapter_is_locked(library: Library, project: Project, node: Find) -> None:
    outline.lock(library, node("The storm").id)
    assert outline.insert(library, project.id, "Storm surge", after_id=node("Dusk").id).locked
    outline.move(library, node("Dawn").id, node("The storm").id, 0)
    assert node("Dawn").locked


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(
            ["insert", "remove", "restore", "move", "indent", "outdent", "lock", "target", "write"]
        ),
        st.integers(0, 50),
        st.integers(0, 50),
    ),
    max_size=12,
)


def _act(library: Library, project: Project, action: str, first: int, second: int) -> None:
    rows = outline.tree(library, project.id)
    gone = outline.removed(library, project.id)
    node = rows[first % len(rows)].node if rows else None
    if action == "insert":
        outline.insert(
            library, project.id, f"New {first}", parent_id=node.id if node and second % 2 else None
        )
    elif action == "restore" and gone:
        outline.restore(library, gone[second % len(gone)].node.id)
    elif node is None:
        return
    elif action == "move":
        outline.move(library, node.id, rows[second % len(rows)].node.id, first % 3)
    elif action == "lock":
        outline.lock(library, node.id, second % 2 == 0)
    elif action == "target":
        outline.set_target(library, node.id, 20 + 10 * second)
    elif action == "write":
        versions.save_edit(library, node.id, text_of(30 + second, second), node.version_id)
    elif action != "restore":
        {"remove": outline.remove, "indent": outline.indent, "outdent": outline.outdent}[action](
            library, node.id
        )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS)
def test_whatever_is_done_every_node_stays_reachable_with_its_text(library: Library, actions: list) -> None:
    project = projects.create(library, {}, "Any", "novel", "en", 1000)
    outline.replace(library, project.id, OUTLINE)
    for action, first, second in actions:
        before = {row.node.id: row.node.version_id for row in outline.leaves(library, project.id)}
        try:
            _act(library, project, action, first, second)
        except (BadInput, SectionGone):
            # Refused means that nothing changed.
            assert {r.node.id: r.node.version_id for r in outline.leaves(library, project.id)} == before
    for gone in outline.removed(library, project.id):
        outline.restore(library, gone.node.id)
    while outline.removed(library, project.id):
        outline.restore(library, outline.removed(library, project.id)[0].node.id)
    rows = outline.tree(library, project.id)
    with library.reading() as session:
        made = session.connection().exec_driver_sql(
            "SELECT id, version_id FROM node WHERE project_id = ?", (project.id,)
        )
        assert {row.node.id: row.node.version_id for row in rows} == dict(made.all())
    assert all(row.is_leaf for row in rows if row.node.version_id)
