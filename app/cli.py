"""The `longwright` command: names of the verbs, the global options, and nothing heavy.

A verb's module is imported when the verb is called, so `longwright --help` answers at once and a
broken part of the program never takes another verb down. Each module of `app.commands` listed in
`VERBS` has a typer application `app` with that verb. What goes wrong below is turned into exit
codes by `app.commands.boundary`, once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperCommand, TyperGroup

from engine.errors import BadInput

VERBS: dict[str, tuple[str, str]] = {
    "studio": ("app.commands.studio", "Open the studio in the browser (what `longwright` alone does)."),
    "write": ("app.commands.write", "From a brief to a finished manuscript, in one command."),
    "draft": ("app.commands.draft", "Texts for one request, outside any project."),
    "continue": ("app.commands.continuing", "Write what is unfinished of a project, or sections of it anew."),
    "brief": ("app.commands.brief", "What a text is to be and how it is drafted: show or change it."),
    "outline": (
        "app.commands.outline",
        "The outline: show, set, draft, split, target, lock, remove.",
    ),
    "text": ("app.commands.text", "The text of a section: print, save an edit, versions, compare, restore."),
    "resume": ("app.commands.resume", "Go on with a draft that was paused, stopped or interrupted."),
    "jobs": ("app.commands.jobs", "What is being written, and how far; pause and stop."),
    "projects": ("app.commands.projects", "The projects of the library; archive, delete, restore."),
    "show": ("app.commands.show", "A project: its outline with asked and got, a text, what the model saw."),
    "export": ("app.commands.export", "Write the manuscript to a Word or Markdown file, checked."),
    "feedback": ("app.commands.feedback", "What you said about texts: list, add, import, export, delete."),
    "models": ("app.commands.models", "The models that can write: list, add, remove, show."),
    "serve": ("app.commands.serve", "Start a vLLM server for a model and watch over it."),
    "train": ("app.commands.train", "Tune a model to your choices; it is judged on what it never saw."),
    "runs": ("app.commands.runs", "The training runs: show, pause, stop, resume."),
    "adapters": ("app.commands.adapters", "Your tuned models: use, strength, back to the base, export."),
    "eval": ("app.commands.evaluate", "Measure: does the length asked for come out?"),
    "bench": ("app.commands.bench", "Measure: how fast are tokens made?"),
}


class LazyGroup(TyperGroup):
    """Knows the verbs by name and one line; imports a verb's module when it is called."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # noqa: ARG002
        """The verbs in the order of `VERBS`."""
        return list(VERBS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> TyperCommand | None:  # noqa: ARG002
        """A stand-in that can be listed; `resolve_command` fetches the real one."""
        if cmd_name not in VERBS:
            return None
        return TyperCommand(cmd_name, help=VERBS[cmd_name][1], rich_markup_mode=None)

    def resolve_command(
        self, ctx: typer.Context, args: list[str]
    ) -> tuple[str | None, TyperCommand | TyperGroup | None, list[str]]:
        """The verb that `args` begin with, imported."""
        name, command, rest = super().resolve_command(ctx, args)
        return (name, load_verb(str(name)) if command is not None else None, rest)


def load_verb(name: str) -> TyperCommand | TyperGroup:
    """The real command behind a name in `VERBS`."""
    command = typer.main.get_command(import_module(VERBS[name][0]).app)
    command.name = name
    for one in (command, *getattr(command, "commands", {}).values()):
        if one.callback is not None:
            one.callback = _in_utf8(one.callback)
    return command


def _in_utf8(verb: Callable[..., object]) -> Callable[..., object]:
    """`verb`, which is not called with words that are no UTF-8. Names of files are paths by then, and may
    be any bytes that the system takes."""

    @wraps(verb)
    def checked(**given: object) -> object:
        for value in given.values():
            for word in value if isinstance(value, list | tuple) else (value,):
                if isinstance(word, str) and not word.isascii():
                    _refuse_bytes(word)
        return verb(**given)

    return checked


def _refuse_bytes(word: str) -> None:
    try:
        word.encode("utf-8")
    except UnicodeEncodeError:
        raise BadInput(f"“{ascii(word)[1:-1]}” is no text in UTF-8; give it in UTF-8.") from None


def _folder(given: str) -> Path:
    if not given:
        raise typer.BadParameter("name a folder, or leave it out")
    return Path(given)


app = typer.Typer(cls=LazyGroup, no_args_is_help=False, rich_markup_mode=None, add_completion=False)


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(
            "--home",
            envvar="LONGWRIGHT_HOME",
            parser=_folder,
            metavar="FOLDER",
            help="Folder of the library, the models and the runs. Default: the platform's data folder.",
        ),
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    """Longwright: a studio for long texts on your own machine.

    Called without a verb it opens the studio. Every verb answers to `--help`.
    """
    if home is not None:
        # Verbs and the processes they start read the home from here.
        os.environ["LONGWRIGHT_HOME"] = str(home.expanduser().absolute())
    if version:
        from importlib.metadata import version as version_of

        typer.echo(version_of("longwright"))
        raise typer.Exit()
    if context.invoked_subcommand is None:
        context.invoke(import_module("app.commands.studio").studio)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the `longwright` script; leaves with the exit codes of the design."""
    # Before anything reads them, for the processes started from here, too: nothing asks the hub by itself.
    os.environ.update(HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")
    from app.commands.boundary import run

    raise SystemExit(run(typer.main.get_command(app), arguments))
