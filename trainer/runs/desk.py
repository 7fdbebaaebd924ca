"""What a stage of a run gets to work with, and how it hears that it shall stop.

`check` is called between pieces of work that may be repeated; it raises `Leave`, which only
`trainer.runs.process` catches. The desk also steps aside while a draft is being written: two
programs on all cores of one machine are far slower than one after the other.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.home import Home
from engine.jobs.lock import writer_alive
from engine.store import jobs
from engine.store.library import Library
from engine.store.schema import now
from trainer.runs.folder import RunFolder
from trainer.runs.settings import RunSettings

ASIDE_SECONDS = 0.5
ASIDE = "Waiting while a draft is being written; the training goes on by itself afterwards."


class Leave(Exception):
    """The person asked for a rest, or the process shall end: carry the state to rest in."""

    def __init__(self, state: Literal["paused", "stopped"]) -> None:
        super().__init__(state)
        self.state = state


@dataclass(frozen=True)
class RunDesk:
    """One run on the desk of its process. `leaving` is set by SIGTERM. `shelf`: what one stage loaded and
    the next can use (`trainer.runs.workshop`)."""

    home: Home
    library: Library
    run: RunFolder
    settings: RunSettings
    leaving: threading.Event
    shelf: dict[str, Any] = field(default_factory=dict)

    def rest(self) -> Literal["paused", "stopped"] | None:
        """The state to rest in, where somebody asked for that."""
        wish = self.run.wish
        if wish == "stop":
            return "stopped"
        return "paused" if wish == "pause" or self.leaving.is_set() else None

    def check(self) -> None:
        """Raise `Leave` when the run shall rest; wait here while a draft is being written."""
        self._leave()
        self.step_aside()
        self._leave()

    def step_aside(self) -> None:
        """Wait while a draft is being written, or until the run shall rest; never raises."""
        if not self._drafting():
            return
        self.run.tell(state="waiting", sentence=ASIDE)
        while self.rest() is None and self._drafting():
            self.leaving.wait(ASIDE_SECONDS)
        self.run.tell(state="running", sentence="")

    @property
    def keep(self) -> bool:
        """Whether the learning shall end here and what was learned be kept."""
        return self.run.wish == "keep"

    def note(self, sentence: str) -> None:
        """Say something to the writer, once."""
        if sentence not in {event.data.get("sentence") for event in self.run.events.all("note")}:
            self.run.events.append("note", sentence=sentence)

    def _leave(self) -> None:
        state = self.rest()
        if state is not None:
            raise Leave(state)

    def _drafting(self) -> bool:
        at = now()
        return writer_alive(self.home.root) and any(
            job.state == "running" and not jobs.is_interrupted(job, at)
            for job in jobs.all(self.library, active_only=True)
        )


class Clock:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        """Rounded for a log."""
        return round(time.monotonic() - self._start, 2)
