"""What the verbs share: opening the home's library, one JSON object on standard output, tables, settings.

Nothing heavy is imported before a verb runs. Used by the modules beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from engine.home import Home
    from engine.store.library import Library
    from trainer.runs.settings import RunSettings

PLAIN: dict[str, Any] = {"rich_markup_mode": None, "add_completion": False}
"""Options of every verb's typer application: plain help, which answers fastest."""

RUN = Annotated[str, typer.Argument(help="The run, as `longwright runs` shows it.")]


@contextmanager
def open_desk() -> Iterator[tuple[Home, Library]]:
    """The home (from `--home` or the environment) and its library, closed at the end."""
    from engine.home import open_home
    from engine.store.library import open_library

    home = open_home()
    library = open_library(home)
    try:
        yield home, library
    finally:
        library.close()


def print_json(data: Mapping[str, Any]) -> None:
    """The one machine-readable object of a verb, last on standard output."""
    typer.echo(json.dumps(data, ensure_ascii=False))


def deviation(got: int, asked: int) -> float:
    """How far `got` is from `asked`, as a share of it (0.02: two per cent too long)."""
    return round(got / asked - 1, 4) if asked else 0.0


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], numbers: frozenset[int]) -> None:
    """A table for people; the columns in `numbers` stand at the right."""
    if not rows:
        return
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    for row in (header, *rows):
        cells = [
            cell.rjust(widths[column]) if column in numbers else cell.ljust(widths[column])
            for column, cell in enumerate(row)
        ]
        typer.echo("  ".join(cells).rstrip())


def run_settings(**chosen: object) -> RunSettings:
    """The settings of a training run. Raises `typer.BadParameter`, with the option that is wrong."""
    from pydantic import ValidationError

    from trainer.runs.settings import RunSettings

    try:
        return RunSettings.model_validate(chosen)
    except ValidationError as error:
        first = error.errors()[0]
        option = (
            str(first["loc"][0]).replace("from_adapter", "from").replace("_", "-")
            if first["loc"]
            else "train"
        )
        raise typer.BadParameter(str(first["msg"]).lower(), param_hint=f"--{option}") from None
