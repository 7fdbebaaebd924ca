"""A lock of the operating system on a file: one holder, whatever process or thread it is.

The system frees it at any kind of death of its holder, `kill -9` and native crashes included, so a free lock
means "nobody is at it", with no clock involved. Knows nothing of what it guards. Used by `engine.jobs.lock`
(the writer; the trainer through it), `engine.backends.download` and `engine.backends.vllm_server`. Files on
network drives that know no locks are outside of what this promises.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

RETRY_SECONDS = 0.05


class FileLock:
    """The lock on one file, held from a successful `acquire` to `release` or death. The file stays: if it
    were taken away, two could hold a lock under the same name."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self, wait_seconds: float = 0.0) -> bool:
        """Try for `wait_seconds` to become the holder; False when another stays it."""
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

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


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
