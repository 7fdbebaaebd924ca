"""One writer a home: a lock of the operating system (`engine.lock`) on `writer.lock`.

A free lock means "no writer is alive". The lock says nothing of jobs; `engine.jobs.watching` draws that
conclusion. Held by `engine.jobs.writer`, looked at by the client. `trainer.runs.lock` holds the same
lock on a file of another name.
"""

from __future__ import annotations

from pathlib import Path

from engine.lock import FileLock

FILE_NAME = "writer.lock"


class WriterLock(FileLock):
    """The lock of one home. A holder waits a little longer than a look at the lock takes (`writer_alive`
    holds it for an instant), so a look never turns a starting writer away."""

    def __init__(self, root: Path, file_name: str = FILE_NAME) -> None:
        super().__init__(root / file_name)


def writer_alive(root: Path) -> bool:
    """Whether some process holds the writer's lock of the home at `root`."""
    lock = WriterLock(root)
    if lock.acquire():
        lock.release()
        return False
    return True
