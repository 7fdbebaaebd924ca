"""Result codes of SQLite that cannot be provoked on a sound machine."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.errors import DiskFull, LibraryError, LibraryLocked, LibraryReadOnly
from engine.store import failures
from engine.store.failures import library_errors, translate

LIBRARY = Path("/nowhere/library.sqlite3")


def _error(code: int, message: str = "") -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(message)
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_BUSY_SNAPSHOT, LibraryLocked),
        (sqlite3.SQLITE_PROTOCOL, LibraryLocked),
        (sqlite3.SQLITE_READONLY_DBMOVED, LibraryReadOnly),
        (sqlite3.SQLITE_CANTOPEN_ISDIR, LibraryReadOnly),
        (sqlite3.SQLITE_FULL, DiskFull),
    ],
)
def test_an_extended_result_code_counts_as_its_family(code: int, kind: type[LibraryError]) -> None:
    assert type(translate(_error(code), LIBRARY)) is kind


def test_an_input_error_on_a_full_disk_is_called_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # SQLite says "disk I/O error" when the write-ahead index cannot grow.
    monkeypatch.setattr(failures.shutil, "disk_usage", lambda _path: SimpleNamespace(free=4096))
    told = translate(_error(sqlite3.SQLITE_IOERR_SHMSIZE), tmp_path / "library.sqlite3")
    assert type(told) is DiskFull


def test_an_input_error_with_space_left_is_an_error_of_the_disk(tmp_path: Path) -> None:
    told = translate(_error(sqlite3.SQLITE_IOERR_READ), tmp_path / "library.sqlite3")
    assert type(told) is LibraryError
    assert "could not be read or written" in str(told)


def test_wrong_sql_and_broken_constraints_are_not_dressed_up() -> None:
    with pytest.raises(sqlite3.OperationalError), library_errors(LIBRARY):
        sqlite3.connect(":memory:").execute("SELEKT 1")
    constraint = _error(sqlite3.SQLITE_CONSTRAINT_UNIQUE)
    assert translate(constraint, LIBRARY) is None
