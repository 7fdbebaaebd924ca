"""`longwright brief`: what a text is to be and how it is drafted; shown, or changed.

The fields are those of the Plan page, by the rules of `engine.jobs.brief_fields`. What is changed holds
for the project from now on; the options of `write` and `continue` hold for one draft.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.choices import MODEL, PARALLEL, THINK
from app.commands.common import JSON, PLAIN, PROJECT, open_desk, print_json

if TYPE_CHECKING:
    from engine.store.schema import Project

app = typer.Typer(**PLAIN)


@app.command("brief")
def brief(
    project: PROJECT,
    title: Annotated[str | None, typer.Option("--title", help="Title of the text.")] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="novel, story, report, article or other.")
    ] = None,
    premise: Annotated[str | None, typer.Option("--premise", help="What it is about.")] = None,
    audience: Annotated[str | None, typer.Option("--audience", help="For whom.")] = None,
    style: Annotated[str | None, typer.Option("--style", help="How it should sound.")] = None,
    language: Annotated[
        str | None, typer.Option("--language", help="Language code, such as en or zh.")
    ] = None,
    words: Annotated[
        int | None, typer.Option("--words", help="Length in words; the outline is shared out to it.")
    ] = None,
    model: MODEL = None,
    think: THINK = None,
    parallel: PARALLEL = None,
    context: Annotated[
        int | None,
        typer.Option("--context", min=0, help="Tokens that the model shall hold; 0: as usual."),
    ] = None,
    as_json: JSON = False,
) -> None:
    """Show the brief of a project and how it is drafted, or change what is given."""
    from engine.drafting.settings import LEAST_CONTEXT
    from engine.jobs import brief_fields
    from engine.store import projects

    if context is not None and 0 < context < LEAST_CONTEXT:
        raise typer.BadParameter(f"choose 0, or {LEAST_CONTEXT} and more", param_hint="--context")
    chosen: dict[brief_fields.Field, brief_fields.Value] = {
        "title": title,
        "kind": kind,
        "premise": premise,
        "audience": audience,
        "style": style,
        "language": language,
        "goal": words,
        "model": model,
        "think": think,
        "parallel": parallel,
        "context": context,
    }
    given = {field: value for field, value in chosen.items() if value is not None}
    with open_desk() as (home, library):
        key = projects.get(library, project).id
        told = brief_fields.save(library, home, key, given)
    _tell(told, as_json)


def _tell(project: Project, as_json: bool) -> None:
    from engine.jobs import brief_fields

    form = brief_fields.form_of(project)
    if as_json:
        words = form.pop("goal")
        print_json({"project": project.id, **form, "words_target": words})
        return
    shown = {**form, "goal": f"{form['goal']:,}"}
    if form["context"] == brief_fields.AS_USUAL:
        shown["context"] = "as usual"
    for field, label in brief_fields.LABELS.items():
        typer.echo(f"{label}: {shown[field]}")
