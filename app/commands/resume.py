"""`longwright resume`: go on with a draft at the very place where it ended."""

from __future__ import annotations

from typing import Annotated

import typer

from app.commands.common import JSON, PLAIN, open_desk, print_json
from app.commands.follow import go_on
from app.commands.outcome import OUT, check_outs, outcome

app = typer.Typer(**PLAIN)


@app.command("resume")
def resume(
    job: Annotated[str, typer.Argument(help="The job, as `longwright jobs` shows it.")],
    out: OUT = None,
    as_json: JSON = False,
) -> None:
    """Go on with a draft that was paused, stopped, failed or interrupted; nothing is written twice.

    Where `write` or `continue` was interrupted while it planned, the text is written behind the outline.
    """
    from engine.jobs import client

    check_outs(out)
    with open_desk() as (home, library):
        rested = go_on(home, library, client.resume(home, library, job))
        if rested.kind == "draft":
            outcome(home, library, rested, out, as_json)
        elif as_json:
            print_json({"project": rested.project_id, "job": rested.id, **rested.result})
        elif rested.kind == "outline":
            typer.echo(f"The outline is ready. Have it written: longwright continue {rested.project_id}")
        else:
            typer.echo("The pairs are ready: choose between them on the Compare page.")
