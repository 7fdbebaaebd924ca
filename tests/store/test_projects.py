"""Projects come, are found, copied, put away and come back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.errors import BadInput, NotFound, ProjectBusy
from engine.store import jobs, outline, projects, versions
from engine.store.library import Library
from engine.store.schema import Job, Node, Project, now
from tests.store.big_library import build, text_of
from tests.store.conftest import Spy

Find = Callable[[str], Node]


def _make(library: Library, title: str) -> Project:
    return projects.create(library, {"premise": "p"}, title, "story", "de", 500, {"seed": 3})


def _targets(library: Library, project: Project) -> list[int]:
    return [row.target for row in outline.leaves(library, project.id)]


def test_a_project_keeps_what_it_was_made_with(library: Library) -> None:
    told = projects.get(library, _make(library, "  Ada\nand the sea ").id)
    assert (told.title, told.kind, told.language, told.goal_words) == ("Ada and the sea", "story", "de", 500)
    assert (told.brief, told.settings) == ({"premise": "p"}, {"seed": 3})


def test_a_project_needs_a_title(library: Library) -> None:
    with pytest.raises(BadInput):
        _make(library, " \n ")


def test_a_project_is_found_by_id_by_beginning_and_by_title(library: Library) -> None:
    made = _make(library, "Ada")
    for key in (made.id, made.id[:5], "Ada"):
        assert projects.get(library, key).id == made.id


def test_a_title_goes_before_the_beginning_of_an_id(library: Library) -> None:
    other = _make(library, "Another book")
    called = _make(library, other.id[:4])
    assert projects.get(library, other.id[:4]).id == called.id


@pytest.mark.parametrize("key", ["", "ada", "Ad", "%", "_"])
def test_nothing_else_finds_a_project(library: Library, key: str) -> None:
    _make(library, "Ada")
    with pytest.raises(NotFound):
        projects.get(library, key)


def test_a_title_that_two_projects_have_asks_for_an_id(library: Library) -> None:
    first = _make(library, "Ada")
    _make(library, "Ada")
    with pytest.raises(BadInput, match=first.id):
        projects.get(library, "Ada")


def test_what_changed_last_comes_first(library: Library) -> None:
    first, second = _make(library, "A"), _make(library, "B")
    assert [project.id for project in projects.all(library)] == [second.id, first.id]
    projects.update(library, first.id, title="C", kind="novel", language="en", brief={}, settings={})
    told = projects.all(library)
    assert [project.id for project in told] == [first.id, second.id]
    assert (told[0].title, told[0].kind, told[0].language, told[0].brief) == ("C", "novel", "en", {})


def test_saving_a_text_counts_as_a_change(library: Library, project: Project, node: Find) -> None:
    _make(library, "Newer")
    versions.save_edit(library, node("Dusk").id, "Ada waits.", None)
    assert projects.all(library)[0].id == project.id


def test_a_new_goal_is_spread_over_what_is_not_written_or_locked(
    library: Library, project: Project, node: Find
) -> None:
    versions.save_edit(library, node("Dusk").id, text_of(200, 1), None)
    outline.lock(library, node("Noon").id)
    projects.update(library, project.id, goal_words=2000)
    dusk, night, dawn, noon = _targets(library, project)
    assert (dusk, noon) == (200, 250)
    assert dusk + night + dawn + noon == 2000
    assert night > dawn


def test_a_revision_sees_what_is_stored_and_a_refused_one_leaves_it(
    library: Library, project: Project
) -> None:
    def rename(row: Project) -> None:
        row.title, row.goal_words = f"{row.title}, again", 2000

    def refuse(row: Project) -> None:
        row.title = "Never"
        raise BadInput("No.")

    assert projects.revise(library, project.id, rename).title == "The long winter, again"
    assert sum(_targets(library, project)) == 2000
    with pytest.raises(BadInput):
        projects.revise(library, project.id, refuse)
    assert projects.get(library, project.id).title == "The long winter, again"


def test_archived_projects_are_off_the_desk_but_found(library: Library) -> None:
    made = _make(library, "Ada")
    projects.archive(library, made.id)
    assert projects.all(library) == []
    assert projects.summaries(library) == []
    assert [project.id for project in projects.all(library, include_archived=True)] == [made.id]
    assert projects.get(library, "Ada").id == made.id
    projects.unarchive(library, made.id)
    assert len(projects.summaries(library)) == 1


def test_a_deleted_project_is_nowhere_and_comes_back_whole(
    library: Library, project: Project, node: Find
) -> None:
    dusk = node("Dusk")
    versions.save_edit(library, dusk.id, "Ada waits.", None)
    projects.delete(library, project.id)
    assert projects.all(library, include_archived=True) == []
    assert [gone.id for gone in projects.all(library, deleted=True)] == [project.id]
    for act in (
        lambda: projects.get(library, project.id),
        lambda: projects.update(library, project.id, title="B"),
        lambda: projects.delete(library, project.id),
        lambda: outline.insert(library, project.id, "New"),
    ):
        with pytest.raises(NotFound):
            act()
    projects.undelete(library, project.id)
    assert versions.current_text(library, dusk.id) == "Ada waits."
    assert projects.all(library, deleted=True) == []


def test_only_a_deleted_project_is_undeleted(library: Library, project: Project) -> None:
    for key in (project.id, "nope"):
        with pytest.raises(NotFound):
            projects.undelete(library, key)


def test_a_project_that_is_being_written_is_not_deleted(library: Library, project: Project) -> None:
    job = jobs.submit(library, project.id, "draft", {})
    with pytest.raises(ProjectBusy):
        projects.delete(library, project.id)
    jobs.claim(library, "w", 60)
    with pytest.raises(ProjectBusy):
        projects.delete(library, project.id)
    with library.session() as session:
        session.get_one(Job, job.id).lease_until = now() - 1
    assert projects.delete(library, project.id).deleted_at is not None


def test_a_card_tells_words_sections_and_the_job(library: Library, project: Project, node: Find) -> None:
    versions.save_edit(library, node("Dusk").id, text_of(190, 1), None)
    versions.save_edit(library, node("Night").id, text_of(100, 1), None)
    for title, finish in (("Dawn", "complete"), ("Noon", "short")):
        draft = versions.open_draft(library, node(title).id, "draft", "m", 1, {}, {}, None)
        versions.append(library, [(draft.id, "text", text_of(200, 2))])
        versions.seal(library, draft.id, finish, 200)
    jobs.ask(library, jobs.submit(library, project.id, "draft", {}).id, "stop")
    job = jobs.submit(library, project.id, "draft", {})
    (card,) = projects.summaries(library)
    # Night is less than 90 % of what was asked, and Noon says itself that it is short.
    assert (card.words, card.sections, card.sections_done) == (690, 4, 2)
    assert card.job is not None
    assert card.job.id == job.id
    told = [row.node.title for row in outline.leaves(library, project.id) if row.done]
    assert told == ["Dusk", "Dawn"]


def test_all_cards_come_in_one_query_without_texts(library: Library, project: Project, spy: Spy) -> None:
    empty = _make(library, "No outline yet")
    build(library, chapters=2, sections=2, words=50)
    with spy() as spied:
        told = projects.summaries(library)
    assert len(spied.sql) == 1
    assert "version.text" not in spied.sql[0]
    cards = {card.project.title: card for card in told}
    assert cards["A big book"].words == cards["A big book"].project.goal_words == 200
    assert (cards["A big book"].sections, cards["A big book"].sections_done) == (4, 4)
    assert (cards[empty.title].sections, cards[empty.title].words, cards[empty.title].job) == (0, 0, None)
