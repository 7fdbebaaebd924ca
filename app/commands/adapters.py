"""`longwright adapters`: tuned models: list, show, use, scale, back to the base, remove, export.

A tuned model writes only with the model that it was made from. One that was found worse is used only
with `--yes`. No rule of the trade is in here: `engine.backends.adapters` has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.common import JSON, PLAIN, by_default, open_desk, print_json, print_table

if TYPE_CHECKING:
    from engine.backends.adapter_folder import AdapterEntry
    from engine.backends.adapters import InUse

app = typer.Typer(cls=by_default("list"), help="Your tuned models. Without a verb: list them.", **PLAIN)

NAME = Annotated[str, typer.Argument(help="The tuned model, as `longwright adapters list` shows it.")]
YES = Annotated[bool, typer.Option("--yes", help="Use it although it was found worse.")]


@app.command("list")
def list_adapters(as_json: JSON = False) -> None:
    """The tuned models of this home, oldest first."""
    from engine.backends import adapters as kept

    with open_desk() as (home, _):
        now = kept.all_in_use(home)
        told = [_told(entry, now) for entry in kept.list_adapters(home)]
    if as_json:
        print_json({"adapters": told})
        return
    if not told:
        typer.echo("There is no tuned model yet. Make one with: longwright train")
    rows = [[each["name"], each["base"], _made(each), each["label"] or "", _state(each)] for each in told]
    print_table(["tuned model", "made from", "made", "verdict", ""], rows, frozenset())


@app.command("show")
def show(name: NAME, as_json: JSON = False) -> None:
    """What a tuned model is, how it was made, and how it was judged."""
    from engine.backends import adapters as kept

    with open_desk() as (home, _):
        told = _told(kept.get(home, name), kept.all_in_use(home))
    if as_json:
        print_json(told)
        return
    for label, value in _lines(told):
        typer.echo(f"{label:<16}{value}")


@app.command("use")
def use(
    name: NAME,
    scale: Annotated[
        float, typer.Option("--scale", min=0, max=1, help="How strongly: 0 is the base, 1 all of it.")
    ] = 1.0,
    yes: YES = False,
    as_json: JSON = False,
) -> None:
    """From now on this tuned model writes in place of the model that it was made from."""
    from engine.backends import adapters as kept
    from engine.backends import registry

    with open_desk() as (home, library):
        entry = kept.use(home, name, scale, confirmed=yes)
        told = _told(entry, kept.all_in_use(home))
        listed = registry.is_listed(library, home, entry.base_hash)
    _say(
        {**told, "base_listed": listed},
        as_json,
        f"{name} writes from now on, where {entry.base_name} would. {_strength(scale)}"
        if listed
        else f"{name} is chosen, but writes nothing yet: no model on the list is the file of "
        f"{entry.base_name} that it was tuned from; add that with `longwright models add`.",
    )


@app.command("scale")
def scale(
    name: NAME,
    value: Annotated[float, typer.Argument(min=0, max=1, help="0 is the base, 1 all of the tuned model.")],
    as_json: JSON = False,
) -> None:
    """How strongly the tuned model that is in use changes its base."""
    from engine.backends import adapters as kept

    with open_desk() as (home, _):
        told = _told(kept.set_scale(home, name, value), kept.all_in_use(home))
    _say(told, as_json, f"{name}: {_strength(value)}")


@app.command("base")
def base(
    model: Annotated[
        str | None, typer.Option("--model", help="Only for this model. Default: for all of them.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """One step back: the models write untuned again. The tuned ones are kept."""
    from engine.backends import adapters as kept
    from engine.backends import registry
    from engine.errors import BadInput

    with open_desk() as (home, library):
        known = None
        if model is not None:
            known = registry.base_hash(home, registry.show(library, home, model))
            if known is None:
                raise BadInput(f"{model} runs on a server; no tuned model writes with it.")
        gone = kept.clear(home, known)
    told = f"No longer in use: {', '.join(gone)}." if gone else "No tuned model was in use."
    _say({"cleared": gone}, as_json, told)


@app.command("remove")
def remove(name: NAME, as_json: JSON = False) -> None:
    """Delete a tuned model. What it has written stays."""
    from engine.backends import adapters as kept

    with open_desk() as (home, _):
        kept.remove(home, name)
    _say({"name": name, "removed": True}, as_json, f"{name} is deleted.")


@app.command("export")
def export(
    name: NAME,
    folder: Annotated[Path, typer.Argument(help="Where to put it; made when it is not there.")],
    merged: Annotated[
        bool, typer.Option("--merged", help="A whole model in 16 bit instead of the difference alone.")
    ] = False,
    base: Annotated[
        Path | None, typer.Option("--base", help="The model folder it was tuned from; a file is found.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Also into a folder that holds something.")] = False,
    as_json: JSON = False,
) -> None:
    """Write a Hugging Face folder with the card, ready to share, and the GGUF beside it."""
    from trainer.policy.quiet import settle

    settle()  # before torch is loaded: its libraries' bars and warnings are nothing for a writer
    from trainer.adapters.export import export as write_folder

    with open_desk() as (home, library):
        files = write_folder(home, library, name, folder, base=base, merged=merged, force=force)
    told = {"name": name, "folder": str(folder), "merged": merged, "files": files}
    _say(told, as_json, f"{name} is in {folder}: {', '.join(files)}.")


def _say(told: dict[str, Any], as_json: bool, sentence: str) -> None:
    if as_json:
        print_json(told)
    else:
        typer.echo(sentence)


def _told(entry: AdapterEntry, now: dict[str, InUse]) -> dict[str, Any]:
    """A tuned model as one JSON object."""
    manifest = entry.manifest
    used = now.get(entry.base_hash)
    mine = used if used is not None and used.name == entry.name else None
    return {
        "name": entry.name,
        "base": entry.base_name,
        "base_hash": entry.base_hash,
        "created_at": manifest.created_at if manifest else None,
        "run": manifest.run if manifest else None,
        "method": manifest.method if manifest else None,
        "records": manifest.records if manifest else None,
        "thinks": manifest.thinks if manifest else None,
        "offered": manifest.offered if manifest else None,
        "label": entry.label,
        "verdict": manifest.verdict if manifest else None,
        "blind": manifest.blind if manifest else None,
        "parity": manifest.parity if manifest else None,
        "summary": manifest.summary if manifest else {},
        "in_use": mine is not None,
        "scale": mine.scale if mine else None,
        "problem": entry.problem,
    }


def _strength(scale: float) -> str:
    return f"Its strength is {scale:.0%}."


def _made(told: dict[str, Any]) -> str:
    made = told["created_at"]
    return datetime.fromtimestamp(made).strftime("%Y-%m-%d %H:%M") if made is not None else ""


def _state(told: dict[str, Any]) -> str:
    if told["problem"]:
        return f"Cannot be used: {told['problem']}"
    return f"in use, {told['scale']:.0%}" if told["in_use"] else ""


def _lines(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """`show` for people."""
    yield "tuned model", told["name"]
    if told["problem"]:
        yield "problem", f"Cannot be used: {told['problem']}"
    if told["created_at"] is None:
        return
    yield "made from", told["base"]
    yield "made", f"{_made(told)}, from {told['records']:,} choices ({told['method']})"
    if told["run"]:
        yield "run", told["run"]
    yield "thinks first", "yes" if told["thinks"] else "no"
    if told["verdict"]:
        yield "verdict", f"{told['label']}: {told['verdict'].get('reason', '')}"
    else:
        yield "verdict", "not judged"
    yield "in use", f"yes, {told['scale']:.0%}" if told["in_use"] else "no"
