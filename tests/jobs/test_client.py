"""Wishes about a job that is there, its writer alive or dead."""

from __future__ import annotations

import pytest

from engine.errors import BadInput, ProjectBusy
from engine.home import Home
from engine.jobs import client, submitting
from engine.jobs.lock import WriterLock
from engine.store import jobs, projects, versions
from engine.store.library import Library
from tests.jobs.conftest import Office, make_project, node_ids


def test_an_interrupted_job_can_be_stopped_without_a_writer(home: Home, library: Library) -> None:
    project = make_project(library, [60])
    job = submitting.submit_draft(library, project.id)
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
    submitting.submit_draft(library, project.id)
    assert jobs.claim(library, "1-gone", lease_seconds=600) is not None
    with WriterLock(home.root) as lock:
        assert lock.acquire()
        with pytest.raises(ProjectBusy, match="is being written"):
            client.delete_project(home, library, project.id)
    assert client.delete_project(home, library, project.id).deleted_at is not None


def test_a_finished_outline_that_a_text_was_to_follow_is_gone_on_from(office: Office) -> None:
    """Whoever waited for it was ended meanwhile."""
    brief = {"premise": "A keeper finds a letter in a bottle."}
    project = projects.create(office.library, brief, "The bottle", "story", "en", 120)
    planned = submitting.submit_outline(office.library, project.id, draft_next=True)
    office.run()
    assert office.job(planned).state == "done"
    following = client.resume(office.home, office.library, planned.id)
    assert (following.kind, following.project_id) == ("draft", project.id)


def test_a_finished_outline_that_was_wanted_for_itself_is_finished(office: Office) -> None:
    brief = {"premise": "A keeper finds a letter in a bottle."}
    project = projects.create(office.library, brief, "The bottle", "story", "en", 120)
    planned = submitting.submit_outline(office.library, project.id)
    office.run()
    with pytest.raises(BadInput, match="finished"):
        client.resume(office.home, office.library, planned.id)
