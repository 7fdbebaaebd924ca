"""`longwright feedback`: what the writer said about texts: list, add, import, export, correct, delete."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.common import PLAIN, open_desk, print_json, print_table

if TYPE_CHECKING:
    from engine.store.library import Library
    from engine.store.schema import Feedback
    from trainer.preferences.importing import Imported
    from trainer.preferences.jsonl import Problem

app = typer.Typer(**PLAIN)

ROW = Annotated[str, typer.Argument(help="Id of the row (`longwright feedback list`), or its beginning.")]
PROJECT = Annotated[str | None, typer.Option("--project", help="Title or id of a project.")]
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON object last.")]

SHOWN_PROBLEMS = 20
_SHOWN_PROMPT = 50


@app.callback(invoke_without_command=True)
def feedback_verb(context: typer.Context) -> None:
    """What you said about texts, which is what a training run learns from. Without a verb: list it."""
    if context.invoked_subcommand is None:
        list_feedback()


@app.command("list")
def list_feedback(
    project: PROJECT = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="ab, thumb, edit, regeneration, rating or import.")
    ] = None,
    choice: Annotated[str | None, typer.Option("--choice", help="a, b, tie, skip, up or down.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the newest.")] = None,
    deleted: Annotated[bool, typer.Option("--deleted", help="Show the deleted ones instead.")] = False,
    as_json: JSON = False,
) -> None:
    """List what was said, the newest first; with --json all of each row, texts included."""
    from engine.store import feedback

    with open_desk() as (_home, library):
        owner = _project_id(library, project)
        rows = feedback.all(library, owner, kind, choice, limit, deleted)
        in_all = feedback.count(library, owner, kind, choice, deleted)
    if as_json:
        print_json({"feedback": [row.model_dump() for row in rows], "count": in_all})
    elif rows:
        print_table(["id", "kind", "choice", "words", "prompt"], [_line(row) for row in rows], frozenset({3}))
        if in_all > len(rows):
            typer.echo(f"... and {in_all - len(rows):,} older.")
    else:
        typer.echo("There is no feedback here yet. Bring some: longwright feedback import FILE.jsonl")


@app.command("add")
def add(
    chosen_file: Annotated[Path, typer.Option("--chosen-file", help="The better text.")],
    rejected_file: Annotated[Path, typer.Option("--rejected-file", help="The other text.")],
    prompt: Annotated[str | None, typer.Option("--prompt", help="What was asked for.")] = None,
    prompt_file: Annotated[Path | None, typer.Option("--prompt-file", help="The same, in a file.")] = None,
    tie: Annotated[bool, typer.Option("--tie", help="Both are as good.")] = False,
    project: PROJECT = None,
    as_json: JSON = False,
) -> None:
    """Say which of two texts is better for one prompt."""
    from trainer.preferences.columns import row_of
    from trainer.preferences.importing import import_rows

    if (prompt is None) == (prompt_file is None):
        raise typer.BadParameter("give one of --prompt and --prompt-file", param_hint="--prompt")
    told = {
        "prompt": prompt if prompt_file is None else _text_in(prompt_file),
        "chosen": _text_in(chosen_file),
        "rejected": _text_in(rejected_file),
        "tie": tie,
    }
    row = row_of(1, told)
    with open_desk() as (_home, library):
        done = import_rows(library, [row], _project_id(library, project))
    if as_json:
        print_json(_counts(done))
    elif done.added:
        typer.echo(f"Kept as {done.added[0].id}.")
    else:
        typer.echo(f"That is {_known(done)}.")


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A JSONL file with prompt, chosen and rejected.")],
    project: PROJECT = None,
    as_json: JSON = False,
) -> None:
    """Bring preferences from a file; lines that cannot be used are named and left out.

    --project is for the lines that name no project of their own.
    """
    from trainer.preferences import importing, jsonl

    read = jsonl.read(file.expanduser())
    with open_desk() as (_home, library):
        done = importing.import_file(library, file.name, read, _project_id(library, project))
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


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="The JSONL file to write; one of that name is replaced.")],
    project: PROJECT = None,
    as_json: JSON = False,
) -> None:
    """Write what can be learned from as prompt, chosen and rejected, one JSON object a line."""
    from trainer.preferences import jsonl
    from trainer.preferences.collect import collect

    with open_desk() as (_home, library):
        found = collect(library, _project_id(library, project))
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


@app.command("edit")
def edit(
    row: ROW,
    choice: Annotated[str | None, typer.Option("--choice", help="a, b, tie, skip, up or down.")] = None,
    rating: Annotated[int | None, typer.Option("--rating", help="1 to 5.")] = None,
    reason: Annotated[list[str] | None, typer.Option("--reason", help="Why; may be repeated.")] = None,
    note: Annotated[str | None, typer.Option("--note", help="A note to yourself.")] = None,
    as_json: JSON = False,
) -> None:
    """Correct what was said; the texts stay as they were."""
    from engine.store import feedback

    if choice is None and rating is None and not reason and note is None:
        raise typer.BadParameter("say what to correct: --choice, --rating, --reason or --note")
    with open_desk() as (_home, library):
        changed = feedback.edit(
            library,
            feedback.get(library, row).id,
            choice=choice,
            rating=rating,
            reasons=reason or None,
            note=note,
        )
    _tell(changed, "corrected", as_json)


@app.command("delete")
def delete(
    row: ROW,
    forever: Annotated[
        bool,
        typer.Option("--forever", help="Erase it for good; runs that learned from it keep their copies."),
    ] = False,
    as_json: JSON = False,
) -> None:
    """Put a row away, so that no run learns from it; `longwright feedback restore` brings it back."""
    from engine.store import feedback

    with open_desk() as (_home, library):
        gone = feedback.get(library, row)
        if forever:
            feedback.erase(library, gone.id)
        else:
            feedback.delete(library, gone.id)
    _tell(gone, "erased" if forever else "deleted", as_json)


@app.command("restore")
def restore(row: ROW, as_json: JSON = False) -> None:
    """Bring a deleted row back."""
    from engine.store import feedback

    with open_desk() as (_home, library):
        back = feedback.undelete(library, feedback.get(library, row).id)
    _tell(back, "restored", as_json)


def _project_id(library: Library, key: str | None) -> str | None:
    from engine.store import projects

    return None if key is None else projects.get(library, key).id


def _text_in(path: Path) -> str:
    from engine.errors import BadInput

    try:
        return path.expanduser().read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadInput(f"The file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise BadInput(f"{path.name} is no text in UTF-8.") from None


def _line(row: Feedback) -> list[str]:
    words = f"{row.words_a:,}" if row.text_b is None else f"{row.words_a:,}/{row.words_b:,}"
    said = row.choice or "*" * (row.rating or 0)
    prompt = " ".join(row.prompt.split())
    shown = prompt if len(prompt) <= _SHOWN_PROMPT else prompt[: _SHOWN_PROMPT - 1] + "…"
    return [row.id, row.kind, said, words, shown]


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


def _tell(row: Feedback, done: str, as_json: bool) -> None:
    if as_json:
        print_json({"id": row.id, "kind": row.kind, "choice": row.choice, "change": done})
    else:
        typer.echo(f"{row.id} ({row.kind}) {done}.")
