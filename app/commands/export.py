"""`longwright export`: the manuscript as a file, compared word for word before it is handed over."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.commands.common import PLAIN, open_desk, print_json

app = typer.Typer(**PLAIN)


@app.command("export")
def export(
    project: Annotated[str, typer.Argument(help="Title or id of the project (`longwright projects`).")],
    to: Annotated[list[Path], typer.Option("--to", help="A .docx or .md file; may be repeated.")],
    author: Annotated[
        str | None, typer.Option(help="Name for the title page. Default: the one given in the studio.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object last.")] = False,
) -> None:
    """Export a manuscript; the file is reopened and compared with the manuscript first."""
    from app.commands.outcome import check_outs
    from engine import home_settings
    from engine.store import projects
    from exports import writers

    check_outs(to)
    with open_desk() as (home, library):
        chosen = projects.get(library, project)
        name = home_settings.load(home).author if author is None else author
        reports = [writers.export(library, chosen, path.expanduser().absolute(), author=name) for path in to]
    if as_json:
        files = [
            {"path": str(report.path), "words": report.words, "unfinished": list(report.unfinished)}
            for report in reports
        ]
        print_json({"project": chosen.id, "title": chosen.title, "exports": files})
        return
    for report in reports:
        typer.echo(f"{report.path}: {report.words:,} words, checked.")
    if reports[0].unfinished:
        typer.echo(f"Not finished yet: {', '.join(reports[0].unfinished)}.")
