"""`longwright write`: from a brief to a finished manuscript, in one command.

Plans, drafts through the writer process, exports with a check, and tells what came out. It holds no
rules of the trade; each step is one call into the engine.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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
from app.commands.common import JSON, PLAIN, bytes_in, open_desk, text_in
from app.commands.follow import draft
from app.commands.outcome import OUT, check_outs, outcome

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
    """Write a whole manuscript from a brief, export it and tell what came out.

    Ctrl+C pauses; `longwright resume` goes on at the very place.
    """
    from engine.errors import BadInput
    from engine.jobs.limits import section_limits
    from engine.planning.brief import read_brief
    from engine.store import planned

    check_outs(out)
    own = text_in(outline, "outline") if outline else ""
    if outline and not own.strip():
        raise BadInput(f"The outline {outline} is empty; leave it out to have one drafted.")
    asked = read_brief(bytes_in(brief, "brief"), kind=kind, goal_words=words, outline=own, language=language)
    with open_desk() as (home, library):
        settings = chosen_settings(
            home,
            library,
            model=model,
            adapter=adapter,
            adapter_scale=scale,
            think=think,
            parallel=parallel,
            seed=seed,
            context=context,
        )
        limits = section_limits(library, home, settings.model, settings.context)
        project = planned.begin(
            library, asked, limits, title=title, settings=settings.model_dump(mode="json")
        )
        outcome(home, library, draft(home, library, project, settings), out, as_json)
