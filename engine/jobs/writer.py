"""The writer process: owns the loaded model and runs the jobs of one home, one at a time.

    python -m engine.jobs.writer --home DIR [--idle-seconds N]

One per home, by `engine.jobs.lock`. It claims the oldest queued job, keeps its model for the next,
and leaves after `--idle-seconds` without work. It may be killed at any moment: text is committed
as it comes (`engine.jobs.beat`), and a job goes on where its text ends. SIGTERM and SIGINT leave
the job paused and exit with 0. A crash in native code simply loses the lock and the lease.
Started by `engine.jobs.starting.ensure_writer`. It knows no page and no command line.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.backends.protocol import Backend
from engine.backends.tuning import IN_USE, tune
from engine.errors import KeyNotSet, LongwrightError, ModelError, ServerError
from engine.home import Home, log_to_file, open_home
from engine.jobs import draft_job, outline_job, pairs_job
from engine.jobs.beat import Beat
from engine.jobs.desk import Desk, Outcome
from engine.jobs.loaded import ListedModels, LoadedModel, Models
from engine.jobs.lock import WriterLock
from engine.processes import program_stamp
from engine.store import jobs, projects
from engine.store.library import Library, open_library
from engine.store.schema import Job, new_id

log = logging.getLogger("longwright.writer")

IDLE_SECONDS = 600.0
POLL_SECONDS = 0.25
LOCK_WAIT_SECONDS = 1.0
UNEXPECTED = "Something unexpected stopped the writing; the text is kept, and the log has the details."

WORK: dict[str, Callable[[Desk], Outcome]] = {
    "draft": draft_job.run,
    "outline": outline_job.run,
    "pairs": pairs_job.run,
}


class Writer:
    """The loop over jobs, with the model that is loaded for them."""

    def __init__(self, home: Home, library: Library, models: Models, leaving: threading.Event) -> None:
        self._home, self._library, self._leaving = home, library, leaving
        self._loaded = LoadedModel(models)
        self._owner = f"{os.getpid()}-{new_id()}"
        self._trouble = ""
        self._took_over = False
        self.lacks_key = False
        self._program = program_stamp()
        self.outdated = False

    def run(self, idle_seconds: float) -> None:
        """Work until nothing was queued for `idle_seconds` or the process shall leave. It leaves, too, when
        its environment lacks a server's key (the next writer has that of whoever starts it), and before a
        job when the program was updated since it began: whoever follows the job starts the new one."""
        last_work = time.monotonic()
        while not (self._leaving.is_set() or self.lacks_key or self.outdated):
            job = self._claim()
            if job is not None:
                self._work(job)
                last_work = time.monotonic()
            elif time.monotonic() - last_work >= idle_seconds:
                return
            else:
                self._leaving.wait(POLL_SECONDS)

    def _claim(self) -> Job | None:
        """The next job. None, too, while the library cannot be written (a full disk, another program):
        it is tried again, since whoever queued the job counts on this process. Before the first one, what
        a dead writer was at is interrupted: this process holds its lock now."""
        try:
            if not self._took_over:
                jobs.release_running(self._library)
                self._took_over = True
            self.outdated = _work_waits(self._library) and program_stamp() != self._program
            job = None if self.outdated else jobs.claim(self._library, self._owner)
        except LongwrightError as error:
            if str(error) != self._trouble:
                log.warning("no job can be taken", exc_info=error)
            self._trouble = str(error)
            return None
        self._trouble = ""
        return job

    def close(self) -> None:
        """Give the model's memory back."""
        self._loaded.close()

    def _work(self, job: Job) -> None:
        """Run one job to a state it can rest in. The boundary of the writer process: any exception
        becomes the state `failed` with one sentence, and the trace goes to the log."""
        log.info("job %s (%s) of project %s starts", job.id, job.kind, job.project_id)
        try:
            with Beat(self._library, job.id, self._owner, self._leaving) as beat:
                outcome = WORK[job.kind](Desk(self._library, job, beat, self._model))
        except jobs.LeaseLost:
            log.warning("job %s is no longer ours", job.id)
            return
        except LongwrightError as error:
            log.warning("job %s failed", job.id, exc_info=error)
            outcome = Outcome("failed", error=str(error))
            # The next job is not to meet the same trouble in what is open.
            if isinstance(error, (ModelError, ServerError)):
                self.close()
            self.lacks_key = isinstance(error, KeyNotSet)
        except Exception as error:
            log.error("job %s failed unexpectedly", job.id, exc_info=error)
            outcome = Outcome("failed", error=UNEXPECTED)
            self.close()
        self._finish(job, outcome)

    def _finish(self, job: Job, outcome: Outcome) -> None:
        """Write the end of a job. When even that cannot be stored (a full disk), the lease runs
        out and the job shows as interrupted."""
        try:
            jobs.finish(self._library, job.id, self._owner, outcome.state, outcome.result, outcome.error)
        except LongwrightError as error:
            log.error("the end of job %s could not be stored", job.id, exc_info=error)
        log.info("job %s: %s", job.id, outcome.state)

    def _model(
        self,
        name: str | None,
        parallel: int,
        adapter: str | None = IN_USE,
        scale: float | None = None,
        context: int | None = None,
    ) -> Backend:
        """The model asked for with its tuning; a change of tuning alone loads no model."""
        backend = self._loaded.get(name, parallel, context)
        tune(backend, self._home, adapter, scale)
        return backend


def serve(home: Home, models: Models, *, idle_seconds: float, leaving: threading.Event) -> bool:
    """Be the writer of `home` until idle or told to leave; False when another one is alive.

    A job that is submitted while the writer leaves is not forgotten: after the lock is free, the
    queue is looked at once more (whoever saw the lock taken had submitted before).
    """
    library = open_library(home)
    lock = WriterLock(home.root)
    try:
        if not lock.acquire(LOCK_WAIT_SECONDS):
            return False
        while True:
            writer = Writer(home, library, models, leaving)
            try:
                writer.run(idle_seconds)
            finally:
                writer.close()
                lock.release()
            if leaving.is_set() or writer.outdated or writer.lacks_key:
                return True
            if not _work_waits(library) or not lock.acquire(LOCK_WAIT_SECONDS):
                return True
    finally:
        library.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of the process; returns the exit code."""
    parser = argparse.ArgumentParser(prog="longwright-writer", description="The writer process of one home.")
    parser.add_argument("--home", type=Path, default=None, help="folder of the library")
    parser.add_argument(
        "--idle-seconds", type=float, default=IDLE_SECONDS, help="leave after so long without work"
    )
    chosen = parser.parse_args(arguments)
    home = open_home(chosen.home)
    log_to_file(home, "writer")
    leaving = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda _number, _frame: leaving.set())
    serve(home, ListedModels(home), idle_seconds=chosen.idle_seconds, leaving=leaving)
    return 0


def _work_waits(library: Library) -> bool:
    """Whether a claim would get a job: one is queued, of a project that is still there."""
    there = {project.id for project in projects.all(library, include_archived=True)}
    queued = (job for job in jobs.all(library, active_only=True) if job.state == "queued")
    return any(job.project_id in there for job in queued)


if __name__ == "__main__":
    raise SystemExit(main())
