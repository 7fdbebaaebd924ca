"""A finished adapter takes its place among the tuned models of a home, whole or not at all.

Everything is copied into a temporary folder beside its place; one rename puts it on the list. A kill at
any point leaves either nothing listed or all of it; what a killed process left is cleaned away by the
next. A run publishes once: asked again, it finds what it published. Knows nothing of training. Called by
`trainer.runs` at its last stage, and with each answer of the blind comparison.
"""

from __future__ import annotations

import os
import re
import shutil
import uuid
from pathlib import Path
from typing import Any

import psutil

from engine.backends import adapters
from engine.backends.adapter_folder import (
    CARD,
    MANIFEST,
    PEFT,
    UNFINISHED,
    WEIGHTS,
    AdapterEntry,
    Manifest,
    problem_of,
)
from engine.errors import AdapterBroken, DiskFull
from engine.home import Home
from trainer.adapters.card import render
from trainer.adapters.peft_folder import copy_peft

HALF = f"{UNFINISHED}half-"
GONE = f"{UNFINISHED}gone-"
_LONGEST = 60


def publish(home: Home, name: str, peft_folder: Path, gguf: Path, manifest: Manifest) -> AdapterEntry:
    """Put the adapter on the list under `name`, made typeable and unique; `manifest.name` follows it.

    The card is written from the manifest. Raises AdapterBroken when `peft_folder` or `gguf` is not whole,
    DiskFull; then nothing is listed.
    """
    clean(home)
    known = _of_run(home, manifest.run)
    if known is not None:
        return known
    half = home.adapters / f"{HALF}{os.getpid()}-{uuid.uuid4().hex[:8]}"
    try:
        home.adapters.mkdir(parents=True, exist_ok=True)
        _fill(half, peft_folder, gguf, manifest)
        return _put_in_place(home, half, plain_name(name), manifest)
    except OSError as error:
        raise DiskFull(f"The tuned model could not be stored: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(half, ignore_errors=True)


def keep_blind(home: Home, run: str, told: dict[str, Any], verdict: dict[str, Any] | None) -> None:
    """Keep the blind comparison so far, and the verdict with it, with the adapter of that run, in its
    manifest and on its card; where the adapter was removed there is nothing to keep it with. Raises
    DiskFull."""
    entry = _of_run(home, run)
    if entry is None or entry.manifest is None:
        return
    news: dict[str, Any] = {"blind": told}
    if verdict is not None:
        kept = {key: verdict[key] for key in ("label", "reason", "measures")}
        news |= {"verdict": kept, "offered": verdict["label"] != "worse"}
    manifest = entry.manifest.model_copy(update=news)
    _replace(entry.folder / MANIFEST, manifest.model_dump_json(indent=2))
    _replace(entry.folder / CARD, render(manifest))


def clean(home: Home) -> None:
    """Take away what killed processes left: folders half made by one that is dead, or half deleted."""
    if not home.adapters.is_dir():
        return
    for path in home.adapters.iterdir():
        maker = re.match(re.escape(HALF) + r"(\d+)-", path.name)
        if path.name.startswith(GONE) or (maker and not psutil.pid_exists(int(maker[1]))):
            shutil.rmtree(path, ignore_errors=True)


def plain_name(name: str) -> str:
    """The name in the form that is typed: small letters, digits, dots and dashes."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._")[:_LONGEST].strip("-._")
    return f"{plain}-tuned" if plain == adapters.BASE else plain or "tuned"


def _of_run(home: Home, run: str | None) -> AdapterEntry | None:
    """The whole adapter that a run published."""
    if run is None:
        return None
    for entry in adapters.list_adapters(home):
        if entry.problem is None and entry.manifest is not None and entry.manifest.run == run:
            return entry
    return None


def _replace(path: Path, text: str) -> None:
    """Put a text in the place of another by one rename."""
    fresh = path.with_name(f"{UNFINISHED}{path.name}.{os.getpid()}")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise DiskFull(f"The tuned model's card could not be stored: {error.strerror or error}.") from error
    finally:
        fresh.unlink(missing_ok=True)


def _fill(half: Path, peft_folder: Path, gguf: Path, manifest: Manifest) -> None:
    """Copy what belongs to an adapter, and only that: optimizer states and the like stay behind."""
    if not gguf.is_file():
        raise AdapterBroken(f"The tuned model is not whole: {gguf.name} is missing.")
    (half / PEFT).mkdir(parents=True)
    shutil.copyfile(gguf, half / WEIGHTS)
    copy_peft(peft_folder, half / PEFT, manifest)


def _put_in_place(home: Home, half: Path, wanted: str, manifest: Manifest) -> AdapterEntry:
    """Rename; when another process takes the name in between, the next one is tried."""
    number = 1
    while True:
        name = wanted if number == 1 else f"{wanted}-{number}"
        number += 1
        target = home.adapters / name
        if target.exists():
            continue
        told = manifest.model_copy(update={"name": name})
        (half / MANIFEST).write_text(told.model_dump_json(indent=2), encoding="utf-8")
        (half / CARD).write_text(render(told), encoding="utf-8")
        entry = AdapterEntry(name, half, told, problem_of(half))
        if entry.problem is not None:
            raise AdapterBroken(f"The tuned model is not whole: {entry.problem}")
        try:
            half.rename(target)
        except OSError:
            if target.exists():
                continue
            raise
        return adapters.get(home, name)
