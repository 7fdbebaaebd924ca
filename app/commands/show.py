"""`longwright show`: a project's outline with asked and got, a section's text, what the model saw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.common import JSON, PLAIN, PROJECT, deviation, open_desk, print_json, print_table

if TYPE_CHECKING:
    from engine.store.library import Library
    from engine.store.outline import OutlineNode
    from engine.store.schema import Project

app = typer.Typer(**PLAIN)


@app.command("show")
def show(
    project: PROJECT,
    prompt: Annotated[
        str | None, typer.Option("--prompt", metavar="NODE", help="What the model saw for this section.")
    ] = None,
    version: Annotated[
        str | None,
        typer.Option("--version", metavar="ID", help="With --prompt: of this version; default: the newest."),
    ] = None,
    text: Annotated[
        str | None, typer.Option("--text", metavar="NODE", help="The text of this section.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """Show a project. NODE is a section's number (2.1), id or exact title."""
    from engine.store import outline, projects

    if version is not None and prompt is None:
        raise typer.BadParameter("it goes with --prompt", param_hint="--version")
    with open_desk() as (_home, library):
        chosen = projects.get(library, project)
        rows = outline.tree(library, chosen.id)
        if prompt is not None:
            _show_prompt(library, outline.find(rows, prompt), version, as_json)
        elif text is not None:
            _show_text(library, outline.find(rows, text), as_json)
        else:
            _show_outline(library, chosen, rows, as_json)


def _show_outline(library: Library, project: Project, rows: Sequence[OutlineNode], as_json: bool) -> None:
    leaves = [row for row in rows if row.is_leaf]
    words = sum(row.words for row in leaves)
    if as_json:
        print_json(
            {
                "project": project.id,
                "title": project.title,
                "kind": project.kind,
                "language": project.language,
                "words_target": project.goal_words,
                "words": words,
                "deviation": deviation(words, project.goal_words),
                **_repetition(library, project.id, leaves),
                "outline": [_told(row) for row in rows],
            }
        )
        return
    typer.echo(
        f"{project.title} ({project.kind}): {words:,} of {project.goal_words:,} words "
        f"({deviation(words, project.goal_words):+.1%})\n"
    )
    table = [
        [
            row.number,
            "  " * row.depth + row.name + (" [locked]" if row.node.locked else ""),
            f"{row.target:,}",
            f"{row.words:,}",
            f"{deviation(row.words, row.target):+.1%}" if row.words else "",
            (row.finish or ("edited" if row.words else "empty")) if row.is_leaf else "",
            row.node.id,
        ]
        for row in rows
    ]
    print_table(["", "section", "asked", "got", "deviation", "state", "id"], table, frozenset({2, 3, 4}))


def _told(row: OutlineNode) -> dict[str, Any]:
    return {
        "node": row.node.id,
        "number": row.number,
        "depth": row.depth,
        "title": row.node.title,
        "beat": row.node.beat,
        "words_target": row.target,
        "words": row.words,
        "deviation": deviation(row.words, row.target),
        "finish": row.finish,
        "locked": row.node.locked,
        "versions": row.version_count,
        "section": row.is_leaf,
    }


def _repetition(library: Library, project_id: str, leaves: Sequence[OutlineNode]) -> dict[str, float]:
    from engine.store import versions
    from engine.text.repetition import measure

    texts = versions.current_texts(library, project_id)
    measured = measure("\n\n".join(texts[row.node.id] for row in leaves if row.node.id in texts))
    return {
        "duplicate_sentence_share": round(measured.duplicate_sentence_share, 5),
        "distinct_4grams": round(measured.distinct_4grams, 5),
    }


def _show_text(library: Library, row: OutlineNode, as_json: bool) -> None:
    from engine.store import versions

    stored = versions.current_text(library, row.node.id)
    if as_json:
        print_json({"node": row.node.id, "title": row.node.title, "words": row.words, "text": stored})
    else:
        typer.echo(stored)


def _show_prompt(library: Library, row: OutlineNode, version_id: str | None, as_json: bool) -> None:
    """The prompt of a draft of the section: exact messages, each part's budget, what was dropped, and what
    the model thought before it wrote."""
    from engine.drafting.prompt_pack import PromptPack
    from engine.errors import NotFound
    from engine.jobs import watching
    from engine.store import versions

    if version_id is None:
        version = versions.newest_drafted(library, row.node.id)
    else:
        version = versions.of_section(library, row.node.id, version_id)
    if version is None or version.model is None:
        raise NotFound(f"“{row.node.title}” was not written by a model, so there is no prompt to show.")
    think = versions.text_of(library, version.id).think
    if as_json:
        told = {"node": row.node.id, "version": version.id, "model": version.model, "seed": version.seed}
        told["takes_seed"] = watching.took_seed(library, version)
        print_json({**told, "prompt": version.prompt, "think": think})
        return
    pack = PromptPack.from_json(version.prompt)
    for message in pack.messages:
        typer.echo(f"[{message.role}]\n{message.content}\n")
    if think:
        typer.echo(f"[its thinking]\n{think}\n")
    table = [[part.name, f"{part.tokens:,}", f"{part.budget:,}", part.dropped or ""] for part in pack.parts]
    print_table(["part", "tokens", "budget", "left out"], table, frozenset({1, 2}))
    typer.echo(
        f"\n{pack.answer_reserve:,} of {pack.context:,} tokens were kept for the answer ({version.model})."
    )
