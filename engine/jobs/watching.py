"""A job as a person should see it, and followed until it rests.

A job whose row says "running" while no writer is alive is interrupted, and is called so at once. Reading
only, but for a writer that `engine.jobs.starting` starts for a job left waiting. Called by the pages and
the commands.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from engine.home import Home
from engine.jobs.lock import writer_alive
from engine.jobs.progress import DraftResult
from engine.jobs.starting import keep_going
from engine.store import jobs
from engine.store.library import Library
from engine.store.schema import Job, Version, now

POLL_SECONDS = 0.2
WAKING_SECONDS = 3.0
RESTING = frozenset({"paused", "stopped", "done", "failed", "interrupted"})


def state_of(home: Home, library: Library, job: Job) -> str:
    """The job's state as a person should see it: `interrupted` when its process is gone."""
    if job.state != "running" or (writer_alive(home.root) and not jobs.is_interrupted(job, now())):
        return job.state
    # Between reading the job and looking at the lock the writer may have finished it and left.
    job = jobs.get(library, job.id)
    return "interrupted" if job.state == "running" else job.state


class Patience:
    """`state_of` for who looks again and again, as a page does: a machine that slept, or loads a large model,
    wakes with a beat that is too old, and the writer that holds its lock renews it in a moment. So a job is
    interrupted only after `WAKING_SECONDS` of looks in which it was silent; one without a writer, at once."""

    def __init__(self) -> None:
        self._silent_since: dict[str, float] = {}

    def state_of(self, home: Home, library: Library, job: Job) -> str:
        """The job's state as a person should see it now."""
        state = state_of(home, library, job)
        if state != "interrupted" or not writer_alive(home.root):
            self._silent_since.pop(job.id, None)
            return state
        since = self._silent_since.setdefault(job.id, time.monotonic())
        return "running" if time.monotonic() - since < WAKING_SECONDS else state


def watch(home: Home, library: Library, job_id: str, *, poll_seconds: float = POLL_SECONDS) -> Iterator[Job]:
    """The job each time it changed, the last time when it rests (`RESTING`). See `keep_going`."""
    seen: tuple[Any, ...] | None = None
    patience = Patience()
    while True:
        job = keep_going(home, library, jobs.get(library, job_id))
        state = patience.state_of(home, library, job)
        if seen != (state, job.progress, job.control):
            seen = (state, job.progress, job.control)
            yield job
        if state in RESTING:
            return
        time.sleep(poll_seconds)


def took_seed(library: Library, version: Version) -> bool:
    """Whether its seed may bring a version back: no, once the draft that wrote it came to rest and had found
    that its server takes none."""
    if version.job_id is None:
        return True
    return DraftResult.model_validate(jobs.get(library, version.job_id).result or {}).takes_seed
