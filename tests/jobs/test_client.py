"""Submitting, watching and resuming, seen from the page and the command line."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from engine.errors import BadInput, NodeLocked, NotFound, ProjectBusy
from engine.home import Home
from engine.jobs import client
from engine.jobs.lock import WriterLock
from engine.jobs.progress import DraftParams
from engine.store import jobs, outline, projects, versions
from engine.store.library import Library
from tests.jobs.conftest import Office, make_project, node_ids, wait_until


def test_a_project_without_an_outline_cannot_be_written(library: Library) -> None:
    project = projects.create(library, {"premise": "x"}, "Bare", "story", "en", 500)
    with pytest.raises(BadInput, match="outline"):
        client.submit_draft(library, project.id)


def test_a_finished_project_has_nothing_to_write(office: Office) -> None:
    project = make_project(office.library, [60])
    client.submit_draft(office.library, project.id)
    office.run()
    with pytest.raises(BadInput, match="nothing to write"):
        client.submit_draft(office.library, project.id)
    assert jobs.of_project(office.library, project.id) is None


def test_sections_of_another_project_are_not_found(library: Library) -> None:
    one, other = make_project(library, [60], "One"), make_project(library, [60], "Other")
    with pytest.raises(NotFound):
        client.submit_draft(library, one.id, node_ids=node_ids(library, other))


def test_a_section_below_a_locked_chapter_is_locked(library: Library) -> None:
    from engine.planning.outline_text import parse_outline

    project = projects.create(library, {"premise": "x"}, "Locked", "story", "en", 200)
    outline.replace(library, project.id, parse_outline("# A\n## A one\n## A two\n# B\n"))
    chapter, first, _, last = outline.tree(library, project.id)
    outline.lock(library, chapter.node.id)
    with pytest.raises(NodeLocked):
        client.submit_draft(library, project.id, node_ids=[first.node.id])
    client.submit_draft(library, project.id, node_ids=[last.node.id])


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
        client.submit_outline(library, written.id)
    with pytest.raises(NodeLocked, match="“Part 2” is locked and would be removed"):
        client.submit_outline(library, locked.id)
    assert jobs.all(library) == []


def test_replacing_needs_to_know_what(library: Library) -> None:
    project = make_project(library, [60])
    with pytest.raises(BadInput):
        client.submit_draft(library, project.id, mode="replace")


def test_sections_that_a_longer_goal_made_too_long_are_split_before_the_draft(office: Office) -> None:
    project = make_project(office.library, [430] * 3)
    projects.update(office.library, project.id, goal_words=6000)
    job = client.submit_draft(office.library, project.id, home=office.home)
    targets = [leaf.target for leaf in outline.leaves(office.library, project.id)]
    most = client.section_limits(office.library, office.home, None).most
    assert (sum(targets), max(targets) <= most) == (6000, True)
    told = DraftParams.model_validate(job.params)
    assert told.split == ("Part 1", "Part 2", "Part 3")
    assert told.told_of_split.startswith("3 sections are too long to be written in one go")


def test_the_parts_of_a_long_section_that_was_asked_for_are_all_written(home: Home, library: Library) -> None:
    project = make_project(library, [100, 2000])
    first, second = node_ids(library, project)
    job = client.submit_draft(library, project.id, node_ids=[second, first], home=home)
    told = DraftParams.model_validate(job.params)
    assert told.told_of_split.startswith("“Part 2” is too long")
    assert told.node_ids == (*node_ids(library, project)[1:], first)
    assert len(told.node_ids) > 3


def test_a_draft_that_is_refused_splits_nothing(home: Home, library: Library) -> None:
    project = make_project(library, [2000])
    client.submit_draft(library, project.id)
    with pytest.raises(ProjectBusy):
        client.submit_draft(library, project.id, home=home)
    assert len(node_ids(library, project)) == 1


def test_a_persons_own_text_is_not_written_over(office: Office) -> None:
    project = make_project(office.library, [60, 60])
    mine, empty = node_ids(office.library, project)
    versions.save_edit(office.library, mine, "Three words only.", None)
    client.submit_draft(office.library, project.id)
    office.run()
    assert versions.current_text(office.library, mine) == "Three words only."
    assert versions.current_text(office.library, empty)


def test_a_running_job_without_a_writer_is_interrupted_at_once(home: Home, library: Library) -> None:
    project = make_project(library, [60])
    job = client.submit_draft(library, project.id)
    with WriterLock(home.root) as lock:
        assert lock.acquire()
        claimed = jobs.claim(library, "1-gone")
        assert claimed is not None
        assert client.state_of(home, library, claimed) == "running"
    assert client.state_of(home, library, claimed) == "interrupted"
    assert [client.state_of(home, library, seen) for seen in client.watch(home, library, job.id)] == [
        "interrupted"
    ]
    assert client.resume(home, library, job.id).state == "queued"


def test_a_writer_that_holds_its_lock_is_waited_for_while_its_machine_wakes(
    home: Home, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asleep for an hour: the beat is too old, and the writer renews it in a moment."""
    job = client.submit_draft(library, make_project(library, [60]).id)
    claimed = jobs.claim(library, "1-asleep")
    assert claimed is not None
    waits: list[float] = []

    def wake(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            jobs.renew(library, job.id, "1-asleep")
            jobs.ask(library, job.id, "pause")

    with WriterLock(home.root) as lock:
        assert lock.acquire()
        monkeypatch.setattr(client.time, "sleep", wake)
        monkeypatch.setattr(client, "now", lambda: time.time() + (3600 if len(waits) < 3 else 0))
        watched = client.watch(home, library, job.id)
        assert [next(watched).control, next(watched).control] == ["run", "pause"]
        assert client.state_of(home, library, jobs.get(library, job.id)) == "running"
    assert len(waits) == 3


def test_an_interrupted_job_can_be_stopped_without_a_writer(home: Home, library: Library) -> None:
    project = make_project(library, [60])
    job = client.submit_draft(library, project.id)
    assert jobs.claim(library, "1-gone") is not None
    (node_id,) = node_ids(library, project)
    version = versions.open_draft(library, node_id, "draft", "fake", 1, {}, {}, job.id)
    versions.append(library, [(version.id, "text", "What was written so far.")])
    assert client.stop(home, library, job.id).state == "stopped"
    assert versions.current_text(library, node_id) == "What was written so far."


def test_a_project_whose_writer_is_gone_is_deleted_at_once_and_one_that_is_written_is_not(
    home: Home, library: Library
) -> None:
    project = make_project(library, [60])
    client.submit_draft(library, project.id)
    assert jobs.claim(library, "1-gone", lease_seconds=600) is not None
    with WriterLock(home.root) as lock:
        assert lock.acquire()
        with pytest.raises(ProjectBusy, match="is being written"):
            client.delete_project(home, library, project.id)
    assert client.delete_project(home, library, project.id).deleted_at is not None


def test_what_a_dead_writer_was_at_is_not_waited_for_by_the_next_job(home: Home, library: Library) -> None:
    planned, written = (make_project(library, [60], title) for title in ("Planned", "Written"))
    client.submit_outline(library, planned.id)
    client.submit_draft(library, written.id)
    for _ in range(2):
        assert jobs.claim(library, "1-gone", lease_seconds=600) is not None
    with pytest.raises(ProjectBusy, match="is interrupted already: resume it or stop it"):
        client.submit_draft(library, written.id, home=home)
    assert client.submit_outline(library, planned.id, home=home).state == "queued"


def test_watching_ends_when_the_job_rests(office: Office) -> None:
    project = make_project(office.library, [60])
    job = client.submit_draft(office.library, project.id)
    office.start(idle_seconds=1.0)
    wait_until(lambda: client.writer_alive(office.home.root))
    seen = list(client.watch(office.home, office.library, job.id, poll_seconds=0.01))
    assert seen[-1].state == "done"
    assert seen[-1].result["sections"]


@pytest.fixture
def no_writer(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """No writer process can be started."""
    broken = home.root / "no-python"
    Path(broken).write_text("#!/bin/sh\nexit 7\n", encoding="utf-8")
    broken.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(broken))


@pytest.mark.usefixtures("no_writer")
def test_a_job_that_waits_in_vain_is_told_of_as_failed(home: Home, library: Library) -> None:
    job = client.submit_draft(library, make_project(library, [60]).id)
    *_, last = client.watch(home, library, job.id)
    assert last.state == "failed"
    assert "did not start" in (last.error or "")


@pytest.mark.usefixtures("no_writer")
def test_a_writer_that_cannot_start_is_one_sentence(home: Home) -> None:
    with pytest.raises(client.WriterDidNotStart, match="did not start"):
        client.ensure_writer(home)


def test_a_finished_outline_that_a_text_was_to_follow_is_gone_on_from(office: Office) -> None:
    """Whoever waited for it was ended meanwhile."""
    brief = {"premise": "A keeper finds a letter in a bottle."}
    project = projects.create(office.library, brief, "The bottle", "story", "en", 120)
    planned = client.submit_outline(office.library, project.id, draft_next=True)
    office.run()
    assert office.job(planned).state == "done"
    following = client.resume(office.home, office.library, planned.id)
    assert (following.kind, following.project_id) == ("draft", project.id)


def test_a_finished_outline_that_was_wanted_for_itself_is_finished(office: Office) -> None:
    brief = {"premise": "A keeper finds a letter in a bottle."}
    project = projects.create(office.library, brief, "The bottle", "story", "en", 120)
    planned = client.submit_outline(office.library, project.id)
    office.run()
    with pytest.raises(BadInput, match="finished"):
        client.resume(office.home, office.library, planned.id)
