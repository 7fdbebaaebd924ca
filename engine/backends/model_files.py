"""What is remembered of a model file that was added, and what of it still holds.

A row keeps the header's facts, so that a list costs no reading, with the state of the files that told them;
where that differs the header is read again, once a process. A row also keeps whether Longwright fetched the
file: only then may it be deleted. Rows of older versions know neither, so their files are read anew and never
deleted. Knows rows and files, not what a model is chosen for. Called by `registry`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from engine.backends.gguf import GgufMetadata, read_metadata
from engine.backends.gguf_parts import missing_of, parts_of, state_of
from engine.errors import ModelFileInvalid
from engine.home import Home
from engine.store.schema import Model

MANY = 256
"""Headers that one process remembers."""


class FileFacts(NamedTuple):
    """What a model's file is now. `content_hash` None: it changed since that was computed. `problem` is a
    sentence when the file cannot be used; the facts are then the last ones known."""

    metadata: GgufMetadata
    content_hash: str | None
    problem: str | None = None


def remember(path: Path, metadata: GgufMetadata, *, fetched: bool) -> dict[str, Any]:
    """The details of a row (`engine.store.schema.Model`)."""
    return metadata.model_dump(mode="json") | {"state": state_of(path), "fetched": fetched}


def facts_of(row: Model) -> FileFacts:
    """The facts that the row keeps, or the header's own where the file is another by now."""
    path, kept = Path(row.location), GgufMetadata.model_validate(row.details)
    state = state_of(path)
    if state is None:
        return FileFacts(kept, row.content_hash, gone(path))
    if state == row.details.get("state"):
        return FileFacts(kept, row.content_hash)
    try:
        metadata = _read(path, state)
    except ModelFileInvalid as error:
        return FileFacts(kept, None, str(error))
    same = "state" not in row.details and metadata.file_bytes == kept.file_bytes
    return FileFacts(metadata, row.content_hash if same else None)


@lru_cache(MANY)
def _read(path: Path, _state: str) -> GgufMetadata:
    return read_metadata(path)


def gone(path: Path) -> str:
    """The sentence for a model of which a file is missing."""
    missing = missing_of(path)
    if len(parts_of(path)) == 1 or not missing:
        return "Its file is gone."
    return f"One of its files is gone: {missing[0].name}."


def is_own(path: Path, rows: Iterable[Model]) -> bool:
    """A row has this file as the writer's own."""
    return any(not row.details.get("fetched") for row in _with_file(path, rows))


def delete_fetched(row: Model, others: Iterable[Model], home: Home) -> bool:
    """Delete the files of a row that was taken off: if Longwright fetched them, to this home (a library may
    have been copied from another), and no other row needs them."""
    path = Path(row.location)
    fetched = row.kind == "gguf" and row.details.get("fetched") and path.is_relative_to(home.models)
    if not fetched or _with_file(path, others):
        return False
    there = [part for part in parts_of(path) if part.exists()]
    for part in there:
        part.unlink()
    return bool(there)


def _with_file(path: Path, rows: Iterable[Model]) -> list[Model]:
    return [row for row in rows if row.kind == "gguf" and Path(row.location).resolve() == path.resolve()]
