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
from engine.jobs import watching
from engine.store import jobs, outline, versions
from engine.store.library import Library
from engine.store.schema import Job
from engine.text.segmenting import sentences
from tests.jobs.conftest import wait_until, writer_pid

MOST_SECONDS_LOST = 1.0
"""The bar: text older than this is in the library when the writer is killed."""
LEAST_REPEAT = 16
"""So many characters from the end of a stored text right behind it are no chance."""

Texts = dict[str, str]
"""Texts by the id of their version."""


@dataclass(frozen=True)
class Kill:
    """One kill: the age of the last beat (text younger than that is lost), and what was stored then."""

    seconds_since_beat: float
    sealed: Texts
    growing: Texts


def stored(library: Library, project_id: str) -> tuple[Texts, Texts]:
    """The project's finished texts, and those that are being written."""
    sealed: Texts = {}
    growing: Texts = {}
    for row in outline.leaves(library, project_id):
        for version in versions.history(library, row.node.id):
            kind = growing if version.sealed_at is None else sealed
            kind[version.id] = versions.text_of(library, version.id).text
    return sealed, growing


def kill_while_writing(home: Home, library: Library, job: Job, dice: random.Random) -> Kill | None:
    """Kill the writer at a random moment after it wrote something new; None when it was faster."""
    before = stored(library, job.project_id)
    wait_until(
        lambda: jobs.get(library, job.id).state != "running" or stored(library, job.project_id) != before
    )
    time.sleep(dice.uniform(0.0, 1.2))
    if jobs.get(library, job.id).state != "running":
        return None
    os.kill(writer_pid(library, job), signal.SIGKILL)
    killed = time.time()
    # The lease is renewed right behind the text of the same beat, so it tells how old that beat is.
    last_beat = (jobs.get(library, job.id).lease_until or 0.0) - jobs.LEASE_SECONDS
    wait_until(lambda: watching.state_of(home, library, jobs.get(library, job.id)) == "interrupted")
    return Kill(killed - last_beat, *stored(library, job.project_id))


def integrity(home: Home) -> str:
    with sqlite3.connect(home.library) as database:
        (answer,) = database.execute("PRAGMA integrity_check").fetchone()
    database.close()
    return str(answer)


def missed(kill: Kill, texts: Texts) -> list[str]:
    """What a kill cost that it must not cost, one sentence each, by the `texts` that are there later."""
    found = []
    if kill.seconds_since_beat > MOST_SECONDS_LOST:
        found.append(f"the last beat was {kill.seconds_since_beat:.2f} s old")
    for version_id, text in kill.sealed.items():
        if texts.get(version_id) != text:
            found.append(f"the finished version {version_id} is another: {text!r}")
    for version_id, text in kill.growing.items():
        if not goes_on(text, texts.get(version_id, "")):
            found.append(f"{text!r} did not go on: {texts.get(version_id)!r}")
    return found


def goes_on(before: str, after: str) -> bool:
    """Whether `after` goes on from `before`: all of it is there, in its place, and none of it twice.

    White space may differ (paragraphs are set apart when a section ends), and so may the sentence that
    was being written: it is taken back when it turns out to be a repetition, or when the section is
    better ended before it. A sentence that comes again later is not looked for here.
    """
    stored, whole = _bare(before), _bare(after)
    ends = (stored[-length:] for length in range(LEAST_REPEAT, len(stored) + 1))
    again = any(whole.startswith(stored + end) for end in ends)
    return whole.startswith(_bare("".join(_for_good(before)))) and not again


def _for_good(text: str) -> list[str]:
    """The sentences that nothing can take back. A sentence is judged when the first word of the next one
    is there, so behind a single word the one before it may still go."""
    *whole, running = sentences(text) or [""]
    return whole if len(running.split()) > 1 else whole[:-1]


def _bare(text: str) -> str:
    return "".join(text.split())
