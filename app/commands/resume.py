"""`longwright resume`: go on with a draft at the very place where it ended."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.commands.common import PLAIN, open_desk, print_json
from app.commands.follow import follow, outcome

app = typer.Typer(**PLAIN)


@app.command("resume")
def resume(
    job: Annotated[str, typer.Argument(help="The job, as `longwright jobs` shows it.")],
    out: Annotated[
        list[Path] | None, typer.Option("--out", help="Export to this .docx or .md file; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object last.")] = False,
) -> None:
    """Go on with a draft that was paused, stopped, failed or interrupted; nothing is written twice."""
    from engine.jobs import client

    with open_desk() as (home, library):
        rested = follow(home, library, client.resume(home, library, job))
        if rested.kind == "draft":
            outcome(library, rested, list(out or ()), as_json)
        elif as_json:
            print_json({"project": rested.project_id, "job": rested.id, **rested.result})
        else:
            typer.echo(f"The outline is ready. See it with: longwright show {rested.project_id}")
