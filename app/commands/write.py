"""`longwright write`: from a brief to a finished manuscript, in one command.

Plans, drafts through the writer process, exports with a check, and tells what came out. It holds no
rules of the trade; each step is one call into the engine.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.common import PLAIN, open_desk
from app.commands.follow import follow, outcome

if TYPE_CHECKING:
    from engine.drafting.settings import DraftSettings
    from engine.home import Home
    from engine.planning.brief import Brief
    from engine.planning.outline_text import OutlineItem
    from engine.store.library import Library
    from engine.store.schema import Project

app = typer.Typer(**PLAIN)


@app.command("write")
def write(
    brief: Annotated[Path, typer.Argument(help="The brief: what the text is about, as text or Markdown.")],
    words: Annotated[
        int | None, typer.Option("--words", help="Length in words. Default: what the brief asks for.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="novel, story, report, article or other.")
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", help="Language code, such as en or zh.")
    ] = None,
    outline: Annotated[
        Path | None,
        typer.Option("--outline", help="Your outline as Markdown headings. Default: the model's."),
    ] = None,
    title: Annotated[
        str | None, typer.Option("--title", help="Title of the book. Default: from the brief.")
    ] = None,
    model: Annotated[str | None, typer.Option("--model", help="A name of `longwright models list`.")] = None,
    adapter: Annotated[
        str | None,
        typer.Option("--adapter", help="A tuned model, or base for none. Default: the one in use."),
    ] = None,
    scale: Annotated[
        float | None, typer.Option("--adapter-scale", min=0, max=1, help="How strongly, from 0 to 1.")
    ] = None,
    think: Annotated[str, typer.Option("--think", help="on, off or auto: plan each section first?")] = "auto",
    parallel: Annotated[
        int,
        typer.Option("--parallel", min=1, max=64, help="Sections written at once: faster, less coherent."),
    ] = 1,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="The same, the same text.")] = 0,
    out: Annotated[
        list[Path] | None, typer.Option("--out", help="Export to this .docx or .md file; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object last.")] = False,
) -> None:
    """Write a whole manuscript from a brief, export it and tell what came out.

    Ctrl+C pauses; `longwright resume` goes on at the very place.
    """
    from engine.jobs import client
    from engine.planning.brief import read_brief, title_of
    from engine.planning.outline_text import parse_outline, render_outline, split_title

    outs = list(out or ())
    _check_outs(outs)
    settings = _settings(
        model=model, think=think, parallel=parallel, seed=seed, adapter=adapter, adapter_scale=scale
    )
    own = _read(outline, "outline") if outline else None
    heading, items = split_title(parse_outline(_text(own))) if own is not None else (None, [])
    asked = read_brief(
        _read(brief, "brief"), kind=kind, goal_words=words, outline=render_outline(items), language=language
    )
    with open_desk() as (home, library):
        project = _plan(home, library, asked, items, title or heading or title_of(asked), settings)
        job = follow(home, library, client.submit_draft(library, project.id, settings=settings))
        outcome(library, job, outs, as_json)


def _plan(
    home: Home,
    library: Library,
    brief: Brief,
    items: list[OutlineItem],
    title: str,
    settings: DraftSettings,
) -> Project:
    """The project with its outline: the writer's own, or one that the model drafts.

    Everything that can be refused is refused before a project is made.
    """
    from engine.jobs import client
    from engine.planning.brief import check_goal
    from engine.planning.length_range import range_of
    from engine.planning.quotas import assign
    from engine.store import outline, projects

    goal = check_goal(range_of(brief.premise, _goal(brief, items), brief.kind).target)
    _check_models(home, library, settings)
    limits = client.section_limits(library, home, settings.model)
    planned = assign(items, goal, limits) if items else []
    project = projects.create(
        library,
        brief.model_copy(update={"goal_words": goal}).model_dump(mode="json"),
        title=title,
        kind=brief.kind,
        language=brief.language,
        goal_words=goal,
        settings=settings.model_dump(mode="json"),
    )
    if planned:
        outline.replace(library, project.id, planned)
    else:
        follow(home, library, client.submit_outline(library, project.id, settings=settings))
    return project


def _check_models(home: Home, library: Library, settings: DraftSettings) -> None:
    """A model or a tuned model that is not there or does not fit is refused before all else."""
    from engine.backends import registry, tuning

    entry = registry.show(library, home, settings.model)
    tuning.find(
        home,
        entry.name,
        registry.base_hash(home, entry),
        tuning.choice(settings.adapter),
        settings.adapter_scale,
        on_server=entry.kind == "server",
    )


def _goal(brief: Brief, items: list[OutlineItem]) -> int | None:
    """The explicit goal: of the command or the brief, else the sum that the outline states."""
    from engine.planning.outline_text import stated_goal

    return brief.goal_words if brief.goal_words is not None else stated_goal(items)


def _check_outs(outs: list[Path]) -> None:
    """Refuse a file that could not be exported before hours are spent on its text."""
    from engine.errors import BadInput
    from exports.writers import WRITERS

    for path in outs:
        if path.suffix.lower() not in WRITERS:
            raise BadInput(f"{path.name} cannot be written: exports are {' or '.join(WRITERS)} files.")
        if not path.expanduser().absolute().parent.is_dir():
            raise BadInput(f"The folder of {path} does not exist.")


def _settings(**chosen: str | float | None) -> DraftSettings:
    from engine.drafting.settings import DraftSettings

    if chosen["think"] not in ("on", "off", "auto"):
        raise typer.BadParameter("choose on, off or auto", param_hint="--think")
    return DraftSettings(**chosen)


def _read(path: Path, what: str) -> bytes:
    from engine.errors import BadInput

    try:
        return path.expanduser().read_bytes()
    except OSError as error:
        raise BadInput(f"The {what} {path} cannot be read: {error.strerror}.") from error


def _text(raw: bytes) -> str:
    from engine.errors import BadInput

    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("The outline is no text in UTF-8. Save it as Markdown in UTF-8.") from None
