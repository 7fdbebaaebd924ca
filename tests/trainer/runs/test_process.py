"""The process of a run, in this process with stages that only pretend: order, resuming, resting, failing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from engine.errors import DiskFull, TrainingDiverged
from engine.home import Home
from engine.jobs.lock import WriterLock
from engine.store import jobs
from engine.store.library import Library
from tests.jobs.conftest import make_project, wait_until
from trainer.runs.desk import ASIDE, RunDesk
from trainer.runs.folder import RunFolder, Wish
from trainer.runs.lock import BUSY, RunLock
from trainer.runs.process import serve
from trainer.runs.settings import RunSettings
from trainer.runs.stage import Stage

Work = Callable[[RunDesk], dict[str, Any]]


@dataclass
class Course:
    """Three stages; `during` is called inside the second; `worked` tells which stages did work."""

    home: Home
    run: RunFolder
    during: Work = lambda desk: {}
    worked: list[str] = field(default_factory=list)
    leaving: threading.Event = field(default_factory=threading.Event)

    def serve(self) -> int:
        def work(name: str) -> Work:
            def done(desk: RunDesk) -> dict[str, Any]:
                self.worked.append(name)
                return (self.during(desk) if name == "two" else {}) | {"from": name}

            return done

        return serve(
            self.home, self.run, self.leaving, [Stage(n, n, work(n)) for n in ("one", "two", "three")]
        )


@pytest.fixture
def course(home: Home) -> Course:
    return Course(home, RunFolder.create(home, RunSettings(steps=2)))


def raises(error: Exception) -> Work:
    def work(desk: RunDesk) -> dict[str, Any]:
        raise error

    return work


def test_all_stages_in_order_and_then_done(course: Course) -> None:
    assert course.serve() == 0
    assert course.worked == ["one", "two", "three"]
    assert course.run.state.state == "done"
    assert course.run.result("three") == {"from": "three"}


class _Writer:
    """What writes texts, as far as its end goes."""

    way = "vllm"
    closed = 0

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("ends", [lambda desk: {}, raises(RuntimeError("a crash"))])
def test_what_was_loaded_is_given_back_however_it_ends(course: Course, ends: Work) -> None:
    writer = _Writer()

    def during(desk: RunDesk) -> dict[str, Any]:
        desk.shelf["writer"] = writer
        return ends(desk)

    course.during = during
    course.serve()
    assert writer.closed == 1


def test_a_finished_stage_is_never_run_again(course: Course) -> None:
    course.during = raises(RuntimeError("a crash"))
    course.serve()
    course.during = lambda desk: {}
    course.serve()
    assert course.worked == ["one", "two", "two", "three"]
    assert [e.data["name"] for e in course.run.events.all("stage") if e.data["state"] == "kept"] == ["one"]
    assert course.run.state.state == "done"


@pytest.mark.parametrize(
    "error", [TrainingDiverged("A loss is no number any more."), DiskFull("The disk is full.")]
)
def test_what_a_writer_can_meet_is_its_own_sentence(course: Course, error: Exception) -> None:
    course.during = raises(error)
    course.serve()
    assert (course.run.state.state, course.run.state.sentence) == ("failed", str(error))


def test_what_nobody_foresaw_is_one_sentence_and_a_trace_in_the_log(
    course: Course, caplog: pytest.LogCaptureFixture
) -> None:
    course.during = raises(ZeroDivisionError("division\nby zero"))
    course.serve()
    sentence = course.run.state.sentence
    assert sentence.startswith("Something unexpected")
    assert "\n" not in sentence
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(("wish", "state"), [("pause", "paused"), ("stop", "stopped")])
def test_a_wish_is_obeyed_within_a_stage_and_the_rest_is_done_later(
    course: Course, wish: Wish, state: str
) -> None:
    def asked(desk: RunDesk) -> dict[str, Any]:
        course.run.ask(wish)
        desk.check()
        raise AssertionError("it went on")

    course.during = asked
    course.serve()
    assert course.run.state.state == state
    course.run.ask("run")
    course.during = lambda desk: {}
    course.serve()
    assert course.run.state.state == "done"


def test_a_signal_pauses(course: Course) -> None:
    course.during = lambda desk: course.leaving.set() or {}
    course.serve()
    assert (course.run.state.state, course.worked) == ("paused", ["one", "two"])


def test_only_one_run_works_in_a_home(course: Course, home: Home) -> None:
    other = RunLock(home, "other")
    assert other.acquire()
    assert course.serve() == BUSY
    assert course.worked == []
    other.release()
    assert course.serve() == 0


def test_it_steps_aside_while_a_draft_is_being_written(course: Course, home: Home, library: Library) -> None:
    project = make_project(library, [100])
    job = jobs.submit(library, project.id, "draft", {})
    writer = WriterLock(home.root)
    assert writer.acquire()
    jobs.claim(library, "writer", lease_seconds=600)
    thread = threading.Thread(target=course.serve)
    thread.start()
    wait_until(lambda: course.run.state.sentence == ASIDE)
    assert course.run.state.state == "waiting"
    assert course.worked == []
    jobs.finish(library, job.id, "writer", "done")
    thread.join(60)
    writer.release()
    assert course.run.state.state == "done"


def test_it_can_be_stopped_while_it_steps_aside(course: Course, home: Home, library: Library) -> None:
    project = make_project(library, [100])
    jobs.submit(library, project.id, "draft", {})
    writer = WriterLock(home.root)
    assert writer.acquire()
    jobs.claim(library, "writer", lease_seconds=600)
    thread = threading.Thread(target=course.serve)
    thread.start()
    wait_until(lambda: course.run.state.sentence == ASIDE)
    course.run.ask("stop")
    thread.join(60)
    writer.release()
    assert course.run.state.state == "stopped"


def test_a_note_is_said_once(course: Course) -> None:
    course.during = lambda desk: [desk.note("Three texts are too long.") for _ in range(3)] and {}
    course.serve()
    assert len(course.run.events.all("note")) == 1
