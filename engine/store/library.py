"""Opening a library and talking to it: connections, transactions, errors. Knows no table.

A library is one SQLite file in WAL mode (`Home.library`), shared by the page, the writer process and
the command line. Writing sessions take SQLite's write lock when they begin (BEGIN IMMEDIATE), so that
what they read is still true when they write; reading sessions see one moment and never wait for a
writer. Do not open a session inside another one: the inner would wait for the outer.

Called by every module of this room and by whoever starts a process; nobody else opens the file.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlmodel import Session

from engine.home import Home
from engine.store.failures import library_errors, read_only
from engine.store.revision import HEAD, stored_revision

# How long a statement waits for another process's transaction before LibraryLocked, in seconds.
# Every transaction of ours is far shorter; only a foreign program holds the file longer.
BUSY_SECONDS = 10.0

_WRITING = {"longwright_begin": "BEGIN IMMEDIATE"}


class Library:
    """One open library. Safe to share between threads; one object a process is enough."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self.path = path
        self._engine = engine
        self._writing = engine.execution_options(**_WRITING)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A transaction that may write: committed at the end, rolled back on any error.

        Raises LibraryLocked, LibraryReadOnly, LibraryDamaged, DiskFull.
        """
        with (
            library_errors(self.path),
            Session(self._writing, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent moment of the library; nothing done here is ever stored."""
        with library_errors(self.path), Session(self._engine, autoflush=False) as session:
            yield session

    def close(self) -> None:
        """Let go of the file; the object must not be used afterwards."""
        self._engine.dispose()


def open_library(home: Home, busy_seconds: float = BUSY_SECONDS) -> Library:
    """Open the library of a home; made when there is none, brought up to date when it is older.

    Raises LibraryTooNew, LibraryLocked, LibraryReadOnly, LibraryDamaged, DiskFull.
    """
    return open_file(home.library, busy_seconds)


def open_file(path: Path, busy_seconds: float = BUSY_SECONDS) -> Library:
    """`open_library` for a file named directly; `busy_seconds` bounds every wait for a lock."""
    _refuse_read_only(path)
    engine = _engine(path, busy_seconds)
    try:
        with library_errors(path):
            if _revision(engine, path, busy_seconds) != HEAD:
                _bring_up_to_date(path, busy_seconds)
    except BaseException:
        engine.dispose()
        raise
    return Library(path, engine)


def _refuse_read_only(path: Path) -> None:
    # SQLite opens a file that it may not write without a word and fails at the first save.
    places = [path.parent, path] if path.exists() else [path.parent]
    if not all(os.access(place, os.W_OK) for place in places):
        raise read_only(path)


def _revision(engine: Engine, path: Path, busy_seconds: float) -> str | None:
    with engine.connect() as connection:
        revision = stored_revision(connection, path)
    _switch_to_wal(engine, busy_seconds)
    return revision


def _switch_to_wal(engine: Engine, busy_seconds: float) -> None:
    # The mode is kept in the file. Switching needs the file alone and does not honour SQLite's own busy
    # timeout, so that two first starts at once must be waited out here.
    connection = engine.raw_connection()
    try:
        deadline = time.monotonic() + busy_seconds
        while True:
            try:
                connection.cursor().execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
            time.sleep(0.02)
    finally:
        connection.close()


def _bring_up_to_date(path: Path, busy_seconds: float) -> None:
    # Alembic is imported only here: a start with an up-to-date library does without it.
    from engine.store import migrate

    migrate.upgrade(path, busy_seconds)


def _engine(path: Path, busy_seconds: float) -> Engine:
    address = URL.create("sqlite", database=str(path))  # a path may hold a `?`
    engine = create_engine(address, connect_args={"timeout": busy_seconds})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    # Without this, Python's sqlite3 opens transactions by itself, late, and never around DDL.
    connection.isolation_level = None
    for pragma in ("foreign_keys = ON", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("longwright_begin", "BEGIN"))
