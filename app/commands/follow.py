"""Following a job at the terminal: a progress bar on standard error, Ctrl+C as a pause.

Shared by `write`, `continue`, `resume` and `outline`. The writer process does the work.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import typer

from app.commands.boundary import INTERRUPTED, USER_ERROR, say

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from engine.drafting.settings import DraftSettings
    from engine.home import Home
    from engine.store.library import Library
    from engine.store.schema import Job, Project

PAUSE_SECONDS = 15.0
"""How long Ctrl+C waits to see the pause obeyed."""


def draft(home: Home, library: Library, project: Project, settings: DraftSettings) -> Job:
    """Have everything unfinished of a project written, its outline before that where there is none."""
    from engine.jobs import submitting
    from engine.store import outline

    if not outline.leaves(library, project.id):
        job = submitting.submit_outline(library, project.id, settings=settings, draft_next=True, home=home)
        return go_on(home, library, job)
    return follow(home, library, submitting.submit_draft(library, project.id, settings=settings, home=home))


def go_on(home: Home, library: Library, job: Job) -> Job:
    """`follow` a job, and then the one that it was only the beginning of, if any."""
    from engine.jobs import submitting

    done = follow(home, library, job)
    following = submitting.submit_next(library, done, home)
    return done if following is None else follow(home, library, following)


def follow(home: Home, library: Library, job: Job) -> Job:
    """Run a queued job through the writer process, with a bar, until it rests.

    Ctrl+C pauses the job and leaves with 130. Returns the job when it is done; leaves with 1 and
    one sentence when it came to rest in any other state.
    """
    from engine.jobs import starting, watching

    _tell_of_split(job)
    try:
        starting.set_going(home, library, job)
        with _bar() as bar:
            task = bar.add_task("waiting", total=None, note="")
            for seen in watching.watch(home, library, job.id):
                _show(bar, task, seen)
                job = seen
    except KeyboardInterrupt:
        raise typer.Exit(_pause(home, library, job)) from None
    state = watching.state_of(home, library, job)
    if state != "done":
        say(_why(state, job))
        raise typer.Exit(USER_ERROR)
    return job


def _tell_of_split(job: Job) -> None:
    from engine.jobs.progress import DraftParams

    if job.kind == "draft" and (told := DraftParams.model_validate(job.params).told_of_split):
        say(told)


def _bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("words"),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        refresh_per_second=4,
        transient=False,
    )


def _show(bar: Bar, task: TaskID, job: Job) -> None:
    from engine.jobs.progress import Progress

    progress = Progress.model_validate(job.progress or {})
    note = f"{progress.words_per_minute:.0f} words/min" if progress.words_per_minute else ""
    if progress.eta_seconds:
        note += f", {_duration(progress.eta_seconds)} left"
    sections = f" {progress.sections_done}/{progress.sections_total}" if progress.sections_total else ""
    bar.update(
        task,
        description="waiting" if job.state == "queued" else f"{progress.phase}{sections}",
        completed=progress.words,
        total=progress.words_target or None,
        note=note,
    )


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes else f"{seconds:.0f} s"


def _pause(home: Home, library: Library, job: Job) -> int:
    from engine.jobs import client, watching
    from engine.store import jobs

    client.pause(home, library, job.id)
    deadline = time.monotonic() + PAUSE_SECONDS
    said = "It pauses as soon as the model lets it"
    while time.monotonic() < deadline:
        job = jobs.get(library, job.id)
        state = watching.state_of(home, library, job)
        if state in watching.RESTING:
            said = "It was finished already" if state == "done" else "Paused"
            break
        time.sleep(0.1)
    say(f"{said}; every word is kept. {way_on(job)}".strip())
    return INTERRUPTED


def way_on(job: Job) -> str:
    """How a job is gone on with; empty for one that is finished and was the beginning of nothing."""
    from engine.jobs.submitting import is_beginning

    resumable = job.state != "done" or is_beginning(job)
    return f"Go on with: longwright resume {job.id}" if resumable else ""


def _why(state: str, job: Job) -> str:
    hint = way_on(job)
    if state == "failed":
        return f"{job.error or 'The draft failed.'} {hint}"
    if state == "interrupted":
        return f"The writing process is gone (it crashed or was ended); the text is kept. {hint}"
    return f"The draft was {state}; the text is kept. {hint}"
