"""Following a job at the terminal: a progress bar on standard error, Ctrl+C as a pause, the outcome.

Shared by `write` and `resume`. It only reads the library; the writer process does the work.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from app.commands.boundary import INTERRUPTED, USER_ERROR, say
from app.commands.common import deviation, print_json, print_table

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from engine.home import Home
    from engine.store.library import Library
    from engine.store.schema import Job

PAUSE_SECONDS = 15.0
"""How long Ctrl+C waits to see the pause obeyed."""


def follow(home: Home, library: Library, job: Job) -> Job:
    """Run a queued job through the writer process, with a bar, until it rests.

    Ctrl+C pauses the job and leaves with 130. Returns the job when it is done; leaves with 1 and
    one sentence when it came to rest in any other state.
    """
    from engine.jobs import client

    client.set_going(home, library, job)
    try:
        with _bar() as bar:
            task = bar.add_task("waiting", total=None, note="")
            for seen in client.watch(home, library, job.id):
                _show(bar, task, seen)
                job = seen
    except KeyboardInterrupt:
        raise typer.Exit(_pause(home, library, job)) from None
    state = client.state_of(home, library, job)
    if state != "done":
        say(_why(state, job))
        raise typer.Exit(USER_ERROR)
    return job


def outcome(library: Library, job: Job, outs: Sequence[Path], as_json: bool) -> None:
    """Export what a finished job wrote and tell what came out."""
    from engine.jobs.progress import DraftResult
    from engine.store import projects
    from exports.writers import export

    project = projects.get(library, job.project_id)
    reports = [export(library, project, path.expanduser().absolute()) for path in outs]
    result = DraftResult.model_validate(job.result)
    told: dict[str, Any] = {
        "project": project.id,
        "title": project.title,
        "job": job.id,
        "model": result.model,
        "adapter": result.adapter,
        "adapter_scale": result.adapter_scale,
        "words_target": result.words_target,
        "words": result.words,
        "deviation": deviation(result.words, result.words_target),
        "sections": [
            section.model_dump(include={"title", "words_target", "words", "finish"})
            for section in result.sections
        ],
        "duplicate_sentence_share": round(result.duplicate_sentence_share, 5),
        "distinct_4grams": round(result.distinct_4grams, 5),
        "finish": result.finish,
        "seconds": result.seconds,
        "tokens_per_second": result.tokens_per_second,
        "exports": [str(report.path) for report in reports],
    }
    if as_json:
        print_json(told)
    else:
        _print_outcome(told)


def _print_outcome(told: dict[str, Any]) -> None:
    rows = [
        [
            section["title"],
            f"{section['words_target']:,}",
            f"{section['words']:,}",
            f"{deviation(section['words'], section['words_target']):+.1%}",
            section["finish"],
        ]
        for section in told["sections"]
    ]
    print_table(["section", "asked", "got", "deviation", "finish"], rows, frozenset({1, 2, 3}))
    typer.echo(
        f"\n“{told['title']}”: {told['words']:,} of {told['words_target']:,} words "
        f"({told['deviation']:+.1%}), {told['finish']}."
    )
    typer.echo(
        f"Written in {told['seconds']:.0f} s by {told['model']} ({told['tokens_per_second']:.0f} tokens a "
        f"second); repeated sentences {told['duplicate_sentence_share']:.1%}, distinct 4-grams "
        f"{told['distinct_4grams']:.1%}."
    )
    for path in told["exports"]:
        typer.echo(f"Exported and checked: {path}")
    if not told["exports"]:
        typer.echo(f"Export it with: longwright export {told['project']} --to book.docx")


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
    from engine.jobs import client
    from engine.store import jobs

    client.pause(home, library, job.id)
    deadline = time.monotonic() + PAUSE_SECONDS
    while time.monotonic() < deadline:
        if client.state_of(home, library, jobs.get(library, job.id)) in client.RESTING:
            break
        time.sleep(0.1)
    say(f"Paused; every word is kept. Go on with: longwright resume {job.id}")
    return INTERRUPTED


def _why(state: str, job: Job) -> str:
    hint = f"Go on with: longwright resume {job.id}"
    if state == "failed":
        return f"{job.error or 'The draft failed.'} {hint}"
    if state == "interrupted":
        return f"The writing process is gone (it crashed or was ended); the text is kept. {hint}"
    return f"The draft was {state}; the text is kept. {hint}"
