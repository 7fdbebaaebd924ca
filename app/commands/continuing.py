"""`longwright continue`: have a project written on, or sections of it written anew.

What is not chosen stays as the project has it. Follows the job as `write` does; each step is one call
into the engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.choices import (
    ADAPTER,
    CONTEXT,
    MODEL,
    PARALLEL,
    SCALE,
    SEED,
    THINK,
    chosen_settings,
)
from app.commands.common import JSON, PLAIN, PROJECT, open_desk
from app.commands.follow import draft, follow
from app.commands.outcome import OUT, check_outs, outcome

if TYPE_CHECKING:
    from engine.drafting.settings import DraftSettings
    from engine.home import Home
    from engine.jobs.progress import Mode
    from engine.store.library import Library
    from engine.store.schema import Job, Project

app = typer.Typer(**PLAIN)


@app.command("continue")
def continue_project(
    project: PROJECT,
    section: Annotated[
        list[str] | None,
        typer.Option("--section", help="Only this section or chapter: number, id or title; may be repeated."),
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Write these sections anew; the old text stays as a version.")
    ] = False,
    variants: Annotated[
        int | None,
        typer.Option("--variants", min=1, max=16, help="So many versions of these beside the text."),
    ] = None,
    model: MODEL = None,
    adapter: ADAPTER = None,
    scale: SCALE = None,
    think: THINK = None,
    parallel: PARALLEL = None,
    seed: SEED = None,
    context: CONTEXT = None,
    out: OUT = None,
    as_json: JSON = False,
) -> None:
    """Write what is unfinished of a project, its outline first if there is none.

    Ctrl+C pauses; `longwright resume` goes on at the very place.
    """
    from engine.store import projects

    mode = _mode(anew, variants, section)
    check_outs(out)
    with open_desk() as (home, library):
        chosen = projects.get(library, project)
        _refuse_resting(home, library, chosen)
        settings = chosen_settings(
            home,
            library,
            chosen.settings,
            model=model,
            adapter=adapter,
            adapter_scale=scale,
            think=think,
            parallel=parallel,
            seed=seed,
            context=context,
        )
        if section:
            ids = _sections(library, chosen, section)
            job = _submit(home, library, chosen.id, ids, mode, variants or 1, settings, seed is None)
            rested = follow(home, library, job)
        else:
            rested = draft(home, library, chosen, settings)
        outcome(home, library, rested, out, as_json)


def _submit(
    home: Home,
    library: Library,
    project_id: str,
    ids: list[str],
    mode: Mode,
    variants: int,
    settings: DraftSettings,
    any_seed: bool,
) -> Job:
    from engine.jobs import submitting

    return submitting.submit_draft(
        library,
        project_id,
        node_ids=ids,
        mode=mode,
        variants=variants,
        settings=settings,
        new_seed=any_seed and mode != "continue",
        home=home,
    )


def _mode(anew: bool, variants: int | None, sections: list[str] | None) -> Mode:
    if anew and variants:
        raise typer.BadParameter("choose one of --anew and --variants", param_hint="--variants")
    if (anew or variants) and not sections:
        raise typer.BadParameter("say which sections", param_hint="--section")
    return "variants" if variants else "replace" if anew else "continue"


def _sections(library: Library, project: Project, keys: list[str]) -> list[str]:
    """The ids of what carries text below each key, in reading order."""
    from engine.store import outline

    rows = outline.tree(library, project.id)
    asked = {row.node.id for key in keys for row in outline.below(rows, outline.find(rows, key))}
    return [row.node.id for row in rows if row.node.id in asked and row.is_leaf]


def _refuse_resting(home: Home, library: Library, project: Project) -> None:
    """A draft that rests is resumed by its own verb, with the choices that it was begun with."""
    from engine.errors import ProjectBusy
    from engine.jobs import watching
    from engine.store import jobs

    job = jobs.of_project(library, project.id)
    if job is not None and (state := watching.state_of(home, library, job)) in ("paused", "interrupted"):
        raise ProjectBusy(
            f"A draft of “{project.title}” is {state}. Go on with: longwright resume {job.id} "
            f"(or end it first: longwright jobs stop {job.id})"
        )
