"""Tuned models: the adapters of one home, and which of them writes with which base.

Each is a folder in `Home.adapters`: `adapter.json` (the manifest), `adapter.gguf` (what llama.cpp lays over
the base), `peft/` (the same for training and export) and `README.md` (its card). A folder comes into being
by one rename of a finished one (`trainer.adapters.publish`); its weights are never changed, its manifest
and card only by what the writer says of its texts afterwards. An adapter belongs to the base whose content
hash it names, and to no other. `in_use.json` says which one writes with which base; it is replaced in one
step. Loads no model. Called by `engine.backends.tuning`, the `adapters` verb, the studio and the trainer.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.backends.gguf_header import read_header
from engine.errors import AdapterBroken, AdapterForeign, BadInput, LibraryReadOnly, ModelFileInvalid, NotFound
from engine.home import Home

MANIFEST, WEIGHTS, PEFT, CARD = "adapter.json", "adapter.gguf", "peft", "README.md"
IN_USE = "in_use.json"
UNFINISHED = "."
"""What begins with it is being made or taken away, and is no adapter (yet, or any more)."""
BASE = "base"
"""Not a name: stands for the model without any adapter."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


class Manifest(BaseModel):
    """What is known of an adapter: `adapter.json`.

    `method`: rl, sft or pretrain. `verdict`: `{label, reason, measures}`, None where it was not judged.
    `blind`: what the writer said of its texts beside the base's without knowing whose they were.
    `offered`: may be used without asking. `thinks`: trained to think before it writes, in at most
    `think_tokens`. `parity`: the comparison of both runtimes. `summary`: what else the training tells of
    itself, for the card.
    `base_hash` None: made from a Hugging Face folder, known by `folder_hash`: training can go on from the
    adapter, but no model on the list is that folder.
    `base_license` and `base_repository`: of the base, where they are known.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    base_name: str
    base_hash: str | None
    created_at: float
    folder_hash: str | None = None
    run: str | None = None
    method: str = "rl"
    records: int = 0
    verdict: dict[str, Any] | None = None
    blind: dict[str, Any] | None = None
    offered: bool = True
    thinks: bool = False
    think_tokens: int | None = None
    parity: dict[str, Any] | None = None
    summary: dict[str, Any] = Field(default_factory=dict)
    base_license: str | None = None
    base_repository: str | None = None


@dataclass(frozen=True)
class AdapterEntry:
    """An adapter in the list; `problem` is one sentence when it cannot be used, and then the manifest
    may be missing."""

    name: str
    folder: Path
    manifest: Manifest | None = None
    problem: str | None = None

    @property
    def gguf(self) -> Path:
        """What llama.cpp lays over the base."""
        return self.folder / WEIGHTS

    @property
    def peft(self) -> Path:
        """The folder for training on and for export."""
        return self.folder / PEFT

    @property
    def base_name(self) -> str:
        """The base as it was called when this was made."""
        return self.manifest.base_name if self.manifest else ""

    @property
    def base_hash(self) -> str:
        """Hash of the base's file, "" for none."""
        return (self.manifest.base_hash if self.manifest else None) or ""

    @property
    def label(self) -> str | None:
        """The verdict in one word: better, unclear, worse; None where it was not judged."""
        verdict = self.manifest.verdict if self.manifest else None
        return str(verdict["label"]) if verdict and "label" in verdict else None

    @property
    def needs_a_yes(self) -> bool:
        """It did not prove itself: it is used only when the writer says so."""
        return self.manifest is not None and (not self.manifest.offered or self.label == "worse")


@dataclass(frozen=True)
class InUse:
    """The adapter that writes with a base, and how strongly, from 0 to 1."""

    name: str
    scale: float


def list_adapters(home: Home) -> list[AdapterEntry]:
    """All adapters, newest last; what is damaged is listed with its problem."""
    if not home.adapters.is_dir():
        return []
    folders = [path for path in home.adapters.iterdir() if path.is_dir() and path.name[0] != UNFINISHED]
    return sorted((_entry(folder) for folder in folders), key=_age)


def get(home: Home, name: str) -> AdapterEntry:
    """One adapter, damaged or not. Raises NotFound."""
    folder = home.adapters / name
    if not _NAME.fullmatch(name) or not folder.is_dir():
        raise NotFound(
            f"There is no tuned model called “{name[:80]}”: `longwright adapters list` shows what is there."
        )
    return _entry(folder)


def whole(home: Home, name: str) -> AdapterEntry:
    """One adapter that can be used. Raises NotFound, AdapterBroken."""
    entry = get(home, name)
    if entry.problem is not None:
        raise AdapterBroken(f"The tuned model {name} cannot be used: {entry.problem}")
    return entry


def require_base(entry: AdapterEntry, base_name: str, base_hash: str | None) -> None:
    """Raise AdapterForeign, naming both, when the adapter was made from another base."""
    made_from = entry.base_hash or (entry.manifest.folder_hash if entry.manifest else None)
    if not made_from or made_from != base_hash:
        other = "another file of that name" if entry.base_name == base_name else base_name
        raise AdapterForeign(
            f"{entry.name} was tuned from {entry.base_name} and cannot write with {other}: "
            f"choose {entry.base_name}, or another tuned model."
        )


def all_in_use(home: Home) -> dict[str, InUse]:
    """What writes with which base, by the hash of the base. An unreadable file says: nothing."""
    try:
        data = json.loads((home.adapters / IN_USE).read_text(encoding="utf-8"))
        return {
            str(base): InUse(str(row["adapter"]), check_scale(float(row["scale"])))
            for base, row in data.items()
        }
    except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError, BadInput):
        return {}


def in_use(home: Home, base_hash: str) -> InUse | None:
    """What writes with that base; None is the base alone."""
    return all_in_use(home).get(base_hash)


def use(home: Home, name: str, scale: float = 1.0, *, confirmed: bool = False) -> AdapterEntry:
    """From now on this adapter writes with its base.

    Raises NotFound, AdapterBroken, BadInput for a scale that cannot be or for one that did not prove
    itself and is not `confirmed`.
    """
    entry = whole(home, name)
    check_scale(scale)
    if not entry.base_hash:
        raise BadInput(
            f"{name} was tuned from the model folder {entry.base_name}, and no model on the list is that: "
            f"take it out with `longwright adapters export {name} FOLDER`."
        )
    if entry.needs_a_yes and not confirmed:
        raise BadInput(f"{_unproved(entry)} To use it all the same, say so: --yes.")
    _store(home, {**all_in_use(home), entry.base_hash: InUse(name, scale)})
    return entry


def set_scale(home: Home, name: str, scale: float) -> AdapterEntry:
    """How strongly the adapter that is in use changes its base: 0 not at all, 1 fully. Raises BadInput."""
    entry = whole(home, name)
    check_scale(scale)
    now = all_in_use(home)
    if entry.base_hash not in now or now[entry.base_hash].name != name:
        raise BadInput(f"{name} is not in use; use it first: `longwright adapters use {name}`.")
    _store(home, {**now, entry.base_hash: InUse(name, scale)})
    return entry


def clear(home: Home, base_hash: str | None = None) -> list[str]:
    """Back to the base alone: that base, or every one for None. Returns what was in use."""
    now = all_in_use(home)
    gone = [base for base in now if base_hash is None or base == base_hash]
    if gone:
        _store(home, {base: row for base, row in now.items() if base not in gone})
    return [now[base].name for base in gone]


def remove(home: Home, name: str) -> None:
    """Delete an adapter, damaged or not; its base writes alone again. Raises NotFound."""
    entry = get(home, name)
    now = all_in_use(home)
    if any(row.name == name for row in now.values()):
        _store(home, {base: row for base, row in now.items() if row.name != name})
    # Out of the list in one step; a kill during the deletion leaves nothing that looks like an adapter.
    gone = entry.folder.with_name(f"{UNFINISHED}gone-{uuid.uuid4().hex[:8]}")
    try:
        entry.folder.rename(gone)
    except OSError as error:
        raise LibraryReadOnly(f"{name} cannot be removed: {error.strerror or error}.") from error
    shutil.rmtree(gone, ignore_errors=True)


def check_scale(scale: float) -> float:
    """`scale` when an adapter can be used with it. Raises BadInput."""
    if not 0.0 <= scale <= 1.0:
        raise BadInput(f"A strength of {scale:g} cannot be used: choose one from 0 (the base) to 1.")
    return scale


def check_name(name: str) -> str:
    """`name` when an adapter may be called that. Raises BadInput."""
    if not _NAME.fullmatch(name) or name == BASE:
        raise BadInput(
            f"“{name[:80]}” cannot be the name of a tuned model: use small letters, digits, dots and dashes."
        )
    return name


def _entry(folder: Path) -> AdapterEntry:
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (OSError, ValidationError):
        return AdapterEntry(folder.name, folder, problem="its description is missing or damaged.")
    return AdapterEntry(folder.name, folder, manifest, problem_of(folder))


def problem_of(folder: Path) -> str | None:
    """What keeps a folder from writing, as the end of a sentence."""
    try:
        fields, numbers = read_header(folder / WEIGHTS)
    except ModelFileInvalid:
        return "its weights are missing or damaged."
    if fields.get("general.type") != "adapter" or not numbers:
        return "its weights are no adapter."
    return None


def _age(entry: AdapterEntry) -> tuple[float, str]:
    return (entry.manifest.created_at if entry.manifest else 0.0, entry.name)


def _unproved(entry: AdapterEntry) -> str:
    verdict = (entry.manifest.verdict if entry.manifest else None) or {}
    reason = str(verdict.get("reason") or "").strip()
    told = (
        f"{entry.name} was found worse than {entry.base_name}"
        if entry.label == "worse"
        else (f"{entry.name} did not prove to be better than {entry.base_name}")
    )
    return f"{told}: {reason.rstrip('.')}." if reason else f"{told}."


def _store(home: Home, rows: dict[str, InUse]) -> None:
    data = {base: {"adapter": row.name, "scale": row.scale} for base, row in rows.items()}
    fresh = home.adapters / f"{UNFINISHED}{IN_USE}.{os.getpid()}-{uuid.uuid4().hex[:8]}"
    try:
        home.adapters.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps(data), encoding="utf-8")
        fresh.replace(home.adapters / IN_USE)
    except OSError as error:
        raise LibraryReadOnly(f"The choice could not be stored: {error.strerror or error}.") from error
    finally:
        fresh.unlink(missing_ok=True)
