"""The queue of the writer process: who works on what, how far it is, and what the writer asked for.

A job is leased: the process that claimed it renews the lease with every beat, and a running job whose
lease ran out lost its process (`is_interrupted`). At most one job of a project is queued, running or
paused. A job that comes to rest for good leaves no open version: its text is sealed in the same
transaction. Knows nothing of models and prompts. Called by the writer process and by `engine.jobs`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

from sqlmodel import Session, col, select

from engine.errors import BadInput, Conflict, NotFound, ProjectBusy
from engine.store.drafts import seal_open_of
from engine.store.library import BUSY_SECONDS, Library
from engine.store.rows import project_row
from engine.store.schema import ACTIVE_STATES, Job, Project, now

LEASE_SECONDS = 3 * BUSY_SECONDS
"""How long a job stays with its process after the last sign of life. A living process is silent while another
program holds the library: its beat waits `BUSY_SECONDS` and tries again, so a lease holds several such waits.
Nobody waits for it after a death: a free lock tells of that at once, and the next writer ends such leases."""

Wish = Literal["run", "pause", "stop"]

# How a text is called that was still open when its job came to rest.
_FINISH_OF_OPEN = {"stopped": "stopped", "done": "stopped", "failed": "failed"}


class LeaseLost(Conflict):
    """The job is no longer this process's: another took it over, or it was stopped from outside."""


def submit(library: Library, project_id: str, kind: str, params: Mapping[str, Any]) -> Job:
    """Queue a job. Raises ProjectBusy when one of the project is queued, running or paused; NotFound.

    An outline that was paused or interrupted makes way, as stopped: nothing of it is there to go on with.
    """
    with library.session() as session:
        project = project_row(session, project_id)
        _end_resting_outline(session, project)
        _refuse_busy(session, project)
        job = Job(project_id=project_id, kind=kind, params=dict(params))
        session.add(job)
        return job


def claim(library: Library, owner: str, lease_seconds: float = LEASE_SECONDS) -> Job | None:
    """Take the oldest queued job of a project that is still there, or None. Only one process gets each."""
    queued = (
        select(Job)
        .join(Project, col(Project.id) == col(Job.project_id))
        .where(Job.state == "queued", col(Project.deleted_at).is_(None))
        .order_by(col(Job.created_at))
    )
    # An idle writer looks several times a second; it must not take the write lock for that.
    with library.reading() as session:
        if session.exec(queued).first() is None:
            return None
    with library.session() as session:
        job = session.exec(queued).first()
        if job is None:
            return None
        job.state, job.control, job.error = "running", "run", None
        job.lease_owner, job.lease_until = owner, now() + lease_seconds
        job.started_at = job.started_at or now()
        job.finished_at = None
        return job


def renew(
    library: Library,
    job_id: str,
    owner: str,
    progress: Mapping[str, Any] | None = None,
    lease_seconds: float = LEASE_SECONDS,
) -> str:
    """Hold the job for another `lease_seconds` and store its progress; returns what is asked of it:
    `run`, `pause` or `stop`. Raises LeaseLost, NotFound."""
    with library.session() as session:
        job = _leased(session, job_id, owner)
        job.lease_until = now() + lease_seconds
        if progress is not None:
            job.progress = dict(progress)
        return job.control


def finish(
    library: Library,
    job_id: str,
    owner: str,
    state: str,
    result: Mapping[str, Any] | None = None,
    error: str | None = None,
) -> Job:
    """Put a job to rest: `done`, `stopped`, `failed` or `paused`. A pause that a stop overtook becomes
    a stop. Raises LeaseLost, NotFound."""
    if state not in (*_FINISH_OF_OPEN, "paused"):
        raise ValueError(f"a job cannot end as {state!r}")
    with library.session() as session:
        job = _leased(session, job_id, owner)
        if result is not None:
            job.result = dict(result)
        job.error = error
        _rest(session, job, "stopped" if state == "paused" and job.control == "stop" else state)
        return job


def ask(library: Library, job_id: str, wish: Wish) -> Job:
    """Say what a job shall do. A running one sees it at its next beat; one without a process (queued,
    paused, interrupted) obeys at once. A job that is at an end stays as it is. Raises NotFound."""
    with library.session() as session:
        job = _job_row(session, job_id)
        if job.state == "running" and not is_interrupted(job, now()):
            job.control = wish
        elif job.state in ACTIVE_STATES:
            _obey_alone(session, job, wish)
        return job


def give_up(library: Library, job_id: str, error: str) -> Job:
    """Put a job to rest that still waits, because no process can be started for it; it can be resumed.
    One that a process took meanwhile stays as it is. Raises NotFound."""
    with library.session() as session:
        job = _job_row(session, job_id)
        if job.state == "queued":
            job.error = error
            _rest(session, job, "failed")
        return job


def resume(library: Library, job_id: str) -> Job:
    """Queue a paused, stopped, failed or interrupted job again. One that is queued or running stays so.

    Raises ProjectBusy when another job of the project is active, BadInput for a finished one, NotFound.
    """
    with library.session() as session:
        job = _job_row(session, job_id)
        if job.state == "done":
            raise BadInput("This draft is finished; there is nothing left to resume.")
        project = project_row(session, job.project_id)
        if job.state not in ACTIVE_STATES:
            _refuse_busy(session, project)
        if job.state != "queued" and not (job.state == "running" and not is_interrupted(job, now())):
            _queue(job)
        return job


def release_running(library: Library) -> None:
    """Declare every running job interrupted and fulfil what was asked of it.

    For a caller who knows that no writer process is alive, so that nobody waits for leases to run out.
    """
    with library.session() as session:
        for job in session.exec(select(Job).where(Job.state == "running")).all():
            job.lease_until = 0.0
            if job.control != "run":
                _rest(session, job, "stopped" if job.control == "stop" else "paused")


def is_interrupted(job: Job, at: float) -> bool:
    """Whether a running job lost its process by `at` (Unix seconds)."""
    return job.state == "running" and (job.lease_until is None or job.lease_until < at)


def get(library: Library, key: str) -> Job:
    """The job of that id, or of that beginning of an id. Raises NotFound, BadInput when several fit."""
    with library.reading() as session:
        exact = session.get(Job, key)
        if exact is not None:
            return exact
        fitting = session.exec(select(Job).where(col(Job.id).startswith(key, autoescape=True)).limit(2)).all()
    if not key or not fitting:
        raise NotFound(f"There is no draft {key} in this library.")
    if len(fitting) > 1:
        raise BadInput(f"Several drafts begin with {key}; give more of the id.")
    return fitting[0]


def all(library: Library, project_id: str | None = None, active_only: bool = False) -> list[Job]:  # noqa: A001
    """Jobs, newest first."""
    query = select(Job).order_by(col(Job.created_at).desc())
    if project_id is not None:
        query = query.where(Job.project_id == project_id)
    if active_only:
        query = query.where(col(Job.state).in_(ACTIVE_STATES))
    with library.reading() as session:
        return list(session.exec(query).all())


def of_project(library: Library, project_id: str) -> Job | None:
    """The project's queued, running or paused job."""
    active = select(Job).where(Job.project_id == project_id, col(Job.state).in_(ACTIVE_STATES))
    with library.reading() as session:
        return session.exec(active).first()


def latest(library: Library, project_id: str | None, kinds: Collection[str]) -> Job | None:
    """The newest job of one of these kinds, of a project or of any (None)."""
    query = select(Job).where(col(Job.kind).in_(kinds)).order_by(col(Job.created_at).desc()).limit(1)
    if project_id is not None:
        query = query.where(Job.project_id == project_id)
    with library.reading() as session:
        return session.exec(query).first()


def _job_row(session: Session, job_id: str) -> Job:
    job = session.get(Job, job_id)
    if job is None:
        raise NotFound(f"There is no draft {job_id} in this library.")
    return job


def _leased(session: Session, job_id: str, owner: str) -> Job:
    job = _job_row(session, job_id)
    if job.state != "running" or job.lease_owner != owner:
        raise LeaseLost("This draft was taken over by another process.")
    return job


def _end_resting_outline(session: Session, project: Project) -> None:
    query = select(Job).where(
        Job.project_id == project.id, Job.kind == "outline", col(Job.state).in_(("paused", "running"))
    )
    job = session.exec(query).first()
    if job is not None and (job.state == "paused" or is_interrupted(job, now())):
        _rest(session, job, "stopped")
        session.flush()  # before the new job is inserted: the index allows one active job


def _refuse_busy(session: Session, project: Project) -> None:
    busy = select(Job).where(Job.project_id == project.id, col(Job.state).in_(ACTIVE_STATES))
    job = session.exec(busy).first()
    if job is None:
        return
    if job.state == "paused" or is_interrupted(job, now()):
        state = "paused" if job.state == "paused" else "interrupted"
        raise ProjectBusy(f"A draft of “{project.title}” is {state} already: resume it or stop it first.")
    raise ProjectBusy(f"A draft of “{project.title}” is {job.state} already: wait for it or stop it first.")


def _obey_alone(session: Session, job: Job, wish: Wish) -> None:
    if wish == "run":
        _queue(job)
    else:
        _rest(session, job, "stopped" if wish == "stop" else "paused")


def _queue(job: Job) -> None:
    job.state, job.control = "queued", "run"
    job.lease_owner = job.lease_until = job.finished_at = job.error = None


def _rest(session: Session, job: Job, state: str) -> None:
    job.state, job.control = state, "run"
    job.lease_owner = job.lease_until = None
    if state != "paused":
        job.finished_at = now()
        seal_open_of(session, job.id, _FINISH_OF_OPEN[state])
