"""The one place where an SQLite error becomes a sentence for the writer.

Knows SQLite's result codes and nothing of tables. Used by `engine.store.library` and
`engine.store.migrate` around everything that touches the file; no other module catches SQLite errors.
What is not a fault of the file, the disk or a neighbour (a broken constraint, wrong SQL) passes through.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from engine.errors import (
    DiskFull,
    LibraryDamaged,
    LibraryError,
    LibraryLocked,
    LibraryReadOnly,
)

# Below this many free bytes an input/output error is taken for a full disk: SQLite reports a write-ahead
# index that could not grow as a plain I/O error.
_NEXT_TO_NOTHING = 1 << 20

_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_READ_ONLY = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}


@contextmanager
def library_errors(path: Path) -> Iterator[None]:
    """Turn SQLite errors on the library at `path` into the `LibraryError` family."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        known = translate(cause, path)
        if known is None:
            raise
        raise known from error


def translate(cause: BaseException | None, path: Path) -> LibraryError | None:
    """The writer's sentence for an SQLite error, or None when it is no fault of the library's file."""
    extended = getattr(cause, "sqlite_errorcode", None)
    if extended is None:
        return None
    code = extended & 0xFF  # the low byte is the primary result code
    if code in _LOCKED:
        return LibraryLocked(f"Another program is using the library {path}; close it and try again.")
    if code in _READ_ONLY:
        return read_only(path)
    if code in _DAMAGED or (code == sqlite3.SQLITE_ERROR and str(cause).startswith("no such ")):
        return damaged(path)
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _no_space_left(path)):
        return DiskFull(
            f"The disk that holds the library {path} is full; what was saved before is safe. "
            "Free some space and try again."
        )
    if code == sqlite3.SQLITE_IOERR:
        return LibraryError(f"The disk that holds the library {path} could not be read or written.")
    return None


def read_only(path: Path) -> LibraryReadOnly:
    """The sentence for a library, or its folder, that cannot be written."""
    return LibraryReadOnly(
        f"The library {path} cannot be opened for writing; "
        "check that its folder exists and may be written, or choose another with --home."
    )


def damaged(path: Path) -> LibraryDamaged:
    """The sentence for a file that is no library or is no longer sound."""
    return LibraryDamaged(
        f"{path} is damaged or is not a Longwright library; move it away, "
        "or put a copy (library.before-*.sqlite3) in its place."
    )


def _no_space_left(path: Path) -> bool:
    return path.parent.is_dir() and shutil.disk_usage(path.parent).free < _NEXT_TO_NOTHING
