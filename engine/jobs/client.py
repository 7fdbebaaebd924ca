"""The studio's and the command line's side of the jobs: submit, start a writer, watch, resume.

It loads no model and runs no job; it writes rows and starts the process that does. A job whose
row says "running" while no writer is alive is interrupted, and is called so at once; one that waits
while no writer is alive (the one at work was killed) gets a new one from whoever follows it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from engine.backends import registry
from engine.drafting.settings import DraftSettings
from engine.errors import BadInput, LongwrightError, NodeLocked, NotFound
from engine.home import Home
from engine.jobs.lock import WriterLock, writer_alive
from engine.jobs.progress import DraftParams, Mode, OutlineParams, PairRequest, PairsParams
from engine.jobs.worklist import draw_up, leaves
from engine.planning.quotas import SectionLimits
from engine.processes import start_detached
from engine.store import jobs, outline, projects
from engine.store.library import Library
from engine.store.schema import Job, Project, now
from engine.store.splitting import Split

POLL_SECONDS = 0.2
WAKING_SECONDS = 3.0
START_SECONDS = 60.0
"""Longest wait for a new writer process; importing everything takes about a second."""
RESTING = frozenset({"paused", "stopped", "done", "failed", "interrupted"})


def section_limits(
    library: Library, home: Home, model: str | None, context: int | None = None
) -> SectionLimits:
    """How long a section may be for that model, with a chosen `context` or its own; the general limits
    while it is not on the list."""
    try:
        chosen = registry.show(library, home, model)
    except NotFound:
        return SectionLimits()
    parameters = chosen.details.parameters if chosen.details else None
    return SectionLimits.for_context(context or chosen.context or registry.DEFAULT_CONTEXT, parameters)


class WriterDidNotStart(LongwrightError):
    """The writer process ended before it could take a job."""


def submit_draft(
    library: Library,
    project_id: str,
    *,
    node_ids: Sequence[str] | None = None,
    mode: Mode = "continue",
    variants: int = 1,
    settings: DraftSettings | Mapping[str, Any] | None = None,
    new_seed: bool = False,
    home: Home | None = None,
) -> Job:
    """Queue a draft: of every unfinished section, or of `node_ids` (`DraftParams` says how).

    With `home`, sections to be written that are longer than the model of that home can write in one go
    are split in the outline before, and their parts are written; locked and begun ones stay as they are. And
    what a dead writer was at does not count as running, here and in `submit_outline`.

    `new_seed`: with a seed that the project was not written with before, for whoever wants another text
    and chose no seed; the same one could give the same text again.

    Raises NodeLocked when a locked section was asked for, NotFound for a section of another
    project, BadInput when there is nothing to write, ProjectBusy when a job is active.
    """
    if home is not None:
        _release_dead(home, library)
    project = projects.get(library, project_id)
    _check_nodes(library, project, node_ids)
    if mode != "continue" and not node_ids:
        raise BadInput("Say which sections are to be written anew.")
    chosen = _settings(project, settings)
    if new_seed:
        # Jobs are never taken away, so the number grows with each.
        behind = 1 + len(jobs.all(library, project.id))
        chosen = chosen.model_copy(update={"seed": (chosen.seed + behind) % 2**31})
    divided = _split_long(library, home, project, chosen, node_ids) if home else []
    params = DraftParams(
        mode=mode,
        node_ids=None if node_ids is None else _with_parts(node_ids, divided),
        variants=variants,
        settings=chosen.model_dump(mode="json"),
        split=tuple(one.title for one in divided),
    )
    if not draw_up(library, project.id, None, params).pieces:
        raise BadInput(
            f"There is nothing to write in “{project.title}”: every section is finished or locked."
        )
    return jobs.submit(library, project.id, "draft", params.model_dump(mode="json"))


def submit_outline(
    library: Library,
    project_id: str,
    *,
    settings: DraftSettings | Mapping[str, Any] | None = None,
    draft_next: bool = False,
    home: Home | None = None,
) -> Job:
    """Queue the drafting of an outline from the brief; with `draft_next`, `submit_next` goes on from it.
    Raises ProjectBusy, BadInput when a section has text, NodeLocked when one is locked."""
    if home is not None:
        _release_dead(home, library)
    project = projects.get(library, project_id)
    outline.refuse_replace(library, project.id)
    params = OutlineParams(
        instead_of=outline.fingerprint(library, project.id),
        settings=_settings(project, settings).model_dump(mode="json"),
        draft_next=draft_next,
    )
    return jobs.submit(library, project.id, "outline", params.model_dump(mode="json"))


def is_beginning(job: Job) -> bool:
    """Whether a draft is to follow: an outline that was asked for by who wants the text."""
    return job.kind == "outline" and OutlineParams.model_validate(job.params).draft_next


def submit_next(library: Library, done: Job, home: Home | None = None) -> Job | None:
    """Queue what a finished job was only the beginning of: the draft behind an outline. None when nothing
    was to follow. `home` and what is raised: as `submit_draft`."""
    if not is_beginning(done):
        return None
    params = OutlineParams.model_validate(done.params)
    return submit_draft(library, done.project_id, settings=params.settings, home=home)


def submit_pairs(
    library: Library,
    project_id: str,
    requests: Sequence[PairRequest],
    *,
    settings: DraftSettings | Mapping[str, Any] | None = None,
) -> Job:
    """Queue two texts for each request, to be compared. Raises ProjectBusy, BadInput without requests."""
    project = projects.get(library, project_id)
    if not requests:
        raise BadInput("There is nothing to write pairs for.")
    params = PairsParams(
        requests=tuple(requests), settings=_settings(project, settings).model_dump(mode="json")
    )
    return jobs.submit(library, project.id, "pairs", params.model_dump(mode="json"))


def ensure_writer(home: Home, *, idle_seconds: float | None = None) -> None:
    """Start the writer process of a home when none is alive, and wait until it is.

    Raises WriterDidNotStart. The process is detached: it outlives the page and the terminal.
    """
    if writer_alive(home.root):
        return
    arguments = ["--home", str(home.root)]
    if idle_seconds is not None:
        arguments += ["--idle-seconds", str(idle_seconds)]
    console = home.logs / "writer.console.log"
    try:
        process = start_detached("engine.jobs.writer", arguments, console)
    except OSError as error:
        raise WriterDidNotStart(f"The writing did not start: {error.strerror or error}.") from error
    deadline = time.monotonic() + START_SECONDS
    while not writer_alive(home.root):
        if process.poll() == 0:
            return
        if process.poll() is not None or time.monotonic() > deadline:
            raise WriterDidNotStart(f"The writing did not start; the reason is in {console}.")
        time.sleep(0.05)


def set_going(home: Home, library: Library, job: Job) -> None:
    """See to it that somebody takes a queued job. When no writer can be started the job is put to rest
    as failed, with the reason, so that it can be resumed. Raises WriterDidNotStart."""
    try:
        ensure_writer(home)
    except WriterDidNotStart as error:
        jobs.give_up(library, job.id, str(error))
        raise


def keep_going(home: Home, library: Library, job: Job) -> Job:
    """The job as it is, once somebody will take it if it waits: a writer that was killed over another job
    has left it in the queue. It is failed, with the reason, when no writer can be started."""
    if job.state != "queued" or writer_alive(home.root):
        return job
    with suppress(WriterDidNotStart):  # the job itself says so now
        set_going(home, library, job)
    return jobs.get(library, job.id)


def state_of(home: Home, library: Library, job: Job) -> str:
    """The job's state as a person should see it: `interrupted` when its process is gone."""
    if job.state != "running" or (writer_alive(home.root) and not jobs.is_interrupted(job, now())):
        return job.state
    # Between reading the job and looking at the lock the writer may have finished it and left.
    job = jobs.get(library, job.id)
    return "interrupted" if job.state == "running" else job.state


class Patience:
    """`state_of` for who looks again and again, as a page does: a machine that slept, or loads a large model,
    wakes with a beat that is too old, and the writer that holds its lock renews it in a moment. So a job is
    interrupted only after `WAKING_SECONDS` of looks in which it was silent; one without a writer, at once."""

    def __init__(self) -> None:
        self._silent_since: dict[str, float] = {}

    def state_of(self, home: Home, library: Library, job: Job) -> str:
        """The job's state as a person should see it now."""
        state = state_of(home, library, job)
        if state != "interrupted" or not writer_alive(home.root):
            self._silent_since.pop(job.id, None)
            return state
        since = self._silent_since.setdefault(job.id, time.monotonic())
        return "running" if time.monotonic() - since < WAKING_SECONDS else state


def resume(home: Home, library: Library, job_id: str) -> Job:
    """Queue a paused, stopped, failed or interrupted job again; it goes on at the very place. Of a finished
    outline that was only the beginning of a draft, the draft.

    `job_id` may be the beginning of an id, here and below. Raises what `engine.store.jobs.resume` raises.
    """
    _release_dead(home, library)
    job = jobs.get(library, job_id)
    following = submit_next(library, job, home) if job.state == "done" else None
    return following or jobs.resume(library, job.id)


def pause(home: Home, library: Library, job_id: str) -> Job:
    """Ask a job to pause, its texts left open; one without a process is paused at once."""
    _release_dead(home, library)
    return jobs.ask(library, jobs.get(library, job_id).id, "pause")


def stop(home: Home, library: Library, job_id: str) -> Job:
    """Ask a job to stop, its texts kept; one without a process is stopped at once."""
    _release_dead(home, library)
    return jobs.ask(library, jobs.get(library, job_id).id, "stop")


def delete_project(home: Home, library: Library, project_id: str) -> Project:
    """Delete a project as `engine.store.projects.delete` does; a draft without a process does not hold it."""
    _release_dead(home, library)
    return projects.delete(library, project_id)


def watch(home: Home, library: Library, job_id: str, *, poll_seconds: float = POLL_SECONDS) -> Iterator[Job]:
    """The job each time it changed, the last time when it rests (`RESTING`). See `keep_going`."""
    seen: tuple[Any, ...] | None = None
    patience = Patience()
    while True:
        job = keep_going(home, library, jobs.get(library, job_id))
        state = patience.state_of(home, library, job)
        if seen != (state, job.progress, job.control):
            seen = (state, job.progress, job.control)
            yield job
        if state in RESTING:
            return
        time.sleep(poll_seconds)


def _release_dead(home: Home, library: Library) -> None:
    """Whoever can take the writer's lock knows that no writer is at work: no lease need be waited for."""
    with WriterLock(home.root) as lock:
        if lock.acquire():
            jobs.release_running(library)


def _check_nodes(library: Library, project: Project, node_ids: Sequence[str] | None) -> None:
    by_id = {leaf.row.node.id: leaf for leaf in leaves(library, project.id)}
    if not by_id:
        raise BadInput(f"“{project.title}” has no outline yet; give it one first.")
    for node_id in node_ids or ():
        if node_id not in by_id:
            raise NotFound(f"“{project.title}” has no section {node_id} that can be written.")
        if by_id[node_id].locked:
            raise NodeLocked(f"“{by_id[node_id].row.node.title}” is locked; unlock it to have it written.")


def _split_long(
    library: Library, home: Home, project: Project, settings: DraftSettings, node_ids: Sequence[str] | None
) -> list[Split]:
    if jobs.of_project(library, project.id) is not None:
        return []  # it is being written, so this draft is refused; the outline stays as it is
    most = section_limits(library, home, settings.model, settings.context).most
    return outline.split_long(library, project.id, most, node_ids)


def _with_parts(node_ids: Sequence[str], divided: Sequence[Split]) -> tuple[str, ...]:
    parts = {one.parts[0].id: [part.id for part in one.parts] for one in divided}
    return tuple(part for node_id in node_ids for part in parts.get(node_id, [node_id]))


def _settings(project: Project, settings: DraftSettings | Mapping[str, Any] | None) -> DraftSettings:
    if isinstance(settings, DraftSettings):
        return settings
    return DraftSettings.model_validate(dict(settings) if settings is not None else project.settings)
