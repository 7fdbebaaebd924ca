"""The verbs of `longwright feedback` that take preferences in and hand them out: add, import, export.

The forms of a file and what is known already are the business of `trainer.preferences`. Put beside the
other verbs by `app.commands.feedback`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.common import JSON, open_desk, print_json, text_in

if TYPE_CHECKING:
    from engine.store.library import Library
    from trainer.preferences.importing import Imported
    from trainer.preferences.jsonl import Problem

OF_PROJECT = Annotated[str | None, typer.Option("--project", help="Title or id of a project.")]
SHOWN_PROBLEMS = 20


def add(
    chosen_file: Annotated[Path, typer.Option("--chosen-file", help="The better text.")],
    rejected_file: Annotated[Path, typer.Option("--rejected-file", help="The other text.")],
    prompt: Annotated[str | None, typer.Option("--prompt", help="What was asked for.")] = None,
    prompt_file: Annotated[Path | None, typer.Option("--prompt-file", help="The same, in a file.")] = None,
    tie: Annotated[bool, typer.Option("--tie", help="Both are as good.")] = False,
    project: OF_PROJECT = None,
    as_json: JSON = False,
) -> None:
    """Say which of two texts is better for one prompt."""
    from trainer.preferences.columns import row_of
    from trainer.preferences.importing import import_rows

    if (prompt is None) == (prompt_file is None):
        raise typer.BadParameter("give one of --prompt and --prompt-file", param_hint="--prompt")
    told = {
        "prompt": prompt if prompt_file is None else text_in(prompt_file),
        "chosen": text_in(chosen_file),
        "rejected": text_in(rejected_file),
        "tie": tie,
    }
    row = row_of(1, told)
    with open_desk() as (_home, library):
        done = import_rows(library, [row], project_id(library, project))
    if as_json:
        print_json(_counts(done))
    elif done.added:
        typer.echo(f"Kept as {done.added[0].id}.")
    else:
        typer.echo(f"That is {_known(done)}.")


def import_file(
    file: Annotated[Path, typer.Argument(help="A JSONL file with prompt, chosen and rejected.")],
    project: OF_PROJECT = None,
    as_json: JSON = False,
) -> None:
    """Bring preferences from a file; lines that cannot be used are named and left out.

    --project is for the lines that name no project of their own.
    """
    from trainer.preferences import importing, jsonl

    read = jsonl.read(file.expanduser())
    with open_desk() as (_home, library):
        done = importing.import_file(library, file.name, read, project_id(library, project))
    if as_json:
        problems = [{"line": problem.line, "reason": problem.reason} for problem in read.problems]
        print_json({**_counts(done), "problems": problems})
        return
    _tell_problems(read.problems)
    typer.echo(
        f"{len(done.added):,} new"
        + (f", {done.known:,} {_known(done)}" if done.known else "")
        + (f", {len(read.problems):,} left out" if read.problems else "")
        + "."
    )


def export(
    file: Annotated[Path, typer.Argument(help="The JSONL file to write; one of that name is replaced.")],
    project: OF_PROJECT = None,
    as_json: JSON = False,
) -> None:
    """Write what can be learned from as prompt, chosen and rejected, one JSON object a line."""
    from trainer.preferences import jsonl
    from trainer.preferences.collect import collect

    with open_desk() as (_home, library):
        found = collect(library, project_id(library, project))
    target = file.expanduser().absolute()
    written = jsonl.write(target, found.records)
    if as_json:
        told = {"path": str(target), "records": written, "waiting": found.waiting, "skipped": found.skipped}
        print_json({**told, "contradicting": found.contradicting})
        return
    typer.echo(f"{target}: {written:,} preferences.")
    if found.waiting:
        waiting = ", ".join(f"{number:,} of kind {kind}" for kind, number in found.waiting.items())
        typer.echo(f"Left out, since nothing stands against them yet: {waiting}.")


def project_id(library: Library, key: str | None) -> str | None:
    """The id of the project that `--project` names; None for none. Raises NotFound, BadInput."""
    from engine.store import projects

    return None if key is None else projects.get(library, key).id


def _counts(done: Imported) -> dict[str, Any]:
    return {
        "added": len(done.added),
        "known": done.known,
        "known_deleted": done.known_deleted,
        "ids": [row.id for row in done.added],
    }


def _known(done: Imported) -> str:
    if not done.known_deleted:
        return "known already"
    count = f"{done.known_deleted:,} of them " if done.known > 1 else ""
    return f"known already ({count}deleted: longwright feedback list --deleted)"


def _tell_problems(problems: Sequence[Problem]) -> None:
    for problem in problems[:SHOWN_PROBLEMS]:
        typer.echo(f"Line {problem.line}: {problem.reason}", err=True)
    if len(problems) > SHOWN_PROBLEMS:
        typer.echo(f"... and {len(problems) - SHOWN_PROBLEMS:,} more lines; --json names them all.", err=True)
