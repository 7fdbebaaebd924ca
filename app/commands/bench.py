"""`longwright bench`: how fast are tokens made?"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from app.commands.common import PLAIN, open_desk, print_json, print_table

app = typer.Typer(**PLAIN)


@app.callback()
def bench() -> None:
    """Measure how fast tokens are made on this machine."""


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
    result = bench_draft.run(
        Path(entry.location), entry.name, repeats=repeats, tokens=tokens, on_round=_say_round
    )
    if as_json:
        print_json(asdict(result) | {"reached": result.reached})
        return
    rows = [
        ["bare llama.cpp loop, one text", f"{result.bare:.1f}", "", ""],
        ["engine, one text", f"{result.one:.1f}", f"{result.ratio_one:.2f} x bare", f"{result.bar_one}"],
        ["engine, four texts", f"{result.four:.1f}", f"{result.ratio_four:.2f} x one", f"{result.bar_four}"],
    ]
    print_table(["", "tokens/s", "ratio", "bar"], rows, frozenset({1, 2, 3}))


def _say_round(number: int, repeats: int) -> None:
    typer.echo(f"round {number} of {repeats}", err=True)
