"""Tuned models: the adapters of one home, and which of them writes with which base.

Each is a folder in `Home.adapters` (`adapter_folder`). An adapter belongs to the base whose content hash
it names, and to no other. `in_use.json` says which one writes with which base; it is replaced in one step.
Loads no model. Called by `engine.backends.tuning`, the `adapters` verb, the studio and the trainer.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import uuid
from dataclasses import dataclass

from engine.backends.adapter_folder import UNFINISHED, AdapterEntry, read_entry
from engine.errors import AdapterBroken, AdapterForeign, BadInput, LibraryReadOnly, NotFound
from engine.home import Home

IN_USE = "in_use.json"
BASE = "base"
"""Not a name: stands for the model without any adapter."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


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
    return sorted((read_entry(folder) for folder in folders), key=_age)


def get(home: Home, name: str) -> AdapterEntry:
    """One adapter, damaged or not. Raises NotFound."""
    folder = home.adapters / name
    if not _NAME.fullmatch(name) or not folder.is_dir():
        raise NotFound(
            f"There is no tuned model called “{name[:80]}”: `longwright adapters list` shows what is there."
        )
    return read_entry(folder)


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

    Raises NotFound, AdapterBroken, BadInput for a scale that cannot be or for one that was found worse
    and is not `confirmed`.
    """
    entry = whole(home, name)
    check_scale(scale)
    if not entry.base_hash:
        raise BadInput(
            f"{name} was tuned from the model folder {entry.base_name}, and no model on the list is that: "
            f"make one of both with `longwright adapters export {name} MERGED --merged --base FOLDER` and "
            "write with that by `longwright serve MERGED`, or turn it into a GGUF and add it with "
            "`longwright models add`."
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
