"""`longwright jobs`: what is being written, and how far; `pause` and `stop` a job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.common import JSON, PLAIN, open_desk, print_json, print_table
from app.commands.follow import way_on

if TYPE_CHECKING:
    from engine.home import Home
    from engine.store.library import Library
    from engine.store.schema import Job

app = typer.Typer(**PLAIN)

JOB = Annotated[str, typer.Argument(help="The job, as `longwright jobs` shows it.")]


@app.callback(invoke_without_command=True)
def jobs(context: typer.Context, as_json: JSON = False) -> None:
    """List the jobs of the library, the newest first; with `pause` or `stop`, ask one to rest."""
    if context.invoked_subcommand is not None:
        return
    from engine.store import jobs as store

    with open_desk() as (home, library):
        titles = _titles(library)
        told = [_told(home, library, job, titles) for job in store.all(library)]
    if as_json:
        print_json({"jobs": told})
    elif told:
        rows = [
            [job["job"], job["title"], job["kind"], job["state"], f"{job['words']:,}/{job['words_target']:,}"]
            for job in told
        ]
        print_table(["job", "project", "kind", "state", "words"], rows, frozenset({4}))
    else:
        typer.echo("Nothing has been written yet. Start with: longwright write BRIEF.md --words 3000")


@app.command("pause")
def pause(job: JOB, as_json: JSON = False) -> None:
    """Pause a job; `longwright resume` goes on at the very place."""
    _ask(job, "pause", as_json)


@app.command("stop")
def stop(job: JOB, as_json: JSON = False) -> None:
    """Stop a job and keep its text; the project is free for another job."""
    _ask(job, "stop", as_json)


def _ask(job_id: str, wish: str, as_json: bool) -> None:
    from engine.jobs import client

    with open_desk() as (home, library):
        job = client.pause(home, library, job_id) if wish == "pause" else client.stop(home, library, job_id)
        told = _told(home, library, job, _titles(library))
    if as_json:
        print_json(told)
    else:
        typer.echo(f"{told['title']}: {told['state']}. {way_on(job)}".rstrip())


def _titles(library: Library) -> dict[str, str]:
    """Titles by id, those of archived and deleted projects, too."""
    from engine.store import projects

    known = [*projects.all(library, include_archived=True), *projects.all(library, deleted=True)]
    return {project.id: project.title for project in known}


def _told(home: Home, library: Library, job: Job, titles: dict[str, str]) -> dict[str, Any]:
    from engine.jobs import watching
    from engine.jobs.progress import Progress

    progress = Progress.model_validate(job.progress or {})
    return {
        "job": job.id,
        "project": job.project_id,
        "title": titles.get(job.project_id, ""),
        "kind": job.kind,
        "state": watching.state_of(home, library, job),
        "created_at": job.created_at,
        "error": job.error,
        **progress.model_dump(mode="json", exclude={"current"}),
    }
