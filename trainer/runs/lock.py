"""One training run at a time in a home: a lock of the operating system, held by the run's process.

The system frees it at any kind of death, so a dead run never blocks the next one. The file tells
which run holds it; that is only believed while the lock is held. Taken by `trainer.runs.process`,
looked at by `trainer.runs.client`.
"""

from __future__ import annotations

from engine.home import Home
from engine.jobs.lock import WriterLock

FILE_NAME = "trainer.lock"
HOLDER_NAME = "trainer.holder"
WAIT_SECONDS = 2.0
LOOK_SECONDS = 0.1
"""Two lookers meet for an instant; a holder stays longer than this."""
BUSY = 75
"""Exit code of a run's process that found the lock taken (EX_TEMPFAIL)."""


class RunLock:
    """The right to train in one home, from a successful `acquire` to `release` or death."""

    def __init__(self, home: Home, run_id: str) -> None:
        self._lock = WriterLock(home.root, FILE_NAME)
        self._holder = home.root / HOLDER_NAME
        self._run_id = run_id

    def acquire(self) -> bool:
        """Become the holder; False when another run stays it."""
        if not self._lock.acquire(WAIT_SECONDS):
            return False
        self._holder.write_text(self._run_id, encoding="utf-8")
        return True

    def release(self) -> None:
        """Let the next run in."""
        self._lock.release()


def holder(home: Home) -> str | None:
    """The id of the run whose process is alive, None where none is."""
    with WriterLock(home.root, FILE_NAME) as lock:
        if lock.acquire(LOOK_SECONDS):
            return None
    try:
        return (home.root / HOLDER_NAME).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
