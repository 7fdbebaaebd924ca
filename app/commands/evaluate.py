"""`longwright eval`: does what is promised come out? `length`: is the length asked for delivered?
`taste` (`app.commands.taste`): does a tuned model follow the writer who tuned it?

Progress and single rows go to standard error as they come, so that a run that is killed has told
what it knew; the table or the JSON object comes last on standard output.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.common import PLAIN, open_desk, print_json, print_table
from app.commands.taste import taste

if TYPE_CHECKING:
    from trainer.evaluation.length import Row

app = typer.Typer(help="Measure what the engine and the trainer deliver.", **PLAIN)
app.command("taste")(taste)


@app.command("length")
def length(
    data: Annotated[Path, typer.Option("--data", help="A file in LongBench-Write's format (JSON lines).")],
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first N questions.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="A model of `longwright models list`.")] = None,
    adapter: Annotated[
        str | None, typer.Option("--adapter", help="A tuned model. Default: the model alone.")
    ] = None,
    parallel: Annotated[int, typer.Option("--parallel", min=1, max=64, help="Sections at once.")] = 8,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same texts.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object last.")] = False,
) -> None:
    """Draft every question at the length it asks for, and ask the bare model beside it."""
    from engine.backends.opening import open_backend
    from engine.drafting.settings import DraftSettings
    from trainer.evaluation.length import evaluate
    from trainer.evaluation.longbench import read_questions

    questions = read_questions(data, limit)
    settings = DraftSettings(model=model, parallel=parallel, seed=seed)
    with open_desk() as (home, library):
        backend = open_backend(library, home, model, parallel=parallel, adapter=adapter)
    with backend:
        tuning = backend.info.tuning
        report = evaluate(backend, questions, settings, on_row=lambda row: _tell(row, len(questions)))
    if as_json:
        print_json(report.as_json() | {"adapter": tuning.name if tuning else None})
    else:
        _print_report(report.as_json())


def _tell(row: Row, count: int) -> None:
    if row.S_l_bare is None:
        told = f"asked {row.asked}, got {row.words}, S_l {row.S_l:.1f}, {row.finish}"
    else:
        told = f"bare model: asked {row.asked}, got {row.words_bare}, S_l {row.S_l_bare:.1f}"
    typer.echo(f"[{row.index + 1}/{count}] {told}", err=True)


def _print_report(report: dict[str, Any]) -> None:
    rows = [[name, *_figures(group)] for name, group in report["groups"].items()]
    rows.append(["all", *_figures(report)])
    print_table(["length asked", "questions", "S_l", "S_l bare model"], rows, frozenset({1, 2, 3}))


def _figures(means: dict[str, Any]) -> list[str]:
    bare = means["S_l_bare"]
    return [str(means["count"]), f"{means['S_l']:.1f}", "-" if bare is None else f"{bare:.1f}"]
