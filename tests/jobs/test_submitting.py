"""What may be queued, and what is refused before a row is written."""

from __future__ import annotations

import pytest

from engine.errors import BadInput, NodeLocked, NotFound, ProjectBusy
from engine.home import Home
from engine.jobs import submitting
from engine.jobs.limits import section_limits
from engine.jobs.progress import DraftParams
from engine.store import jobs, outline, projects, versions
from engine.store.library import Library
from tests.jobs.conftest import Office, make_project, node_ids


def test_a_project_without_an_outline_cannot_be_written(library: Library) -> None:
    project = projects.create(library, {"premise": "x"}, "Bare", "story", "en", 500)
    with pytest.raises(BadInput, match="outline"):
        submitting.submit_draft(library, project.id)


def test_a_finished_project_has_nothing_to_write(office: Office) -> None:
    project = make_project(office.library, [60])
    submitting.submit_draft(office.library, project.id)
    office.run()
    with pytest.raises(BadInput, match="nothing to write"):
        submitting.submit_draft(office.library, project.id)
    assert jobs.of_project(office.library, project.id) is None


def test_sections_of_another_project_are_not_found(library: Library) -> None:
    one, other = make_project(library, [60], "One"), make_project(library, [60], "Other")
    with pytest.raises(NotFound):
        submitting.submit_draft(library, one.id, node_ids=node_ids(library, other))


def test_a_section_below_a_locked_chapter_is_locked(library: Library) -> None:
    from engine.planning.outline_text import parse_outline

    project = projects.create(library, {"premise": "x"}, "Locked", "story", "en", 200)
    outline.replace(library, project.id, parse_outline("# A\n## A one\n## A two\n# B\n"))
    chapter, first, _, last = outline.tree(library, project.id)
    outline.lock(library, chapter.node.id)
    with pytest.raises(NodeLocked):
        submitting.submit_draft(library, project.id, node_ids=[first.node.id])
    submitting.submit_draft(library, project.id, node_ids=[last.node.id])


def test_an_outline_that_could_not_take_the_old_ones_place_is_refused_before_a_model_drafts_it(
    library: Library,
) -> None:
    written, locked = (
        make_project(library, [400, 500], "Written"),
        make_project(library, [400, 500], "Locked"),
    )
    versions.save_edit(library, node_ids(library, written)[1], "Three words only.", None)
    outline.lock(library, node_ids(library, locked)[1])
    with pytest.raises(BadInput, match="“Part 2” has text already"):
        submitting.submit_outline(library, written.id)
    with pytest.raises(NodeLocked, match="“Part 2” is locked and would be removed"):
        submitting.submit_outline(library, locked.id)
    assert jobs.all(library) == []


def test_replacing_needs_to_know_what(library: Library) -> None:
    project = make_project(library, [60])
    with pytest.raises(BadInput):
        submitting.submit_draft(library, project.id, mode="replace")


def test_sections_that_a_longer_goal_made_too_long_are_split_before_the_draft(office: Office) -> None:
    project = make_project(office.library, [430] * 3)
    projects.update(office.library, project.id, goal_words=6000)
    job = submitting.submit_draft(office.library, project.id, home=office.home)
    targets = [leaf.target for leaf in outline.leaves(office.library, project.id)]
    most = section_limits(office.library, office.home, None).most
    assert (sum(targets), max(targets) <= most) == (6000, True)
    told = DraftParams.model_validate(job.params)
    assert told.split == ("Part 1", "Part 2", "Part 3")
    assert told.told_of_split.startswith("3 sections are too long to be written in one go")


def test_the_parts_of_a_long_section_that_was_asked_for_are_all_written(home: Home, library: Library) -> None:
    project = make_project(library, [100, 2000])
    first, second = node_ids(library, project)
    job = submitting.submit_draft(library, project.id, node_ids=[second, first], home=home)
    told = DraftParams.model_validate(job.params)
    assert told.told_of_split.startswith("“Part 2” is too long")
    assert told.node_ids == (*node_ids(library, project)[1:], first)
    assert len(told.node_ids) > 3


def test_a_draft_that_is_refused_splits_nothing(home: Home, library: Library) -> None:
    project = make_project(library, [2000])
    submitting.submit_draft(library, project.id)
    with pytest.raises(ProjectBusy):
        submitting.submit_draft(library, project.id, home=home)
    assert len(node_ids(library, project)) == 1


def test_a_persons_own_text_is_not_written_over(office: Office) -> None:
    project = make_project(office.library, [60, 60])
    mine, empty = node_ids(office.library, project)
    versions.save_edit(office.library, mine, "Three words only.", None)
    submitting.submit_draft(office.library, project.id)
    office.run()
    assert versions.current_text(office.library, mine) == "Three words only."
    assert versions.current_text(office.library, empty)


def test_what_a_dead_writer_was_at_is_not_waited_for_by_the_next_job(home: Home, library: Library) -> None:
    planned, written = (make_project(library, [60], title) for title in ("Planned", "Written"))
    submitting.submit_outline(library, planned.id)
    submitting.submit_draft(library, written.id)
    for _ in range(2):
        assert jobs.claim(library, "1-gone", lease_seconds=600) is not None
    with pytest.raises(ProjectBusy, match="is interrupted already: resume it or stop it"):
        submitting.submit_draft(library, written.id, home=home)
    assert submitting.submit_outline(library, planned.id, home=home).state == "queued"


@pytest.mark.parametrize("context", [-1, 0, 511])
def test_a_context_that_holds_no_section_is_refused(office: Office, context: int) -> None:
    project = make_project(office.library, [60])
    with pytest.raises(ValueError, match="512"):
        submitting.submit_draft(office.library, project.id, settings={"context": context})


def test_two_jobs_on_one_project_are_refused(office: Office) -> None:
    project = make_project(office.library, [60])
    submitting.submit_draft(office.library, project.id)
    with pytest.raises(ProjectBusy):
        submitting.submit_draft(office.library, project.id)
    with pytest.raises(ProjectBusy):
        submitting.submit_outline(office.library, project.id)
