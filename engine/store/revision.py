"""Which revision of the tables a library file has, and which one this program writes.

Knows nothing of Alembic, so that opening an up-to-date library need not import it. Read by
`engine.store.library` at every start and by `engine.store.migrate`.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from engine.store.failures import damaged

# The newest file in `migrations/versions`; a test pins that they agree.
HEAD = "0003"

# "LWRT", in the header of the SQLite file: tells a library from any other program's database.
APPLICATION_ID = 0x4C575254


def stored_revision(connection: Connection, path: Path) -> str | None:
    """The revision written in the file, or None for a file without any table.

    Raises LibraryDamaged for a database that is another program's, or that lost its revision.
    """
    tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
    if not tables:
        return None
    mark = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    if mark != APPLICATION_ID or "alembic_version" not in tables:
        raise damaged(path)
    revisions = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
    if len(revisions) != 1:
        raise damaged(path)
    return str(revisions[0])
