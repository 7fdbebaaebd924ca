"""`longwright runs blind`: two texts of a run for each request, and which one is better?

Nothing that is shown tells which text is the tuned model's; what the answers say comes at the end. Each
answer is kept at once, so it can be broken off. No rule of the trade is in here: `trainer.runs.blind` has
them.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.common import RUN, open_desk, print_json

if TYPE_CHECKING:
    from engine.home import Home
    from engine.store.library import Library
    from trainer.runs.blind import Side
    from trainer.runs.folder import RunFolder

SIDES: dict[str, Side] = {"1": "left", "2": "right", "0": "tie"}
SKIP = "s"
QUESTION = "Which is better? 1, 2, 0 = equally good, s = skip"

Answers = Annotated[
    list[str] | None,
    typer.Option("--answer", help="KEY=1, KEY=2 or KEY=0 (equally good) instead of asking; again for more."),
]


def blind(
    run: RUN,
    answers: Answers = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the pairs as one JSON object.")] = False,
) -> None:
    """Compare texts of the tuned model and its base without knowing which is whose."""
    from app.commands.follow_run import blind_words
    from trainer.runs import blind as comparison
    from trainer.runs import client

    given = [_given(answer) for answer in answers or []]
    with open_desk() as (home, library):
        chosen = client.get(home, run)
        for key, side in given:
            comparison.answer(home, library, chosen, key, side)
        if not given and not as_json:
            _ask(home, library, chosen)
        pairs, result = comparison.questions(chosen), comparison.result(chosen).as_json()
    if as_json:
        # The result would tell whose text was chosen: it is told to whoever has just chosen.
        told = {"run": chosen.id, "pairs": [asdict(pair) for pair in pairs]}
        print_json(told | {"blind": result} if given else told)
    else:
        typer.echo(blind_words(chosen.id, result))


def _given(answer: str) -> tuple[str, Side]:
    key, _, choice = answer.rpartition("=")
    if not key or choice not in SIDES:
        raise typer.BadParameter(f"{answer} is not KEY=1, KEY=2 or KEY=0", param_hint="--answer")
    return key, SIDES[choice]


def _ask(home: Home, library: Library, run: RunFolder) -> None:
    """Show each pair that has no answer yet."""
    from trainer.runs import blind as comparison

    pairs = comparison.questions(run)
    for number, pair in enumerate(pairs, 1):
        if pair.choice is not None:
            continue
        typer.echo(f"Pair {number} of {len(pairs)}: {pair.prompt}\n\n[1]\n{pair.left}\n\n[2]\n{pair.right}\n")
        while (choice := typer.prompt(QUESTION).strip()) not in (*SIDES, SKIP):
            typer.echo(f"“{choice}” is none of them.")
        if choice != SKIP:
            comparison.answer(home, library, run, pair.key, SIDES[choice])
