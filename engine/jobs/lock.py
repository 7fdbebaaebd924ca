"""One writer a home: a lock of the operating system on `writer.lock`.

The system frees the lock at any kind of death of its holder, `kill -9` and native crashes
included, so a free lock means "no writer is alive", with no clock involved. The lock says nothing
of jobs; `engine.jobs.client` draws that conclusion. Held by `engine.jobs.writer`, looked at by
the client. Files on network drives that know no locks are outside of what this promises.
`trainer.runs.lock` holds the same lock on a file of another name.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import TracebackType

FILE_NAME = "writer.lock"
RETRY_SECONDS = 0.05


class WriterLock:
    """The lock of one home, held from a successful `acquire` to `release` or death."""

    def __init__(self, root: Path, file_name: str = FILE_NAME) -> None:
        self._path = root / file_name
        self._descriptor: int | None = None

    def acquire(self, wait_seconds: float = 0.0) -> bool:
        """Try for `wait_seconds` to become the holder; False when another process stays it.

        A holder waits a little longer than a look at the lock takes (`writer_alive` holds it for
        an instant), so a look never turns a starting writer away.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + wait_seconds
        while not _lock(descriptor):
            if time.monotonic() >= deadline:
                os.close(descriptor)
                return False
            time.sleep(RETRY_SECONDS)
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Give the lock back; nothing happens when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> WriterLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def writer_alive(root: Path) -> bool:
    """Whether some process holds the writer's lock of the home at `root`."""
    lock = WriterLock(root)
    if lock.acquire():
        lock.release()
        return False
    return True


def _lock(descriptor: int) -> bool:
    """Take the exclusive lock without waiting; the one place that knows the platforms."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
