"""What came out of a finished draft: exported, checked, and told. Shared by `write`, `continue`, `resume`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.boundary import say
from app.commands.common import deviation, print_json, print_table

if TYPE_CHECKING:
    from engine.home import Home
    from engine.store.library import Library
    from engine.store.schema import Job

OUT = Annotated[
    list[Path] | None, typer.Option("--out", help="Export to this .docx or .md file; may be repeated.")
]


def check_outs(outs: Sequence[Path] | None) -> None:
    """Refuse a file that could not be exported before hours are spent on its text, or others are written.
    Raises BadInput."""
    from engine.errors import BadInput
    from exports.writers import WRITERS

    for path in outs or ():
        if path.suffix.lower() not in WRITERS:
            raise BadInput(f"{path.name} cannot be written: exports are {' or '.join(WRITERS)} files.")
        place = path.expanduser().absolute()
        if not place.parent.is_dir():
            raise BadInput(f"The folder of {path} does not exist.")
        if place.is_dir():
            raise BadInput(f"{path} is a folder; give the name of a file.")
        if not os.access(place.parent, os.W_OK):
            raise BadInput(f"Nothing can be written to the folder of {path}.")


def outcome(home: Home, library: Library, job: Job, outs: Sequence[Path] | None, as_json: bool) -> None:
    """Export what a finished job wrote and tell what came out."""
    from app.api.words import shortfall
    from engine import home_settings
    from engine.jobs.progress import DraftResult
    from engine.store import projects
    from exports.writers import export

    project = projects.get(library, job.project_id)
    author = home_settings.load(home).author
    reports = [export(library, project, path.expanduser().absolute(), author=author) for path in outs or ()]
    result = DraftResult.model_validate(job.result)
    told: dict[str, Any] = {
        "project": project.id,
        "title": project.title,
        "job": job.id,
        "model": result.model,
        "adapter": result.adapter,
        "adapter_scale": result.adapter_scale,
        "takes_seed": result.takes_seed,
        "words_target": result.words_target,
        "words": result.words,
        "deviation": deviation(result.words, result.words_target),
        "sections": [
            section.model_dump(include={"title", "words_target", "words", "finish"})
            for section in result.sections
        ],
        "duplicate_sentence_share": round(result.duplicate_sentence_share, 5),
        "distinct_4grams": round(result.distinct_4grams, 5),
        "finish": result.finish,
        "seconds": result.seconds,
        "tokens_per_second": result.tokens_per_second,
        "exports": [str(report.path) for report in reports],
    }
    if as_json:
        print_json(told)
    else:
        _print_outcome(told)
    if lacking := shortfall(job):
        say(f"{lacking}.")


def _print_outcome(told: dict[str, Any]) -> None:
    from app.api.words import NO_SEED

    rows = [
        [
            section["title"],
            f"{section['words_target']:,}",
            f"{section['words']:,}",
            f"{deviation(section['words'], section['words_target']):+.1%}",
            section["finish"],
        ]
        for section in told["sections"]
    ]
    print_table(["section", "asked", "got", "deviation", "finish"], rows, frozenset({1, 2, 3}))
    typer.echo(
        f"\n“{told['title']}”: {told['words']:,} of {told['words_target']:,} words "
        f"({told['deviation']:+.1%}), {told['finish']}."
    )
    typer.echo(
        f"Written in {told['seconds']:.0f} s by {told['model']} ({told['tokens_per_second']:.0f} tokens a "
        f"second); repeated sentences {told['duplicate_sentence_share']:.1%}, distinct 4-grams "
        f"{told['distinct_4grams']:.1%}." + ("" if told["takes_seed"] else f" {NO_SEED}")
    )
    for path in told["exports"]:
        typer.echo(f"Exported and checked: {path}")
    if not told["exports"]:
        typer.echo(f"Export it with: longwright export {told['project']} --to book.docx")
