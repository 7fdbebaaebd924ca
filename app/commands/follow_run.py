"""Following a training run at the terminal: one line on standard error, and what came of it.

Shared by `train` and `runs`. It only reads the run's folder; the run's own process does the work.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import typer

from app.commands.boundary import INTERRUPTED, USER_ERROR, say
from app.commands.common import print_json, print_table

if TYPE_CHECKING:
    from rich.console import Console

    from engine.home import Home
    from trainer.runs.events import Event
    from trainer.runs.folder import RunFolder

REWARDS = {"personal": "your taste", "prior": "general quality", "format": "form"}
"""A writer's words for the rewards that are called otherwise in the log of a run."""


def follow(home: Home, run: RunFolder, offset: int = 0) -> None:
    """Show a run until it rests. Ctrl+C leaves it running and leaves with 130; a run that comes to rest
    in any state but done leaves with 1 and one sentence."""
    from rich.console import Console

    from trainer.runs import client

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    say(f"Training run {run.id}; it goes on when this window is closed.")
    try:
        for event in client.follow(home, run, offset=offset):
            _show(console, run, event)
    except KeyboardInterrupt:
        say(
            f"The training goes on. See it with: longwright runs show {run.id}; "
            f"end it with: longwright runs stop {run.id}"
        )
        raise typer.Exit(INTERRUPTED) from None
    state = client.state_of(home, run)
    if state != "done":
        say(_why(state, run))
        raise typer.Exit(USER_ERROR)


def started(run: RunFolder, as_json: bool) -> None:
    """What `--detach` says."""
    if as_json:
        print_json({"run": run.id, "state": run.state.state})
    else:
        typer.echo(f"Training run {run.id} is going on. See it with: longwright runs show {run.id}")


def outcome(home: Home, run: RunFolder, as_json: bool) -> None:
    """What a finished run came to."""
    from trainer.runs.report import report

    told = report(home, run)
    if as_json:
        print_json(told)
    else:
        print_outcome(told)


def print_outcome(told: dict[str, Any]) -> None:
    """The report of a run, for people."""
    typer.echo(f"Run {told['run']}: {told['state']}. {told['sentence']}".rstrip())
    if told["reward_model"]:
        typer.echo(told["reward_model"]["sentence"])
    if told["rewards"]:
        rows = [
            [REWARDS.get(name, name), f"{first:.3f}", f"{last:.3f}"]
            for name, (first, last) in told["rewards"].items()
        ]
        print_table(["reward", "first", "last"], rows, frozenset({1, 2}))
    if told["seconds_per_step"]:
        typer.echo(f"{told['steps']} steps of {told['seconds_per_step']:.1f} s.")
    verdict = told["verdict"]
    if not verdict:
        return
    sides = ("base", "tuned", "difference")
    rows = [
        [name, *(_figure(figures[side]) if side in figures else "" for side in sides)]
        for name, figures in verdict["measures"].items()
        if figures["base"]["value"] is not None
    ]
    print_table(["measure", *sides], rows, frozenset({1, 2, 3}))
    typer.echo(f"{verdict['label'].capitalize()}: {verdict['reason']}")
    typer.echo(blind_words(told["run"], told["blind"]))
    if told["adapter"]:
        typer.echo(f"Tuned model: {told['adapter']}. {_how_to_use(told['adapter'], told['settings'])}")


def _how_to_use(name: str, settings: dict[str, Any]) -> str:
    """What was tuned from a folder writes as a whole model of its own."""
    from trainer.runs.settings import RunSettings

    folder = RunSettings.model_validate(settings).base_folder
    if folder is None:
        return f"Use it with: longwright adapters use {name}"
    export = shlex.join(
        ["longwright", "adapters", "export", name, "MERGED", "--merged", "--base", str(folder)]
    )
    return f"Make a whole model of it with: {export}; write with that by: longwright serve MERGED"


def blind_words(run: str, blind: dict[str, Any]) -> str:
    """What the blind comparison says so far, or how to begin it."""
    if not blind["asked"]:
        return "There is no pair of texts to compare blind."
    if not blind["answered"]:
        return f"Compare {blind['asked']} pairs of its texts blind with: longwright runs blind {run}"
    return (
        f"Compared blind, you liked its text better in {blind['tuned']} of {blind['answered']} pairs, the "
        f"base's in {blind['base']}, {blind['ties']} were equally good: {_figure(blind['win_rate'])}. "
        f"{blind['sentence']}"
    ).rstrip()


def _show(console: Console, run: RunFolder, event: Event) -> None:
    data = event.data
    if event.kind == "stage" and data["state"] == "started":
        console.print(data.get("words") or data["name"])
    elif event.kind == "note" or (
        event.kind == "state" and data.get("state") == "waiting" and data["sentence"]
    ):
        console.print(f"  {data['sentence']}")
    elif event.kind == "step":
        given = (data.get("rewards") or {}).items()
        rewards = ", ".join(f"{REWARDS.get(name, name)} {value:.2f}" for name, value in given)
        seconds = f" ({data['seconds']:.1f} s)" if data.get("seconds") else ""
        console.print(f"  step {data['step']} of {run.state.steps}{seconds}: {rewards}")


def _figure(figure: dict[str, Any]) -> str:
    text = f"{figure['value']:.3f}"
    return (
        f"{text} ({figure['interval'][0]:.3f} to {figure['interval'][1]:.3f})" if figure["interval"] else text
    )


def _why(state: str, run: RunFolder) -> str:
    hint = f"Go on with: longwright runs resume {run.id}"
    if state == "failed":
        return f"{run.state.sentence or 'The training failed.'} {hint}"
    if state == "interrupted":
        return f"The training's process is gone (it crashed or was ended); what it saved is kept. {hint}"
    return f"The training was {state}; what was learned is kept. {hint}"
