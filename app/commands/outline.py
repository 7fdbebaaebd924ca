"""`longwright outline`: the outline of a project as Markdown, and the changes that the Plan page makes.

Whatever has no verb of its own (a new section, another order, what happens in one) is a change of the
Markdown: `show` it into a file, edit that, and `set` it with --keep. Quotas add up in `engine.store`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.choices import CONTEXT, MODEL, SEED, chosen_settings
from app.commands.common import (
    JSON,
    PLAIN,
    PROJECT,
    SECTION,
    by_default,
    open_desk,
    print_json,
    print_table,
    text_in,
)

if TYPE_CHECKING:
    from engine.store.library import Library
    from engine.store.removing import Removed
    from engine.store.schema import Node, Project

app = typer.Typer(
    cls=by_default("show"), help="The outline of a project. Without a verb: show PROJECT.", **PLAIN
)


@app.command("show")
def show(project: PROJECT, as_json: JSON = False) -> None:
    """The outline as Markdown headings, which `set` reads back."""
    from engine.store import planned, projects

    with open_desk() as (_home, library):
        chosen = projects.get(library, project)
        markdown = planned.outline_markdown(library, chosen)
    if as_json:
        print_json({"project": chosen.id, "title": chosen.title, "markdown": markdown})
    elif markdown:
        typer.echo(markdown.rstrip())
    else:
        typer.echo(f"No outline yet. Have one drafted: longwright outline draft {chosen.id}", err=True)


@app.command("set")
def set_outline(
    project: PROJECT,
    file: Annotated[Path, typer.Argument(help="Markdown headings, lengths behind them if you like.")],
    keep: Annotated[
        bool, typer.Option("--keep", help="Sections with the same title go on with their text.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Replace the outline by the headings of a file; the lengths are shared out to the goal."""
    from engine.drafting.settings import DraftSettings
    from engine.jobs.limits import section_limits
    from engine.store import planned, projects

    with open_desk() as (home, library):
        chosen = projects.get(library, project)
        settings = DraftSettings.model_validate(chosen.settings)
        limits = section_limits(library, home, settings.model, settings.context)
        rows = planned.set_outline(library, chosen, text_in(file, "outline"), limits, keep)
    sections = sum(row.is_leaf for row in rows)
    if as_json:
        print_json({"project": chosen.id, "title": chosen.title, "change": "set", "sections": sections})
    else:
        typer.echo(f"“{chosen.title}” has {sections:,} sections now.")


@app.command("draft")
def draft(
    project: PROJECT, model: MODEL = None, seed: SEED = None, context: CONTEXT = None, as_json: JSON = False
) -> None:
    """Let the model draft the outline from the brief; `longwright continue` then writes the text."""
    from app.commands.follow import follow
    from engine.jobs import submitting
    from engine.store import projects

    with open_desk() as (home, library):
        chosen = projects.get(library, project)
        settings = chosen_settings(home, library, chosen.settings, model=model, seed=seed, context=context)
        job = follow(
            home, library, submitting.submit_outline(library, chosen.id, settings=settings, home=home)
        )
    if as_json:
        print_json({"project": chosen.id, "job": job.id, **job.result})
    else:
        typer.echo(f"The outline is ready. Have it written: longwright continue {chosen.id}")


@app.command("split")
def split(
    project: PROJECT,
    section: Annotated[
        str | None, typer.Argument(help="Number, id or exact title. Default: every one that is too long.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """Turn sections that are too long to be written in one go into parts beside each other."""
    from engine.drafting.settings import DraftSettings
    from engine.jobs.limits import section_limits
    from engine.store import outline, projects

    with open_desk() as (home, library):
        chosen = projects.get(library, project)
        settings = DraftSettings.model_validate(chosen.settings)
        most = section_limits(library, home, settings.model, settings.context).most
        if section is None:
            count = len(outline.split_long(library, chosen.id, most))
        else:
            rows = outline.tree(library, chosen.id)
            outline.split(library, outline.find(rows, section).node.id, most)
            count = 1
        sections = len(outline.leaves(library, chosen.id))
    if as_json:
        told = {"project": chosen.id, "title": chosen.title, "change": "split"}
        print_json({**told, "split": count, "most": most, "sections": sections})
    else:
        typer.echo(f"{count:,} split; “{chosen.title}” has {sections:,} sections now.")


@app.command("target")
def target(
    project: PROJECT,
    section: SECTION,
    words: Annotated[int, typer.Argument(help="Length in words.")],
    as_json: JSON = False,
) -> None:
    """Ask for another length; the other unlocked sections make up for it."""
    from engine.store import outline

    _change(project, section, lambda library, node: outline.set_target(library, node, words), as_json)


@app.command("lock")
def lock(project: PROJECT, section: SECTION, as_json: JSON = False) -> None:
    """Keep the model away from a section or a chapter."""
    from engine.store import outline

    _change(project, section, outline.lock, as_json)


@app.command("unlock")
def unlock(project: PROJECT, section: SECTION, as_json: JSON = False) -> None:
    """Allow the model to write it again."""
    from engine.store import outline

    _change(project, section, lambda library, node: outline.lock(library, node, False), as_json)


@app.command("rename")
def rename(
    project: PROJECT,
    section: SECTION,
    title: Annotated[str, typer.Argument(help="The new title.")],
    as_json: JSON = False,
) -> None:
    """Give a section or a chapter another title."""
    from engine.store import outline

    _change(project, section, lambda library, node: outline.rename(library, node, title), as_json)


@app.command("remove")
def remove(project: PROJECT, section: SECTION, as_json: JSON = False) -> None:
    """Take a section or a chapter out; `longwright outline restore` brings it back with its text."""
    from engine.store import outline

    _change(project, section, outline.remove, as_json)


@app.command("restore")
def restore(
    project: PROJECT,
    section: Annotated[
        str | None, typer.Argument(help="Id or exact title of a removed section. Default: list them.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """Bring a removed section or chapter back to its place; without one, list what can come back."""
    from engine.errors import NotFound
    from engine.store import outline, projects

    with open_desk() as (_home, library):
        chosen = projects.get(library, project)
        removed = outline.removed(library, chosen.id)
        if section is None:
            _list_removed(chosen, removed, as_json)
            return
        gone = [one.node for one in removed if section in (one.node.id, one.node.title)]
        if not gone:
            raise NotFound(f"No section {section} was removed from “{chosen.title}”.")
        told = _told(library, outline.restore(library, gone[0].id))
    _tell(told, as_json)


def _list_removed(project: Project, removed: Sequence[Removed], as_json: bool) -> None:
    if as_json:
        told = [{"node": one.node.id, "title": one.node.title, "words": one.words} for one in removed]
        print_json({"project": project.id, "title": project.title, "removed": told})
    elif removed:
        rows = [[one.node.id, one.node.title, f"{one.words:,}"] for one in removed]
        print_table(["id", "title", "words"], rows, frozenset({2}))
    else:
        typer.echo(f"Nothing was removed from “{project.title}”.")


def _change(key: str, section: str, change: Callable[[Library, str], Node], as_json: bool) -> None:
    """Do one change to one section and tell of it as it is now."""
    from engine.store import outline, projects

    with open_desk() as (_home, library):
        rows = outline.tree(library, projects.get(library, key).id)
        told = _told(library, change(library, outline.find(rows, section).node.id))
    _tell(told, as_json)


def _told(library: Library, node: Node) -> dict[str, Any]:
    from engine.store import outline

    rows = outline.tree(library, node.project_id)
    here = [row for row in rows if row.node.id == node.id]
    return {
        "project": node.project_id,
        "node": node.id,
        "title": node.title,
        "number": here[0].number if here else None,
        "words_target": here[0].target if here else None,
        "locked": node.locked,
        "removed": not here,
    }


def _tell(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(told)
    elif told["removed"]:
        undo = f"longwright outline restore {told['project']} {told['node']}"
        typer.echo(f"“{told['title']}” is taken out. Undo: {undo}")
    else:
        locked = ", locked" if told["locked"] else ""
        typer.echo(f"{told['number']} “{told['title']}”: {told['words_target']:,} words{locked}.")
