"""Leases, wishes and the one job a project may have; with real processes where it matters."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import BadInput, NotFound, ProjectBusy
from engine.home import Home
from engine.store import jobs, projects, versions
from engine.store.library import Library
from engine.store.schema import Job, Node, Project, now
from tests.store.conftest import Spy

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def other(library: Library) -> Project:
    return projects.create(library, {}, "Another book", "novel", "en", 500)


@pytest.fixture
def queued(library: Library, project: Project) -> Job:
    return jobs.submit(library, project.id, "draft", {"mode": "continue"})


def _lose_process(library: Library, job: Job) -> None:
    with library.session() as session:
        session.get_one(Job, job.id).lease_until = now() - 1


def _draft(library: Library, job: Job, node: Node, text: str) -> str:
    draft = versions.open_draft(library, node.id, "draft", "m", 1, {}, {}, job.id)
    versions.append(library, [(draft.id, "text", text)])
    return draft.id


def test_a_job_waits_with_its_parameters(library: Library, queued: Job) -> None:
    told = jobs.get(library, queued.id)
    assert (told.state, told.control, told.params) == ("queued", "run", {"mode": "continue"})


def test_two_jobs_on_one_project_are_refused_and_two_projects_queue(
    library: Library, project: Project, other: Project, queued: Job
) -> None:
    with pytest.raises(ProjectBusy, match="The long winter"):
        jobs.submit(library, project.id, "draft", {})
    second = jobs.submit(library, other.id, "draft", {})
    claimed = [jobs.claim(library, "w", 10), jobs.claim(library, "w", 10), jobs.claim(library, "w", 10)]
    assert [job and job.id for job in claimed] == [queued.id, second.id, None]


@pytest.mark.parametrize("state", ["paused", "running"])
def test_a_paused_or_running_job_keeps_its_project_busy(
    library: Library, project: Project, queued: Job, state: str
) -> None:
    jobs.claim(library, "w", 10)
    if state == "paused":
        jobs.finish(library, queued.id, "w", "paused")
    with pytest.raises(ProjectBusy, match=state):
        jobs.submit(library, project.id, "draft", {})


def test_a_job_that_lost_its_process_is_called_interrupted_to_whoever_asks_for_another(
    library: Library, project: Project, queued: Job
) -> None:
    jobs.claim(library, "w", 10)
    _lose_process(library, queued)
    with pytest.raises(ProjectBusy, match="is interrupted already: resume it or stop it first"):
        jobs.submit(library, project.id, "draft", {})


def test_a_job_at_an_end_frees_its_project(library: Library, project: Project, queued: Job) -> None:
    jobs.claim(library, "w", 10)
    done = jobs.finish(library, queued.id, "w", "done", {"words": 3})
    assert (done.state, done.result, done.lease_owner) == ("done", {"words": 3}, None)
    assert done.finished_at is not None
    assert jobs.of_project(library, project.id) is None
    assert jobs.submit(library, project.id, "draft", {}).state == "queued"


def test_a_job_for_an_unknown_project_is_refused(library: Library) -> None:
    with pytest.raises(NotFound):
        jobs.submit(library, "nope", "draft", {})


def test_jobs_of_deleted_projects_are_not_claimed(library: Library, project: Project, queued: Job) -> None:
    jobs.ask(library, queued.id, "pause")
    projects.delete(library, project.id)
    with pytest.raises(NotFound):
        jobs.resume(library, queued.id)
    projects.undelete(library, project.id)
    jobs.resume(library, queued.id)
    claimed = jobs.claim(library, "w", 10)
    assert claimed is not None


def test_a_beat_stores_progress_and_brings_the_wish(library: Library, queued: Job) -> None:
    jobs.claim(library, "w", 10)
    assert jobs.renew(library, queued.id, "w", {"words": 12}, 10) == "run"
    jobs.ask(library, queued.id, "pause")
    assert jobs.renew(library, queued.id, "w") == "pause"
    assert jobs.get(library, queued.id).progress == {"words": 12}
    jobs.ask(library, queued.id, "run")
    assert jobs.renew(library, queued.id, "w") == "run"


def test_a_beat_holds_the_lease(library: Library, queued: Job) -> None:
    jobs.claim(library, "w", 0.0)
    assert jobs.is_interrupted(jobs.get(library, queued.id), now() + 1)
    jobs.renew(library, queued.id, "w", None, 60)
    assert not jobs.is_interrupted(jobs.get(library, queued.id), now() + 1)


def test_a_process_that_lost_its_job_can_neither_beat_nor_finish(library: Library, queued: Job) -> None:
    jobs.claim(library, "first", 10)
    _lose_process(library, queued)
    jobs.resume(library, queued.id)
    jobs.claim(library, "second", 10)
    with pytest.raises(jobs.LeaseLost):
        jobs.renew(library, queued.id, "first", {"words": 99})
    with pytest.raises(jobs.LeaseLost):
        jobs.finish(library, queued.id, "first", "done")
    told = jobs.get(library, queued.id)
    assert (told.state, told.lease_owner, told.progress) == ("running", "second", {})


def test_an_interrupted_job_is_resumed_and_claimed_again(library: Library, queued: Job) -> None:
    jobs.claim(library, "first", 10)
    assert jobs.claim(library, "second", 10) is None
    _lose_process(library, queued)
    assert jobs.is_interrupted(jobs.get(library, queued.id), now())
    assert jobs.claim(library, "second", 10) is None
    assert jobs.resume(library, queued.id).state == "queued"
    claimed = jobs.claim(library, "second", 10)
    assert claimed is not None
    assert claimed.lease_owner == "second"


@pytest.mark.parametrize("state", ["paused", "stopped", "failed"])
def test_a_job_that_rests_is_resumed(library: Library, queued: Job, state: str) -> None:
    jobs.claim(library, "w", 10)
    jobs.finish(library, queued.id, "w", state, error="why" if state == "failed" else None)
    resumed = jobs.resume(library, queued.id)
    assert (resumed.state, resumed.error, resumed.finished_at) == ("queued", None, None)


def test_resuming_what_runs_or_waits_changes_nothing(library: Library, queued: Job) -> None:
    assert jobs.resume(library, queued.id).state == "queued"
    jobs.claim(library, "w", 10)
    assert jobs.resume(library, queued.id).lease_owner == "w"


def test_a_finished_job_is_not_resumed(library: Library, queued: Job) -> None:
    jobs.claim(library, "w", 10)
    jobs.finish(library, queued.id, "w", "done")
    with pytest.raises(BadInput):
        jobs.resume(library, queued.id)


def test_a_stopped_job_is_not_resumed_beside_another(library: Library, project: Project, queued: Job) -> None:
    jobs.ask(library, queued.id, "stop")
    jobs.submit(library, project.id, "draft", {})
    with pytest.raises(ProjectBusy):
        jobs.resume(library, queued.id)
    assert jobs.get(library, queued.id).state == "stopped"


@pytest.mark.parametrize(("wish", "state"), [("pause", "paused"), ("stop", "stopped")])
def test_a_job_without_a_process_obeys_at_once(
    library: Library, queued: Job, wish: jobs.Wish, state: str
) -> None:
    assert jobs.ask(library, queued.id, wish).state == state
    assert jobs.claim(library, "w", 10) is None


def test_stopping_an_interrupted_job_keeps_its_text_as_the_text(
    library: Library, queued: Job, node: Callable[[str], Node]
) -> None:
    jobs.claim(library, "w", 10)
    draft = _draft(library, queued, node("Dusk"), "Ada waits on the")
    _lose_process(library, queued)
    assert jobs.ask(library, queued.id, "stop").state == "stopped"
    assert node("Dusk").version_id == draft
    sealed = versions.get(library, draft)
    assert (sealed.text, sealed.words, sealed.finish) == ("Ada waits on the", 4, "stopped")


@pytest.mark.parametrize(
    ("state", "finish"), [("stopped", "stopped"), ("failed", "failed"), ("done", "stopped")]
)
def test_a_job_at_an_end_leaves_no_open_version(
    library: Library, queued: Job, node: Callable[[str], Node], state: str, finish: str
) -> None:
    jobs.claim(library, "w", 10)
    draft = _draft(library, queued, node("Dusk"), "Ada waits")
    jobs.finish(library, queued.id, "w", state)
    assert versions.open_versions(library, queued.id) == []
    assert (versions.get(library, draft).finish, versions.get(library, draft).text) == (finish, "Ada waits")


def test_a_paused_job_leaves_its_version_open(
    library: Library, queued: Job, node: Callable[[str], Node]
) -> None:
    jobs.claim(library, "w", 10)
    draft = _draft(library, queued, node("Dusk"), "Ada waits")
    jobs.finish(library, queued.id, "w", "paused")
    assert [version.id for version in versions.open_versions(library, queued.id)] == [draft]


def test_a_stop_that_came_while_the_job_paused_is_not_forgotten(
    library: Library, queued: Job, node: Callable[[str], Node]
) -> None:
    jobs.claim(library, "w", 10)
    draft = _draft(library, queued, node("Dusk"), "Ada waits")
    jobs.ask(library, queued.id, "stop")
    assert jobs.finish(library, queued.id, "w", "paused").state == "stopped"
    assert versions.get(library, draft).finish == "stopped"


def test_a_waiting_job_that_nobody_can_take_fails_with_its_reason_and_is_resumed(
    library: Library, project: Project, queued: Job
) -> None:
    given_up = jobs.give_up(library, queued.id, "no process")
    assert (given_up.state, given_up.error) == ("failed", "no process")
    assert jobs.of_project(library, project.id) is None
    assert jobs.resume(library, queued.id).state == "queued"


def test_a_job_that_a_process_took_meanwhile_is_not_given_up(library: Library, queued: Job) -> None:
    jobs.claim(library, "1-me")
    assert jobs.give_up(library, queued.id, "no process").state == "running"


def test_asking_something_of_a_job_at_an_end_changes_nothing(library: Library, queued: Job) -> None:
    jobs.claim(library, "w", 10)
    jobs.finish(library, queued.id, "w", "done")
    assert jobs.ask(library, queued.id, "stop").state == "done"


def test_jobs_of_a_dead_writer_are_released_and_do_what_was_asked(
    library: Library, project: Project, other: Project, queued: Job
) -> None:
    second = jobs.submit(library, other.id, "draft", {})
    jobs.claim(library, "w", 60)
    jobs.claim(library, "w", 60)
    jobs.ask(library, second.id, "stop")
    jobs.release_running(library)
    assert jobs.is_interrupted(jobs.get(library, queued.id), now())
    assert jobs.get(library, second.id).state == "stopped"


def test_a_job_cannot_end_as_something_unknown(library: Library, queued: Job) -> None:
    jobs.claim(library, "w", 10)
    with pytest.raises(ValueError, match="exploded"):
        jobs.finish(library, queued.id, "w", "exploded")


def test_a_job_is_found_by_the_beginning_of_its_id(library: Library, queued: Job) -> None:
    assert jobs.get(library, queued.id[:6]).id == queued.id
    for wrong in ("", "zz", "%"):
        with pytest.raises(NotFound):
            jobs.get(library, wrong)


def test_a_beginning_that_fits_several_jobs_is_refused(
    library: Library, project: Project, other: Project
) -> None:
    with library.session() as session:
        session.add(Job(id="aa11", project_id=project.id, kind="draft"))
        session.add(Job(id="aa12", project_id=other.id, kind="draft"))
    with pytest.raises(BadInput, match="aa1"):
        jobs.get(library, "aa1")


def test_jobs_are_listed_newest_first(
    library: Library, project: Project, other: Project, queued: Job
) -> None:
    second = jobs.submit(library, other.id, "draft", {})
    jobs.ask(library, second.id, "stop")
    assert [job.id for job in jobs.all(library)] == [second.id, queued.id]
    assert [job.id for job in jobs.all(library, active_only=True)] == [queued.id]
    assert [job.id for job in jobs.all(library, other.id)] == [second.id]
    assert jobs.of_project(library, project.id) is not None


CLAIM_ALL = """
import json, sys
from pathlib import Path
from engine.home import Home
from engine.store import jobs
from engine.store.library import open_library
library = open_library(Home(Path(sys.argv[1])))
print("ready", flush=True)
sys.stdin.readline()
mine = []
while (job := jobs.claim(library, sys.argv[2], 60)) is not None:
    mine.append(job.id)
print(json.dumps(mine))
"""


def test_two_processes_never_get_the_same_job(library: Library, home: Home) -> None:
    waiting = [
        jobs.submit(library, projects.create(library, {}, f"Book {n}", "novel", "en", 500).id, "draft", {}).id
        for n in range(40)
    ]
    claimers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM_ALL, str(home.root), name],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("first", "second")
    ]
    for claimer in claimers:
        assert claimer.stdout is not None
        assert claimer.stdout.readline() == "ready\n"
    for claimer in claimers:
        assert claimer.stdin is not None
        claimer.stdin.write("go\n")
        claimer.stdin.flush()
    got = [json.loads(claimer.communicate()[0]) for claimer in claimers]
    assert sorted(got[0] + got[1]) == sorted(waiting)
    owners = {job.id: job.lease_owner for job in jobs.all(library)}
    assert owners == {**dict.fromkeys(got[0], "first"), **dict.fromkeys(got[1], "second")}


@pytest.mark.parametrize("state", ["paused", "interrupted"])
def test_an_outline_that_rests_makes_way_for_a_draft(library: Library, project: Project, state: str) -> None:
    resting = jobs.submit(library, project.id, "outline", {})
    jobs.claim(library, "w", 10)
    if state == "paused":
        jobs.finish(library, resting.id, "w", "paused")
    else:
        _lose_process(library, resting)
    assert jobs.submit(library, project.id, "draft", {}).state == "queued"
    assert jobs.get(library, resting.id).state == "stopped"


def test_an_outline_that_is_being_made_keeps_its_project_busy(library: Library, project: Project) -> None:
    jobs.submit(library, project.id, "outline", {})
    with pytest.raises(ProjectBusy, match="queued"):
        jobs.submit(library, project.id, "draft", {})
    jobs.claim(library, "w", 10)
    with pytest.raises(ProjectBusy, match="running"):
        jobs.submit(library, project.id, "draft", {})


def test_the_latest_job_of_a_kind_is_found_without_reading_the_others(
    library: Library, project: Project, other: Project, spy: Spy
) -> None:
    made = []
    for kind in ("draft", "outline", "pairs"):
        made.append(jobs.submit(library, project.id, kind, {"kind": kind}))
        jobs.ask(library, made[-1].id, "stop")
    elsewhere = jobs.submit(library, other.id, "pairs", {})
    found = [
        jobs.latest(library, project.id, ("draft", "outline")),
        jobs.latest(library, project.id, ("pairs",)),
        jobs.latest(library, None, ("pairs",)),
    ]
    assert [job and job.id for job in found] == [made[1].id, made[2].id, elsewhere.id]
    assert jobs.latest(library, other.id, ("draft",)) is None
    with spy() as spied:
        jobs.latest(library, project.id, ("draft", "outline"))
    assert ["LIMIT" in statement for statement in spied.sql] == [True]
