"""The heartbeat of a running job: text, progress and lease out, the person's wish in.

One thread beats every `BEAT_SECONDS` and on request, whatever the model is doing: while it loads,
reads a long prompt or writes. A beat is one visit to the library: all chunks of all sections in
flight go in together, then the lease is renewed with the progress as it stood at those chunks.
The beat knows no model and no section. Made by `engine.jobs.writer`, fed by `engine.jobs.sink`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType

from engine.errors import LibraryLocked
from engine.jobs.progress import Progress
from engine.store import jobs, versions
from engine.store.library import Library

BEAT_SECONDS = 0.4

Chunk = tuple[str, str, str]
"""Version id, channel, text: one row of `engine.store.versions.append`."""


class Beat:
    """The pulse of one job, from `with` to the end of the block.

    Whatever goes wrong in the beating thread (a full disk, a lost lease) is kept and raised to the
    working thread by the next `check`, `add` or `commit`: no text is taken that cannot be stored.
    """

    def __init__(self, library: Library, job_id: str, owner: str, leaving: threading.Event) -> None:
        self._library, self._job_id, self._owner = library, job_id, owner
        self._leaving = leaving
        self._lock = threading.RLock()
        self._pending: list[Chunk] = []
        self._ended = threading.Event()
        self._error: Exception | None = None
        self._last_beat = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="beat", daemon=True)
        self.progress: Callable[[], Progress] = Progress
        self.asked = "run"

    @property
    def lock(self) -> threading.RLock:
        """Held around every write of this job, so that rows arrive in the order they were made."""
        return self._lock

    def __enter__(self) -> Beat:
        self._beat()
        self.check()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        if self._error is None:
            self._beat()
        if error is None:
            self.check()

    def add(self, version_id: str, channel: str, text: str) -> None:
        """Take a piece of text for the next beat; pieces of one channel in a row become one row."""
        self.check()
        with self._lock:
            if self._pending and self._pending[-1][:2] == (version_id, channel):
                text = (text + self._pending[-1][2]) if channel == "cut" else (self._pending[-1][2] + text)
                self._pending.pop()
            self._pending.append((version_id, channel, text))

    def commit(self) -> None:
        """Store now what waits for the next beat. Raises what storing raises."""
        with self._lock:
            self._store_pending()

    def should_stop(self) -> bool:
        """Whether the person asked for a pause or a stop, or this process shall leave."""
        self.check()
        return self.asked != "run" or self._leaving.is_set()

    def check(self) -> None:
        """Raise what went wrong in the beating thread."""
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        while not self._ended.wait(BEAT_SECONDS):
            self._beat()

    def _beat(self) -> None:
        """Beat once. The boundary of the beating thread: any error is kept for the worker.

        A library that another program holds is tried again with the next beat, until the lease
        that the last good beat gave has run out.
        """
        try:
            with self._lock:
                self._visit()
        except LibraryLocked as error:
            if time.monotonic() - self._last_beat > jobs.LEASE_SECONDS:
                self._fail(error)
        except Exception as error:  # noqa: BLE001
            self._fail(error)

    def _visit(self) -> None:
        self._store_pending()
        progress = self.progress().model_dump(mode="json")
        self.asked = jobs.renew(self._library, self._job_id, self._owner, progress, jobs.LEASE_SECONDS)
        self._last_beat = time.monotonic()

    def _fail(self, error: Exception) -> None:
        self._error = error
        self._ended.set()

    def _store_pending(self) -> None:
        if self._pending:
            versions.append(self._library, self._pending)
            self._pending = []
