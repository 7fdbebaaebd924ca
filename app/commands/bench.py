"""`longwright bench`: how fast are tokens made, and how fast is a step of practice?"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from app.commands.common import PLAIN, open_desk, print_json, print_table

app = typer.Typer(**PLAIN)


@app.callback()
def bench() -> None:
    """Measure how fast this machine writes, and how fast it learns."""


@app.command("draft")
def draft(
    model: Annotated[str | None, typer.Option("--model", help="A GGUF model of the list.")] = None,
    repeats: Annotated[int, typer.Option("--repeats", min=1, help="Rounds; medians are told.")] = 5,
    tokens: Annotated[int, typer.Option("--tokens", min=16, help="Tokens made in each text.")] = 192,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object last.")] = False,
) -> None:
    """The engine against a bare llama.cpp decode loop, and four texts at once against one."""
    from engine.backends import registry
    from engine.errors import BadInput
    from trainer.evaluation import bench_draft

    with open_desk() as (home, library):
        entry = registry.show(library, home, model)
    if entry.kind != "gguf":
        raise BadInput(f"{entry.name} runs on a server; only models in this process can be compared.")
    path = registry.file_of(entry)
    result = bench_draft.run(path, entry.name, repeats=repeats, tokens=tokens, on_round=_say_round)
    if as_json:
        print_json(asdict(result) | {"reached": result.reached})
        return
    rows = [
        ["bare llama.cpp loop, one text", f"{result.bare:.1f}", "", ""],
        ["engine, one text", f"{result.one:.1f}", f"{result.ratio_one:.2f} x bare", f"{result.bar_one}"],
        ["engine, four texts", f"{result.four:.1f}", f"{result.ratio_four:.2f} x one", f"{result.bar_four}"],
    ]
    print_table(["", "tokens/s", "ratio", "bar"], rows, frozenset({1, 2, 3}))


@app.command("train")
def train(
    model: Annotated[str | None, typer.Option("--model", help="A GGUF model of the list.")] = None,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Rounds; medians are told.")] = 3,
    group: Annotated[int, typer.Option("--group-size", min=2, help="Texts for each request.")] = 8,
    requests: Annotated[int, typer.Option("--requests", min=1, help="Requests in each step.")] = 1,
    tokens: Annotated[int, typer.Option("--tokens", min=16, help="Tokens made in each text.")] = 128,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object last.")] = False,
) -> None:
    """A step of practice against the same step of stock TRL, and whether both compute the same."""
    from engine.backends import registry
    from engine.errors import BadInput
    from trainer.policy.quiet import settle

    with open_desk() as (home, library):
        entry = registry.show(library, home, model)
    if entry.kind != "gguf":
        raise BadInput(f"{entry.name} runs on a server; only models on this machine can be trained.")
    path = registry.file_of(entry)
    settle()
    from trainer.evaluation import bench_train, same_as_stock

    result = bench_train.run(
        path,
        entry.name,
        group_size=group,
        prompts=requests,
        tokens=tokens,
        rounds=rounds,
        on_round=_say_round,
    )
    same = same_as_stock.measure(path)
    if as_json:
        print_json(
            asdict(result) | {"reached": result.reached, "same": asdict(same) | {"reached": same.reached}}
        )
        return
    bars = {
        "stock fp32": (result.ratio_fp32, result.bar_fp32),
        "stock bf16": (result.ratio_bf16, result.bar_bf16),
    }
    rows = [["ours", f"{result.seconds['ours']:.1f}", "", ""]]
    for arm, (ratio, bar) in bars.items():
        if ratio is not None:
            rows.append([arm, f"{result.seconds[arm]:.1f}", f"{ratio:.2f}", f"{bar}"])
    print_table(["", "seconds a step", "ours takes", "bar"], rows, frozenset({1, 2, 3}))
    typer.echo(
        f"Largest difference from stock TRL over {same.steps} steps: rewards {same.rewards:.1e}, "
        f"advantages {same.advantages:.1e}, loss {same.loss:.1e} (bar {same.bar:.0e})."
    )


def _say_round(number: int, repeats: int) -> None:
    typer.echo(f"round {number} of {repeats}", err=True)
