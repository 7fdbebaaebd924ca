"""`longwright projects`: the projects of the library; archive, delete with an undo, rename, copy."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.common import JSON, PLAIN, PROJECT, deviation, open_desk, print_json, print_table

if TYPE_CHECKING:
    from engine.home import Home
    from engine.store.library import Library
    from engine.store.schema import Project

app = typer.Typer(**PLAIN)


@app.callback(invoke_without_command=True)
def projects(
    context: typer.Context,
    archived: Annotated[bool, typer.Option("--archived", help="Show the archived ones, too.")] = False,
    deleted: Annotated[bool, typer.Option("--deleted", help="Show the deleted ones instead.")] = False,
    as_json: JSON = False,
) -> None:
    """List the projects of the library with what was asked and what is there."""
    if context.invoked_subcommand is not None:
        return
    from engine.store import projects as store

    with open_desk() as (_home, library):
        if deleted:
            _list_deleted(store.all(library, deleted=True), as_json)
            return
        shown = store.summaries(library, include_archived=archived)
    if as_json:
        told = [
            {
                "project": row.project.id,
                "title": row.project.title,
                "kind": row.project.kind,
                "language": row.project.language,
                "words_target": row.project.goal_words,
                "words": row.words,
                "deviation": deviation(row.words, row.project.goal_words),
                "sections": row.sections,
                "sections_done": row.sections_done,
                "archived": row.project.archived_at is not None,
            }
            for row in shown
        ]
        print_json({"projects": told})
    elif shown:
        rows = [
            [
                row.project.id,
                row.project.title,
                row.project.kind,
                f"{row.words:,}/{row.project.goal_words:,}",
                f"{row.sections_done}/{row.sections}",
            ]
            for row in shown
        ]
        print_table(["id", "title", "kind", "words", "sections"], rows, frozenset({3, 4}))
    else:
        typer.echo("No projects here yet. Start with: longwright write BRIEF.md --words 3000")


def _list_deleted(gone: list[Project], as_json: bool) -> None:
    if as_json:
        print_json({"projects": [{"project": one.id, "title": one.title, "kind": one.kind} for one in gone]})
    elif gone:
        print_table(["id", "title", "kind"], [[one.id, one.title, one.kind] for one in gone], frozenset())
    else:
        typer.echo("No project is deleted.")


@app.command("delete")
def delete(project: PROJECT, as_json: JSON = False) -> None:
    """Put a project away; `longwright projects restore` brings it back."""
    from engine.jobs import client

    _change(project, client.delete_project, "deleted", as_json)


@app.command("restore")
def restore(project: PROJECT, as_json: JSON = False) -> None:
    """Bring a deleted or archived project back."""
    from engine.errors import BadInput
    from engine.store import projects as store

    with open_desk() as (_home, library):
        archived = [one for one in store.all(library, include_archived=True) if one.archived_at is not None]
        put_away = [*store.all(library, deleted=True), *archived]
        named = [one for one in put_away if project in (one.id, one.title)]
        begun = [one for one in put_away if project and one.id.startswith(project)]
        away = next(iter(named or begun), None)
        if away is None:
            raise BadInput(f"“{store.get(library, project).title}” is neither deleted nor archived.")
        if away.deleted_at is not None:
            store.undelete(library, away.id)
        back = store.unarchive(library, away.id)
    _tell(back, "restored", as_json)


@app.command("archive")
def archive(project: PROJECT, as_json: JSON = False) -> None:
    """Take a project off the list without deleting it."""
    from engine.store import projects as store

    _change(project, lambda _home, library, chosen: store.archive(library, chosen), "archived", as_json)


@app.command("rename")
def rename(
    project: PROJECT, title: Annotated[str, typer.Argument(help="The new title.")], as_json: JSON = False
) -> None:
    """Give a project another title."""
    from engine.store import projects as store

    _change(project, lambda _home, library, key: store.update(library, key, title=title), "renamed", as_json)


@app.command("duplicate")
def duplicate(project: PROJECT, as_json: JSON = False) -> None:
    """Make a copy of a project with its outline and texts."""
    from engine.store import projects as store

    _change(project, lambda _home, library, chosen: store.duplicate(library, chosen), "duplicated", as_json)


def _change(key: str, change: Callable[[Home, Library, str], Project], done: str, as_json: bool) -> None:
    """Do one change to one project and tell of the project that it left or made."""
    from engine.store import projects as store

    with open_desk() as (home, library):
        changed = change(home, library, store.get(library, key).id)
    _tell(changed, done, as_json)


def _tell(project: Project, done: str, as_json: bool) -> None:
    if as_json:
        print_json({"project": project.id, "title": project.title, "change": done})
    else:
        typer.echo(f"“{project.title}” ({project.id}) {done}.")
