"""Bringing a library to the newest revision of the tables: all of it or nothing, with a copy kept.

The only module that imports Alembic. `engine.store.library` calls it when a file is new or older.
The scripts are in `migrations/versions`; a migration there must work on tables that hold rows, and may
rebuild tables (foreign keys are off while it runs and are all checked before the commit).
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from alembic.command import upgrade as run_scripts
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event

from engine.errors import LibraryTooNew
from engine.store.failures import damaged, library_errors
from engine.store.revision import APPLICATION_ID, stored_revision

SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(path: Path, busy_seconds: float, scripts: Path = SCRIPTS) -> None:
    """Make or upgrade the tables of the library at `path`.

    Before rows are touched the file is copied to `library.before-<new revision>.sqlite3` beside it
    (an earlier copy of that name is replaced by this newer one). Raises LibraryTooNew, LibraryDamaged,
    LibraryLocked, LibraryReadOnly, DiskFull; the library is then as it was.
    """
    config = _config(scripts)
    directory = ScriptDirectory.from_config(config)
    head = directory.get_current_head()
    known = {script.revision for script in directory.walk_revisions()}
    with library_errors(path), _engine(path, busy_seconds).connect() as connection, connection.begin():
        # Read inside the write transaction: another process may just have done the work.
        stored = stored_revision(connection, path)
        if stored == head:
            return
        if stored is not None and stored not in known:
            raise LibraryTooNew(
                f"The library {path} was made by a newer Longwright; please upgrade Longwright to open it."
            )
        if stored is not None:
            _keep_copy(path, path.with_name(f"{path.stem}.before-{head}{path.suffix}"))
        config.attributes["connection"] = connection
        run_scripts(config, "head")
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise damaged(path)
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")


def _config(scripts: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    return config


def _keep_copy(path: Path, copy: Path) -> None:
    # SQLite's own backup sees what is still in the write-ahead log; a file copy would not. It reads
    # through a connection of its own, so it holds the last committed state and not this transaction.
    partial = copy.with_name(copy.name + ".part")
    partial.unlink(missing_ok=True)
    source = sqlite3.connect(path)
    target = sqlite3.connect(partial)
    try:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
    finally:
        target.close()
        source.close()
    os.replace(partial, copy)


def _engine(path: Path, busy_seconds: float) -> Engine:
    address = URL.create("sqlite", database=str(path))  # a path may hold a `?`
    engine = create_engine(address, poolclass=NullPool, connect_args={"timeout": busy_seconds})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    # SQLite's DDL is transactional, but only if Python's sqlite3 does not end transactions by itself.
    connection.isolation_level = None
    # Rebuilding a table drops the old one, which foreign keys would forbid; it cannot be set later,
    # inside the transaction.
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA synchronous = FULL")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
