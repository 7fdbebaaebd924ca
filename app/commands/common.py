"""What the verbs share: the home's library, files, one JSON object on standard output, tables, settings.

Nothing heavy is imported before a verb runs. Used by the modules beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from engine.home import Home
    from engine.store.library import Library
    from trainer.runs.settings import RunSettings

PLAIN: dict[str, Any] = {"rich_markup_mode": None, "add_completion": False}
"""Options of every verb's typer application: plain help, which answers fastest."""

JSON = Annotated[bool, typer.Option("--json", help="Print one JSON object last.")]
PROJECT = Annotated[str, typer.Argument(help="Title or id of the project (`longwright projects`).")]
RUN = Annotated[str, typer.Argument(help="The run, as `longwright runs` shows it.")]
SECTION = Annotated[str, typer.Argument(help="The section: its number (2.1), id or exact title.")]


def by_default(verb: str) -> type[TyperGroup]:
    """A group of verbs that takes words which name none of them as the arguments of `verb`."""

    class ByDefault(TyperGroup):
        def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:
            if not args or args[0] not in (*self.commands, "--help"):
                args = [verb, *args]
            return super().parse_args(ctx, args)

    return ByDefault


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


def bytes_in(path: Path, what: str = "file") -> bytes:
    """What a file that the writer named holds. Raises BadInput."""
    from engine.errors import BadInput

    try:
        return path.expanduser().read_bytes()
    except OSError as error:
        raise BadInput(f"The {what} {path} cannot be read: {error.strerror}.") from error


def text_in(path: Path, what: str = "file") -> str:
    """The text of a file. Raises BadInput."""
    from engine.errors import BadInput

    try:
        return bytes_in(path, what).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"The {what} {path} is no text in UTF-8: save it as plain text in UTF-8.") from None


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
