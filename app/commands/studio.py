"""`longwright studio`: open the studio in the browser."""

from __future__ import annotations

from typing import Annotated

import typer

from app.commands.common import PLAIN

app = typer.Typer(**PLAIN)

PORT = 7860


@app.command("studio")
def studio(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port on this machine.")] = PORT,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the browser.")] = True,
) -> None:
    """Open the studio on this machine; leave it with Ctrl+C. Drafts go on without it."""
    from app.studio import launch
    from engine.home import open_home

    launch(open_home(), port=port, open_browser=browser)
