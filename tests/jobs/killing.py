"""`kill -9` of the real writer with the real model, and what must be true afterwards.

Shared by `test_kill.py` (four times) and `kill_twenty.py` (twenty times, by hand).
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from dataclasses import dataclass

from engine.home import Home
from engine.jobs import client
from engine.store import jobs, outline, versions
from engine.store.library import Library
from engine.store.schema import Job
from tests.jobs.conftest import wait_until, writer_pid

Chunks = list[tuple[str, str, str]]


@dataclass(frozen=True)
class Kill:
    """One kill: the age of the last beat (text younger than that is lost), and what was stored then."""

    seconds_since_beat: float
    chunks: Chunks
    sealed: dict[str, str]


def stored_chunks(home: Home) -> Chunks:
    """All chunks of open drafts, in the order they came."""
    with sqlite3.connect(f"file:{home.library}?mode=ro", uri=True) as database:
        rows = database.execute("SELECT version_id, channel, text FROM chunk ORDER BY seq").fetchall()
    database.close()
    return [(row[0], row[1], row[2]) for row in rows]


def sealed_texts(library: Library, project_id: str) -> dict[str, str]:
    """Every finished version of the project and its text."""
    return {
        version.id: versions.text_of(library, version.id).text
        for row in outline.leaves(library, project_id)
        for version in versions.history(library, row.node.id)
        if version.sealed_at is not None
    }


def kill_while_writing(home: Home, library: Library, job: Job, dice: random.Random) -> Kill | None:
    """Kill the writer at a random moment after it wrote something new; None when it was faster."""
    before = stored_chunks(home), jobs.get(library, job.id).progress.get("words")
    wait_until(
        lambda: (
            jobs.get(library, job.id).state != "running"
            or (stored_chunks(home), jobs.get(library, job.id).progress.get("words")) != before
        )
    )
    time.sleep(dice.uniform(0.0, 1.2))
    if jobs.get(library, job.id).state != "running":
        return None
    os.kill(writer_pid(library, job), signal.SIGKILL)
    killed = time.time()
    # The lease is renewed right behind the text of the same beat, so it tells how old that beat is.
    last_beat = (jobs.get(library, job.id).lease_until or 0.0) - jobs.LEASE_SECONDS
    wait_until(lambda: client.state_of(home, library, jobs.get(library, job.id)) == "interrupted")
    return Kill(killed - last_beat, stored_chunks(home), sealed_texts(library, job.project_id))


def integrity(home: Home) -> str:
    with sqlite3.connect(home.library) as database:
        (answer,) = database.execute("PRAGMA integrity_check").fetchone()
    database.close()
    return str(answer)


def is_kept(kill: Kill, home: Home, library: Library, project_id: str) -> bool:
    """Whether all that was stored at the kill is still there: finished texts as they were, and open
    ones gone on with (their rows first and unchanged, until they are sealed)."""
    sealed = sealed_texts(library, project_id)
    if any(sealed.get(version_id) != text for version_id, text in kill.sealed.items()):
        return False
    chunks = stored_chunks(home)
    for version_id in {row[0] for row in kill.chunks}:
        stored = [row for row in kill.chunks if row[0] == version_id]
        going_on = [row for row in chunks if row[0] == version_id]
        if version_id not in sealed and going_on[: len(stored)] != stored:
            return False
    return True
