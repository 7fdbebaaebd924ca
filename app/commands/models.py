"""`longwright models`: the models that can write: list, add, remove, show.

What a model needs is compared with what the machine has before anything is loaded. Nothing is
fetched unless `add hf:...` (or `add` with a name of the catalogue) asks for it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.common import JSON, PLAIN, by_default, open_desk, print_json, print_table
from app.commands.model_facts import assumed, facts_of, lines, memory_needed, tokens, verdict

if TYPE_CHECKING:
    from engine.backends.registry import ModelEntry
    from engine.home import Home
    from engine.store.library import Library

app = typer.Typer(
    cls=by_default("list"), help="The models that can write. Without a verb: list them.", **PLAIN
)

NAME = Annotated[str, typer.Argument(help="The model, as `longwright models list` shows it.")]


@app.command("list")
def list_models(as_json: JSON = False) -> None:
    """The models of this home, then those that are known to write well and can be fetched."""
    from engine.backends import catalogue, registry

    with open_desk() as (home, library):
        entries = [facts_of(entry) for entry in registry.list_models(library, home)]
    known = [entry.model_dump() for entry in catalogue.known()]
    if as_json:
        print_json({"models": entries, "catalogue": known})
        return
    rows = [
        [told["name"], told["kind"], told["quantisation"] or "", tokens(told["context"]), verdict(told)]
        for told in entries
    ]
    print_table(["model", "kind", "made as", "context", "memory"], rows, frozenset({3}))
    typer.echo("\nCan be fetched with: longwright models add NAME")
    rows = [[e["name"], f"{e['file_gb']:.1f} GB", e["license"], e["good_for"]] for e in known]
    print_table(["model", "to fetch", "licence", "good for"], rows, frozenset({1}))


@app.command("add")
def add(
    source: Annotated[
        str, typer.Argument(help="A GGUF file, hf:OWNER/REPOSITORY/FILE.gguf, a server's URL, or a name.")
    ],
    name: Annotated[str | None, typer.Option("--name", help="What to call it.")] = None,
    key_from_env: Annotated[
        str | None, typer.Option("--key-from-env", help="Variable that holds the server's key.")
    ] = None,
    served_name: Annotated[
        str | None,
        typer.Option("--served-name", help="The server's own name for the model, where it has several."),
    ] = None,
    context: Annotated[
        str | None,
        typer.Option("--context", metavar="N", help="Tokens that the server's model holds, 512 or more."),
    ] = None,
    as_json: JSON = False,
) -> None:
    """Add a model: a file where it lies, a download, or a server that speaks OpenAI's protocol."""
    from engine.backends import registry
    from engine.backends.source import hub_reference, is_address, read_context
    from engine.errors import BadInput

    holds = read_context(context, source)
    with open_desk() as (home, library):
        if hub_reference(source) is None and is_address(source):
            if not name:
                raise BadInput("Say what to call the server's model, with --name.")
            entry = registry.add_server(library, source, name, served_name, key_from_env, context=holds)
        else:
            entry = _add_file(library, home, source, name)
    told = facts_of(entry)
    if as_json:
        print_json(told)
    else:
        typer.echo(f"{entry.name} is ready. {verdict(told)}")
        if told["assumed_context"]:
            typer.echo(assumed(told))


@app.command("remove")
def remove(name: NAME, as_json: JSON = False) -> None:
    """Take a model off the list. A file that was fetched is deleted; one's own file is left alone."""
    from engine.backends import registry

    with open_desk() as (home, library):
        entry = registry.show(library, home, name)
        deleted = registry.remove(library, home, name)
    if as_json:
        print_json({"name": name, "removed": True, "file_deleted": deleted})
    else:
        stays = f"; its file stays: {entry.location}" if Path(entry.location).exists() else ""
        typer.echo(f"{name} is off the list{' and its file deleted' if deleted else stays}.")


@app.command("show")
def show(
    name: NAME,
    context: Annotated[
        int | None, typer.Option("--context", min=256, help="Tokens to estimate the memory for.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """What a model is, and what it needs against what this machine has."""
    from engine.backends import memory, registry

    with open_desk() as (home, library):
        entry = registry.show(library, home, name)
    told = facts_of(entry)
    if context is not None and entry.details is not None:
        told["context"] = min(context, entry.details.context or context)
        told["memory"] = memory_needed(
            memory.estimate(entry.details, told["context"], registry.DEFAULT_PARALLEL)
        )
    if as_json:
        print_json(told)
        return
    for label, value in lines(told):
        typer.echo(f"{label:<16}{value}")


def _add_file(library: Library, home: Home, source: str, name: str | None) -> ModelEntry:
    """A local file, `hf:...` or the link to such a file, or a name of the catalogue."""
    from engine.backends import catalogue, registry
    from engine.backends.source import hub_reference

    named = {entry.name: entry for entry in catalogue.known()}.get(source)
    if named is not None and not Path(source).exists():
        source, name = f"hf:{named.repository}/{named.file}", name or named.name
    reference = hub_reference(source)
    if reference is None:
        return registry.add_file(library, home, Path(source), name)
    with _progress_bar(reference) as report:
        return registry.add_hub(library, home, reference, report, name)


@contextmanager
def _progress_bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, where logs go; standard output stays machine-readable."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=Console(file=sys.stderr))
    task = progress.add_task(title.rsplit("/", 1)[-1], total=None)

    def report(there: int, size: int) -> None:
        progress.start()
        progress.update(task, completed=there, total=size)

    try:
        yield report
    finally:
        if progress.live.is_started:
            progress.stop()
