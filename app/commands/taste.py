"""`longwright eval taste`: a simulated writer with a hidden taste, to see whether the loop closes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.commands.common import print_json, print_table, run_settings


def taste(
    folder: Annotated[
        Path, typer.Option("--folder", help="Where the experiment lives; the same folder goes on with it.")
    ],
    records: Annotated[int, typer.Option("--records", min=2, help="Choices that the writer makes.")] = 200,
    noise: Annotated[
        float, typer.Option("--noise", min=0, max=0.5, help="Share of them turned round.")
    ] = 0.2,
    hidden: Annotated[
        str, typer.Option("--taste", help="brisk: short sentences, dialogue; or lush.")
    ] = "brisk",
    random_labels: Annotated[bool, typer.Option("--random-labels", help="A coin chooses.")] = False,
    method: Annotated[str, typer.Option("--method", help="rl or sft.")] = "rl",
    steps: Annotated[int, typer.Option("--steps", min=1, help="Steps of practice.")] = 40,
    think: Annotated[str, typer.Option("--think", help="on, off or auto.")] = "auto",
    advantage: Annotated[str, typer.Option("--advantage", help="evidence, paper or sum.")] = "evidence",
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed, the same experiment.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object last.")] = False,
) -> None:
    """Let a simulated writer choose between drafts, train on the choices, and let the hidden taste judge.

    The embedded model writes; the library of the experiment is its own.
    """
    from trainer.evaluation.loop_run import close_the_loop
    from trainer.evaluation.taste_loop import LoopPlan

    plan = LoopPlan(
        taste=hidden,
        labels="random" if random_labels else "taste",
        records=records,
        noise=noise,
        prompts=min(50, records),
        seed=seed,
    )
    settings = run_settings(method=method, steps=steps, think=think, advantage=advantage, seed=seed)
    folder.mkdir(parents=True, exist_ok=True)
    report = close_the_loop(folder, plan, settings, lambda line: typer.echo(line, err=True))
    if as_json:
        print_json(report)
    else:
        _print(report)


def _print(report: dict[str, Any]) -> None:
    evidence, judgement = report["reward_model"], report["judgement"]
    typer.echo(f"{report['records']} choices, cross-validated accuracy {evidence['cv_accuracy']:.2f}")
    typer.echo(f"weight of taste {evidence['evidence_weight']:.2f}; verdict: {report['verdict']['label']}")
    rows = [["tuned liked better", *_figures(judgement["win_rate"])]]
    guards = ("S_l", "duplicate_sentence_share", "distinct_4grams", "ends_well")
    rows += [[f"{name}, tuned - base", *_figures(judgement[name]["difference"])] for name in guards]
    print_table(["", "value", "95 % interval"], rows, frozenset({1, 2}))


def _figures(measured: dict[str, Any]) -> list[str]:
    bounds = measured["interval"]
    return [f"{measured['value']:.3f}", "-" if bounds is None else f"{bounds[0]:.3f} to {bounds[1]:.3f}"]
