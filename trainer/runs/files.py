"""Writing a run's small files so that a reader sees the old one or the new one, never half of one.

What the disk refuses becomes one sentence (`disk_errors`). Used by the modules beside it.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.errors import DiskFull, LibraryReadOnly


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn a full or read-only disk under `path` into the error that says so."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(
                f"The disk that holds {path.parent} is full; the training rests at its last saved step. "
                "Free some space and resume it."
            ) from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise LibraryReadOnly(
                f"{path.parent} cannot be written to; the training cannot go on."
            ) from error
        raise


def write_text(path: Path, text: str) -> None:
    """Put `text` at `path` by one rename, on the disk before the old text is gone. Raises DiskFull."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with disk_errors(path):
        try:
            with unfinished.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """`write_text` of one JSON object."""
    write_text(path, json.dumps(data, ensure_ascii=False, indent=1))


def read_json(path: Path) -> dict[str, Any] | None:
    """The object at `path`, None where there is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found if isinstance(found, dict) else None
