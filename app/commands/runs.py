"""`longwright runs`: the training runs of the library; show, pause, stop, resume, remove, compare blind."""

from __future__ import annotations

from typing import Annotated

import typer

from app.commands.blind import blind
from app.commands.common import JSON, PLAIN, RUN, by_default, open_desk, print_json, print_table

app = typer.Typer(cls=by_default("list"), help="The training runs. Without a verb: list them.", **PLAIN)

app.command("blind")(blind)


@app.command("list")
def list_runs(as_json: JSON = False) -> None:
    """The training runs of the library, the newest first."""
    from trainer.runs import client
    from trainer.runs.report import summary

    with open_desk() as (home, _library):
        told = [summary(home, run) for run in client.all(home)]
    if as_json:
        print_json({"runs": told})
    elif told:
        rows = [
            [
                run["run"],
                run["state"],
                run["stage"],
                f"{run['step']}/{run['steps']}",
                run["label"],
                run["adapter"] or "",
            ]
            for run in told
        ]
        print_table(["run", "state", "stage", "steps", "verdict", "tuned model"], rows, frozenset({3}))
    else:
        typer.echo(
            "Nothing was trained yet. Choose between texts on the Compare page, then: longwright train"
        )


@app.command("show")
def show(run: RUN, as_json: JSON = False) -> None:
    """How a run stands, or what came of it."""
    from app.commands.follow_run import outcome
    from trainer.runs import client

    with open_desk() as (home, _library):
        outcome(home, client.get(home, run), as_json)


@app.command("pause")
def pause(run: RUN, as_json: JSON = False) -> None:
    """Save where a run is and let it rest; `longwright runs resume` goes on."""
    _ask(run, "pause", as_json)


@app.command("stop")
def stop(
    run: RUN,
    keep: Annotated[
        bool, typer.Option("--keep", help="End the practice here, judge what was learned and keep it.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Save where a run is and stop it; with --keep, go on to its verdict at once."""
    _ask(run, "keep" if keep else "stop", as_json)


@app.command("resume")
def resume(
    run: RUN,
    detach: Annotated[bool, typer.Option("--detach", help="Start it and come back at once.")] = False,
    as_json: JSON = False,
) -> None:
    """Go on with a run that was paused, stopped, failed or interrupted."""
    from app.commands.follow_run import follow, outcome, started
    from trainer.runs import client

    with open_desk() as (home, _library):
        chosen = client.get(home, run)
        offset = chosen.events.read()[1]
        client.resume(home, chosen.id)
        if detach:
            started(chosen, as_json)
            return
        follow(home, chosen, offset)
        outcome(home, chosen, as_json)


@app.command("remove")
def remove(
    run: RUN,
    yes: Annotated[bool, typer.Option("--yes", help="Although its tuned model is in use.")] = False,
    as_json: JSON = False,
) -> None:
    """Delete a run and every text that it kept; its tuned model stays."""
    from trainer.runs import client

    with open_desk() as (home, _library):
        gone = client.remove(home, run, confirmed=yes).id
    if as_json:
        print_json({"run": gone, "removed": True})
    else:
        typer.echo(f"Run {gone} is deleted, with the texts it learned from and those it wrote.")


def _ask(key: str, wish: str, as_json: bool) -> None:
    from trainer.runs import client
    from trainer.runs.report import summary

    with open_desk() as (home, _library):
        run = client.pause(home, key) if wish == "pause" else client.stop(home, key, keep=wish == "keep")
        told = summary(home, run)
    if as_json:
        print_json(told)
        return
    resting = told["state"] in ("paused", "stopped")
    typer.echo(f"Run {run.id}: {told['state']}. " + ("" if resting else _coming(wish, told["stage"])))
    if wish != "keep":
        typer.echo(f"Go on with: longwright runs resume {run.id}")


def _coming(wish: str, stage: str) -> str:
    """What becomes of a wish while the run is in `stage`: two of them go by steps, and keep what they did."""
    if wish == "keep":
        if stage in ("verdict", "export", "parity", "offered"):
            return "Its practice is over already; it goes on to its end."
        when = "this step" if stage == "policy" else "the first step"
        return f"It ends its practice after {when} and goes on to the verdict."
    verb = "rests" if wish == "pause" else "stops"
    if stage in ("pretrain", "policy"):
        return f"It {verb} after this step, and all of it is kept."
    return f"It {verb} as soon as this part of its work can be left, and what was learned is kept."
