"""A writer process for the jobs that wait: started when none is alive, its dead predecessor's job released.

It loads no model and runs no job. A job that waits while no writer is alive (the one at work was killed)
gets a new one from whoever follows it. Called by the pages, the commands and the rest of the clients' side.
"""

from __future__ import annotations

import time
from contextlib import suppress

from engine.errors import LongwrightError
from engine.home import Home
from engine.jobs.lock import WriterLock, writer_alive
from engine.processes import start_detached
from engine.store import jobs
from engine.store.library import Library
from engine.store.schema import Job

START_SECONDS = 60.0
"""Longest wait for a new writer process; importing everything takes about a second."""


class WriterDidNotStart(LongwrightError):
    """The writer process ended before it could take a job."""


def ensure_writer(home: Home, *, idle_seconds: float | None = None) -> None:
    """Start the writer process of a home when none is alive, and wait until it is.

    Raises WriterDidNotStart. The process is detached: it outlives the page and the terminal.
    """
    if writer_alive(home.root):
        return
    arguments = ["--home", str(home.root)]
    if idle_seconds is not None:
        arguments += ["--idle-seconds", str(idle_seconds)]
    console = home.logs / "writer.console.log"
    try:
        process = start_detached("engine.jobs.writer", arguments, console)
    except OSError as error:
        raise WriterDidNotStart(f"The writing did not start: {error.strerror or error}.") from error
    deadline = time.monotonic() + START_SECONDS
    while not writer_alive(home.root):
        if process.poll() == 0:
            return
        if process.poll() is not None or time.monotonic() > deadline:
            raise WriterDidNotStart(f"The writing did not start; the reason is in {console}.")
        time.sleep(0.05)


def set_going(home: Home, library: Library, job: Job) -> None:
    """See to it that somebody takes a queued job. When no writer can be started the job is put to rest
    as failed, with the reason, so that it can be resumed. Raises WriterDidNotStart."""
    try:
        ensure_writer(home)
    except WriterDidNotStart as error:
        jobs.give_up(library, job.id, str(error))
        raise


def keep_going(home: Home, library: Library, job: Job) -> Job:
    """The job as it is, once somebody will take it if it waits: a writer that was killed over another job
    has left it in the queue. It is failed, with the reason, when no writer can be started."""
    if job.state != "queued" or writer_alive(home.root):
        return job
    with suppress(WriterDidNotStart):  # the job itself says so now
        set_going(home, library, job)
    return jobs.get(library, job.id)


def release_dead(home: Home, library: Library) -> None:
    """Whoever can take the writer's lock knows that no writer is at work: no lease need be waited for."""
    with WriterLock(home.root) as lock:
        if lock.acquire():
            jobs.release_running(library)
