"""A job as a person sees it, and followed until it rests."""

from __future__ import annotations

import time

import pytest

from engine.home import Home
from engine.jobs import client, submitting, watching
from engine.jobs.lock import WriterLock, writer_alive
from engine.store import jobs
from engine.store.library import Library
from tests.jobs.conftest import Office, make_project, wait_until


def test_a_running_job_without_a_writer_is_interrupted_at_once(home: Home, library: Library) -> None:
    project = make_project(library, [60])
    job = submitting.submit_draft(library, project.id)
    with WriterLock(home.root) as lock:
        assert lock.acquire()
        claimed = jobs.claim(library, "1-gone")
        assert claimed is not None
        assert watching.state_of(home, library, claimed) == "running"
    assert watching.state_of(home, library, claimed) == "interrupted"
    assert [watching.state_of(home, library, seen) for seen in watching.watch(home, library, job.id)] == [
        "interrupted"
    ]
    assert client.resume(home, library, job.id).state == "queued"


def test_a_writer_that_holds_its_lock_is_waited_for_while_its_machine_wakes(
    home: Home, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asleep for an hour: the beat is too old, and the writer renews it in a moment."""
    job = submitting.submit_draft(library, make_project(library, [60]).id)
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
        monkeypatch.setattr(watching.time, "sleep", wake)
        monkeypatch.setattr(watching, "now", lambda: time.time() + (3600 if len(waits) < 3 else 0))
        watched = watching.watch(home, library, job.id)
        assert [next(watched).control, next(watched).control] == ["run", "pause"]
        assert watching.state_of(home, library, jobs.get(library, job.id)) == "running"
    assert len(waits) == 3


def test_watching_ends_when_the_job_rests(office: Office) -> None:
    project = make_project(office.library, [60])
    job = submitting.submit_draft(office.library, project.id)
    office.start(idle_seconds=1.0)
    wait_until(lambda: writer_alive(office.home.root))
    seen = list(watching.watch(office.home, office.library, job.id, poll_seconds=0.01))
    assert seen[-1].state == "done"
    assert seen[-1].result["sections"]
