"""`longwright text`: the text of one section and its versions: print, save an edit, compare, bring back.

A saved edit is a new version, and what it replaces is kept, by the rules of `engine.store.versions`; it
is noted as the writer's taste where they agreed to that, as on the page.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.common import JSON, PLAIN, PROJECT, SECTION, open_desk, print_json, print_table, text_in

if TYPE_CHECKING:
    from engine.home import Home
    from engine.store.library import Library
    from engine.store.outline import OutlineNode
    from engine.store.schema import Node, Version
    from engine.text.difference import Change

app = typer.Typer(**PLAIN)

_MARKS = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
"""As `git diff --word-diff` marks them."""


@app.command("text")
def text(
    project: PROJECT,
    section: SECTION,
    file: Annotated[
        Path | None, typer.Option("--set", metavar="FILE", help="Save this file's text as a new version.")
    ] = None,
    base: Annotated[
        str | None,
        typer.Option("--base", metavar="ID", help="With --set: refuse if another version is current by now."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="With --set: save it even if it is empty.")] = False,
    versions: Annotated[bool, typer.Option("--versions", help="List the versions, newest first.")] = False,
    restore: Annotated[
        str | None, typer.Option("--restore", metavar="ID", help="Make this version current again.")
    ] = None,
    diff: Annotated[
        str | None, typer.Option("--diff", metavar="ID", help="What changed from this version to the text.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """Print the text of a section, or do one thing with it."""
    from engine.store import outline, projects

    if sum((file is not None, versions, restore is not None, diff is not None)) > 1:
        raise typer.BadParameter("one of --set, --versions, --restore and --diff at a time")
    if file is None and (base is not None or yes):
        raise typer.BadParameter("--base and --yes go with --set")
    with open_desk() as (home, library):
        rows = outline.tree(library, projects.get(library, project).id)
        row = outline.find(rows, section)
        node = row.node
        if file is not None:
            _refuse_chapter(row)
            _save(home, library, node, text_in(file), base, yes, as_json)
        elif versions:
            _list(library, node, as_json)
        elif restore is not None:
            _restore(library, node, restore, as_json)
        elif diff is not None:
            _diff(library, node, diff, as_json)
        else:
            _print(library, node, as_json)


def _print(library: Library, node: Node, as_json: bool) -> None:
    from engine.store import versions
    from engine.text.counting import count_words

    stored = versions.current_text(library, node.id)
    if as_json:
        print_json({**_named(node), "version": node.version_id, "words": count_words(stored), "text": stored})
    else:
        typer.echo(stored)


def _refuse_chapter(row: OutlineNode) -> None:
    from engine.errors import BadInput

    if not row.is_leaf:
        raise BadInput(f"“{row.node.title}” has sections of its own; its text is in these.")


def _save(
    home: Home, library: Library, node: Node, typed: str, base: str | None, yes: bool, as_json: bool
) -> None:
    from engine import home_settings
    from engine.store import versions
    from trainer.preferences import capture

    # `longwright text P S > file` ends the text with the line's end that a terminal needs.
    typed = typed.removesuffix("\n")
    saved = versions.save_edit(library, node.id, typed, base or node.version_id, confirm=yes)
    capture.saved(library, saved.id, note_edits=home_settings.load(home).note_edits)
    _tell(node, saved, "saved" if saved.id != node.version_id else "unchanged", as_json)


def _restore(library: Library, node: Node, version_id: str, as_json: bool) -> None:
    from engine.store import versions
    from trainer.preferences import capture

    restored = versions.restore(library, versions.of_section(library, node.id, version_id).id)
    capture.brought_back(library, restored.id)
    _tell(node, restored, "restored", as_json)


def _list(library: Library, node: Node, as_json: bool) -> None:
    from engine.store import versions

    tuned = versions.tuned_by(library, node.id)
    told = [
        {
            "version": one.id,
            "origin": one.origin,
            "words": one.words,
            "finish": one.finish,
            "model": one.model,
            "adapter": tuned.get(one.id, (None,))[0],
            "created_at": one.created_at,
            "current": one.id == node.version_id,
        }
        for one in reversed(versions.history(library, node.id))
    ]
    if as_json:
        print_json({**_named(node), "versions": told})
        return
    rows = [[*_columns(one), "current" if one["current"] else ""] for one in told]
    print_table(["version", "made by", "words", "state", ""], rows, frozenset({2}))
    if not rows:
        typer.echo(f"“{node.title}” has no text yet.")


def _columns(told: dict[str, Any]) -> list[str]:
    made = " ".join(filter(None, (told["origin"], told["model"], told["adapter"])))
    return [told["version"], made, f"{told['words']:,}", told["finish"] or ""]


def _diff(library: Library, node: Node, version_id: str, as_json: bool) -> None:
    from engine.store import versions
    from engine.text.difference import word_diff

    old = versions.of_section(library, node.id, version_id).id
    changes = word_diff(versions.text_of(library, old).text, versions.current_text(library, node.id))
    if as_json:
        told = [{"kind": change.kind, "text": change.text} for change in changes]
        print_json({**_named(node), "old": old, "new": node.version_id, "changes": told})
    else:
        typer.echo("".join(_marked(change) for change in changes))


def _marked(change: Change) -> str:
    return _MARKS[change.kind].format(change.text)


def _named(node: Node) -> dict[str, Any]:
    return {"node": node.id, "title": node.title}


def _tell(node: Node, version: Version, done: str, as_json: bool) -> None:
    if as_json:
        print_json({**_named(node), "version": version.id, "words": version.words, "change": done})
    else:
        typer.echo(f"“{node.title}”: {version.words:,} words {done} ({version.id}).")
