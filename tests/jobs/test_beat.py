"""The heartbeat: text and lease go out in time, trouble comes back to whoever writes."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence

import pytest

from engine.errors import DiskFull, LibraryLocked
from engine.home import Home
from engine.jobs import beat as beat_module
from engine.jobs.beat import Beat
from engine.jobs.progress import Progress
from engine.store import jobs, versions
from engine.store.library import BUSY_SECONDS, Library, open_library
from engine.store.schema import Job
from tests.jobs.conftest import make_project, node_ids, wait_until

OWNER = "1-test"


def running_job(library: Library) -> tuple[Job, str]:
    """A claimed job and an open version of it."""
    project = make_project(library, [100])
    jobs.submit(library, project.id, "draft", {})
    job = jobs.claim(library, OWNER)
    assert job is not None
    (node_id,) = node_ids(library, project)
    return job, versions.open_draft(library, node_id, "draft", "fake", 1, {}, {}, job.id).id


def test_text_is_stored_by_the_next_beat_without_being_asked(library: Library) -> None:
    job, version_id = running_job(library)
    with Beat(library, job.id, OWNER, threading.Event()) as beat:
        beat.progress = lambda: Progress(words=2, phase="writing")
        beat.add(version_id, "text", "Two words")
        wait_until(lambda: versions.text_of(library, version_id).text == "Two words")
        wait_until(lambda: jobs.get(library, job.id).progress.get("words") == 2)


def test_pieces_and_cuts_arrive_in_order_as_few_rows(library: Library) -> None:
    job, version_id = running_job(library)
    with Beat(library, job.id, OWNER, threading.Event()) as beat, beat.lock:
        for channel, text in (
            ("think", "plan"),
            ("text", "One "),
            ("text", "two three"),
            ("cut", "three"),
            ("cut", "two "),
            ("text", "half."),
        ):
            beat.add(version_id, channel, text)
        beat.commit()
    stored = versions.text_of(library, version_id)
    assert (stored.text, stored.think) == ("One half.", "plan")
    rows = versions.chunks_since(library, [version_id], 0)
    assert [(row.channel, row.text) for row in rows] == [
        ("think", "plan"),
        ("text", "One two three"),
        ("cut", "two three"),
        ("text", "half."),
    ]


def test_the_end_of_the_block_stores_what_is_left(library: Library) -> None:
    job, version_id = running_job(library)
    with Beat(library, job.id, OWNER, threading.Event()) as beat:
        beat.add(version_id, "text", "The last words.")
    assert versions.text_of(library, version_id).text == "The last words."


def test_a_wish_is_seen_at_the_next_beat(library: Library) -> None:
    job, _ = running_job(library)
    with Beat(library, job.id, OWNER, threading.Event()) as beat:
        assert not beat.should_stop()
        jobs.ask(library, job.id, "pause")
        wait_until(beat.should_stop)
        assert beat.asked == "pause"


class Clock:
    """A clock that stands still until it is told how long something took."""

    def __init__(self) -> None:
        self.at = 0.0

    def monotonic(self) -> float:
        return self.at


def test_a_beat_that_waited_for_the_library_in_vain_is_tried_again_and_the_job_is_still_its_own(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, version_id = running_job(library)
    clock = Clock()
    monkeypatch.setattr(beat_module, "time", clock)

    def held_twice(where: Library, rows: Sequence[tuple[str, str, str]]) -> None:
        if clock.at < 2 * BUSY_SECONDS:
            clock.at += beat_module.BEAT_SECONDS + BUSY_SECONDS
            raise LibraryLocked("Another program is using the library.")
        stored(where, rows)

    stored = versions.append
    with Beat(library, job.id, OWNER, threading.Event()) as beat:
        held = jobs.get(library, job.id)
        monkeypatch.setattr(beat_module.versions, "append", held_twice)
        beat.add(version_id, "text", "kept")
        wait_until(lambda: beat.check() or versions.text_of(library, version_id).text == "kept")
        assert clock.at > 2 * BUSY_SECONDS
    last_sign = (held.lease_until or 0.0) - jobs.LEASE_SECONDS
    assert not jobs.is_interrupted(held, last_sign + clock.at)


def write_until_it_fails(library: Library, job: Job, version_id: str, trouble: Callable[[], None]) -> None:
    """What the drafting thread does: hands text over for as long as it is taken."""
    with Beat(library, job.id, OWNER, threading.Event()) as beat:
        trouble()
        wait_until(lambda: beat.add(version_id, "text", "more "))


def test_a_lost_lease_reaches_the_writing_thread(library: Library) -> None:
    def taken_over() -> None:
        jobs.release_running(library)
        jobs.ask(library, job.id, "run")
        assert jobs.claim(library, "2-other") is not None

    job, version_id = running_job(library)
    with pytest.raises(jobs.LeaseLost):
        write_until_it_fails(library, job, version_id, taken_over)


def test_a_full_disk_reaches_the_writing_thread(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_library: Library, _rows: Sequence[tuple[str, str, str]]) -> None:
        raise DiskFull("No space is left.")

    job, version_id = running_job(library)
    with pytest.raises(DiskFull):
        write_until_it_fails(
            library, job, version_id, lambda: monkeypatch.setattr(beat_module.versions, "append", full)
        )


def test_a_library_that_is_held_for_a_while_costs_no_text(home: Home, library: Library) -> None:
    job, version_id = running_job(library)
    impatient = open_library(home, busy_seconds=0.05)
    holder = sqlite3.connect(home.library, isolation_level=None)
    with Beat(impatient, job.id, OWNER, threading.Event()) as beat:
        tried = beat_module.versions.append
        attempts: list[bool] = []

        def counted(where: Library, rows: Sequence[tuple[str, str, str]]) -> None:
            attempts.append(True)
            tried(where, rows)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(beat_module.versions, "append", counted)
            holder.execute("BEGIN IMMEDIATE")
            beat.add(version_id, "text", "kept")
            wait_until(lambda: len(attempts) >= 2)
            holder.execute("ROLLBACK")
            wait_until(lambda: versions.text_of(library, version_id).text == "kept")
    holder.close()
    impatient.close()
