"""`longwright feedback`: what the writer said about texts: the rows, to list, correct and delete.

The verbs with files are in `app.commands.feedback_files`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands import feedback_files
from app.commands.common import JSON, PLAIN, by_default, open_desk, print_json, print_table
from app.commands.feedback_files import OF_PROJECT, project_id

if TYPE_CHECKING:
    from engine.store.schema import Feedback

app = typer.Typer(
    cls=by_default("list"),
    help="What you said about texts, which is what a training run learns from. Without a verb: list it.",
    **PLAIN,
)

ROW = Annotated[str, typer.Argument(help="Id of the row (`longwright feedback list`), or its beginning.")]
_SHOWN_PROMPT = 50
NOTHING = "There is no feedback here yet. Bring some: longwright feedback import FILE.jsonl"


@app.command("list")
def list_feedback(
    project: OF_PROJECT = None,
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

    _refuse_unknown("--kind", kind, feedback.CHOICES)
    _refuse_unknown("--choice", choice, sorted(set().union(*feedback.CHOICES.values())))
    with open_desk() as (_home, library):
        owner = project_id(library, project)
        rows = feedback.all(library, owner, kind, choice, limit, deleted)
        in_all = feedback.count(library, owner, kind, choice, deleted)
    if as_json:
        print_json({"feedback": [row.model_dump() for row in rows], "count": in_all})
    elif rows:
        print_table(["id", "kind", "choice", "words", "prompt"], [_line(row) for row in rows], frozenset({3}))
        if in_all > len(rows):
            typer.echo(f"... and {in_all - len(rows):,} older.")
    else:
        narrowed = deleted or any(chosen is not None for chosen in (project, kind, choice))
        typer.echo("There is no such feedback here." if narrowed else NOTHING)


app.command("add")(feedback_files.add)
app.command("import")(feedback_files.import_file)
app.command("export")(feedback_files.export)


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


def _refuse_unknown(option: str, given: str | None, known: Iterable[str]) -> None:
    names = list(known)
    if given is not None and given not in names:
        raise typer.BadParameter(f"choose one of {', '.join(names)}", param_hint=option)


def _line(row: Feedback) -> list[str]:
    words = f"{row.words_a:,}" if row.text_b is None else f"{row.words_a:,}/{row.words_b:,}"
    said = row.choice or "*" * (row.rating or 0)
    prompt = " ".join(row.prompt.split())
    shown = prompt if len(prompt) <= _SHOWN_PROMPT else prompt[: _SHOWN_PROMPT - 1] + "…"
    return [row.id, row.kind, said, words, shown]


def _tell(row: Feedback, done: str, as_json: bool) -> None:
    if as_json:
        print_json({"id": row.id, "kind": row.kind, "choice": row.choice, "change": done})
    else:
        typer.echo(f"{row.id} ({row.kind}) {done}.")
