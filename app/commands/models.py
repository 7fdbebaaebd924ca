"""`longwright models`: the models that can write: list, add, remove, show.

What a model needs is compared with what the machine has before anything is loaded. Nothing is
fetched unless `add hf:...` (or `add` with a name of the catalogue) asks for it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.common import JSON, PLAIN, by_default, open_desk, print_json, print_table

if TYPE_CHECKING:
    from engine.backends.memory import MemoryEstimate
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
        entries = [_told(entry) for entry in registry.list_models(library, home)]
    known = [entry.model_dump() for entry in catalogue.known()]
    if as_json:
        print_json({"models": entries, "catalogue": known})
        return
    rows = [
        [told["name"], told["kind"], told["quantisation"] or "", _tokens(told["context"]), _verdict(told)]
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
        str | None, typer.Option("--served-name", help="The server's own name for the model.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """Add a model: a file where it lies, a download, or a server that speaks OpenAI's protocol."""
    from engine.backends import registry
    from engine.errors import BadInput

    with open_desk() as (home, library):
        if source.startswith(("http://", "https://")):
            if not name:
                raise BadInput("Say what to call the server's model, with --name.")
            entry = registry.add_server(library, source, name, served_name, key_from_env)
        else:
            entry = _add_file(library, home, source, name)
    told = _told(entry)
    if as_json:
        print_json(told)
    else:
        typer.echo(f"{entry.name} is ready. {_verdict(told)}")


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
    told = _told(entry)
    if context is not None and entry.details is not None:
        told["context"] = min(context, entry.details.context or context)
        told["memory"] = _memory(memory.estimate(entry.details, told["context"], registry.DEFAULT_PARALLEL))
    if as_json:
        print_json(told)
        return
    for label, value in _lines(told):
        typer.echo(f"{label:<16}{value}")


def _add_file(library: Library, home: Home, source: str, name: str | None) -> ModelEntry:
    """A local file, `hf:...`, or a name of the catalogue."""
    from engine.backends import catalogue, registry

    named = {entry.name: entry for entry in catalogue.known()}.get(source)
    if named is not None and not Path(source).exists():
        source, name = f"hf:{named.repository}/{named.file}", name or named.name
    if not source.startswith("hf:"):
        return registry.add_file(library, home, Path(source), name)
    with _progress_bar(source) as report:
        return registry.add_hub(library, home, source.removeprefix("hf:"), report, name)


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


def _told(entry: ModelEntry) -> dict[str, Any]:
    """A model as one JSON object."""
    details = entry.details
    return {
        "name": entry.name,
        "kind": entry.kind,
        "embedded": entry.embedded,
        "location": entry.location,
        "context": entry.context,
        "thinks": entry.thinks,
        "problem": entry.problem,
        "architecture": details.architecture if details else None,
        "title": details.name if details else None,
        "parameters": details.parameters if details else None,
        "trained_context": details.context if details else None,
        "quantisation": details.quantisation if details else None,
        "license": details.license if details else None,
        "chat_template": details.chat_template if details else None,
        "file_bytes": details.file_bytes if details else None,
        "content_hash": entry.content_hash,
        "served_name": entry.served_name,
        "key_env": entry.key_env,
        "memory": _memory(entry.estimate) if entry.estimate else None,
    }


def _memory(estimate: MemoryEstimate) -> dict[str, Any]:
    return asdict(estimate) | {"total": estimate.total, "fits": estimate.fits}


def _tokens(count: int | None) -> str:
    return f"{count:,}" if count else "unknown"


def _verdict(told: dict[str, Any]) -> str:
    """The memory a model needs, as a sentence."""
    if told["problem"]:
        return str(told["problem"])
    if told["memory"] is None:
        return "On a server."
    needed, free = told["memory"]["total"] / 1e9, told["memory"]["available"] / 1e9
    return f"Needs {needed:.1f} GB; {free:.1f} GB are free."


def _lines(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """`show` for people."""
    yield "model", told["name"] + (" (came with Longwright)" if told["embedded"] else "")
    yield "where", told["location"]
    if told["architecture"]:
        yield "make", f"{told['title']} ({told['architecture']}, {told['quantisation']})"
        yield "weights", f"{told['parameters'] / 1e6:,.0f} million, {told['file_bytes'] / 1e9:.2f} GB"
        yield "licence", told["license"] or "not stated in the file"
        yield "chat template", "in the file" if told["chat_template"] else "none: a base model"
    yield (
        "context",
        f"{_tokens(told['context'])} tokens"
        + (f" (trained for {told['trained_context']:,})" if told["trained_context"] else ""),
    )
    yield "thinks first", "yes" if told["thinks"] else "no"
    yield "memory", _verdict(told)
