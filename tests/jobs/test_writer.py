"""The writer process: one a home, from a queued job to a resting one, whatever happens in between."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest

from engine.errors import KeyNotSet, ModelLoadFailed
from engine.home import Home
from engine.jobs import client, submitting, writer
from engine.jobs.lock import WriterLock, writer_alive
from engine.store import jobs, versions
from engine.store.library import Library, open_library
from engine.store.schema import now
from engine.text.counting import count_words
from tests.fakes import FakeBackend
from tests.jobs.conftest import Office, OfficeModels, make_project, wait_until, writer_pid


def test_a_second_writer_of_a_home_leaves_at_once(office: Office) -> None:
    project = make_project(office.library, [60])
    job = submitting.submit_draft(office.library, project.id)
    with WriterLock(office.home.root) as lock:
        assert lock.acquire()
        office.run()
        assert office.job(job).state == "queued"
    office.run()
    assert office.job(job).state == "done"


def test_a_new_writer_ends_the_lease_of_what_a_dead_one_was_at(office: Office) -> None:
    """Whoever asks for the job while the new one is at work need not wait either."""
    one, two = make_project(office.library, [60], "One"), make_project(office.library, [60], "Two")
    cut_off = submitting.submit_draft(office.library, one.id)
    jobs.claim(office.library, "1-gone", lease_seconds=600)
    waiting = submitting.submit_draft(office.library, two.id)
    office.run()
    assert office.job(waiting).state == "done"
    assert jobs.is_interrupted(office.job(cut_off), now())


def test_a_model_that_cannot_be_loaded_fails_the_job_with_its_sentence(office: Office) -> None:
    def refuse() -> FakeBackend:
        raise ModelLoadFailed("The file is no model.")

    project = make_project(office.library, [60])
    job = submitting.submit_draft(office.library, project.id)
    office.run(refuse)
    assert (office.job(job).state, office.job(job).error) == ("failed", "The file is no model.")


def test_a_writer_whose_environment_lacks_a_key_leaves_so_that_the_next_may_have_it(office: Office) -> None:
    def refuse() -> FakeBackend:
        raise KeyNotSet("The variable is not set.")

    job = submitting.submit_draft(office.library, make_project(office.library, [60]).id)
    waiting = submitting.submit_draft(office.library, make_project(office.library, [60], "Another").id)
    office.start(refuse, idle_seconds=600)
    office.rest()
    assert (office.job(job).state, office.job(job).error) == ("failed", "The variable is not set.")
    assert office.job(waiting).state == "queued"
    client.resume(office.home, office.library, job.id)
    office.run()
    assert office.job(job).state == office.job(waiting).state == "done"


def test_a_writer_leaves_the_next_job_to_the_program_that_was_updated_meanwhile(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = submitting.submit_draft(office.library, make_project(office.library, [60]).id)
    stamps = iter([1, 2])
    monkeypatch.setattr(writer, "program_stamp", lambda: next(stamps, 2))
    office.start(idle_seconds=600)
    office.rest()
    assert (office.job(job).state, office.opened) == ("queued", [])
    office.run()
    assert office.job(job).state == "done"


def test_a_defect_fails_the_job_with_one_sentence_and_the_writer_lives_on(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    made: list[FakeBackend] = []

    def flaky() -> FakeBackend:
        made.append(FakeBackend())
        if len(made) == 1:
            raise ZeroDivisionError("a defect")
        return made[-1]

    one, two = make_project(office.library, [60], "One"), make_project(office.library, [60], "Two")
    first, second = (submitting.submit_draft(office.library, project.id) for project in (one, two))
    office.run(flaky)
    assert office.job(first).error == writer.UNEXPECTED
    assert "ZeroDivisionError" in caplog.text
    assert office.job(second).state == "done"


def test_a_library_that_another_program_holds_is_tried_again(office: Office) -> None:
    job = submitting.submit_draft(office.library, make_project(office.library, [60]).id)
    impatient = open_library(office.home, busy_seconds=0.05)
    office_writer = writer.Writer(office.home, impatient, OfficeModels(office, FakeBackend), office.leaving)
    thread = threading.Thread(target=office_writer.run, args=(60.0,), daemon=True)
    with closing(sqlite3.connect(office.home.library, isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        thread.start()
        time.sleep(1.0)  # several tries
        assert thread.is_alive()
        assert office.job(job).state == "queued"
        foreign.execute("COMMIT")
    wait_until(lambda: office.job(job).state == "done")
    office.leaving.set()
    thread.join()
    impatient.close()


def test_sigterm_pauses_the_draft_and_leaves_with_zero(home: Home, library: Library) -> None:
    project = make_project(library, [400])
    job = submitting.submit_draft(library, project.id)
    command = [sys.executable, "-m", "engine.jobs.writer", "--home", str(home.root), "--idle-seconds", "600"]
    with subprocess.Popen(command) as process:
        try:
            wait_until(lambda: jobs.get(library, job.id).progress.get("words", 0) >= 10)
            assert writer_pid(library, job) == process.pid
            process.terminate()
            assert process.wait(60) == 0
        finally:
            process.kill()
    assert not writer_alive(home.root)
    assert jobs.get(library, job.id).state == "paused"
    (waiting,) = versions.open_versions(library, job.id)
    assert count_words(versions.text_of(library, waiting.id).text) >= 10


def test_the_writer_imports_no_page_library() -> None:
    code = "import engine.jobs.writer, sys; print([m for m in ('gradio', 'torch') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
