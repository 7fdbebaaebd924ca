"""What a kind of job gets to work with, and what it hands back; shared by draft and outline jobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.backends.protocol import Backend
from engine.backends.tuning import IN_USE
from engine.jobs.beat import Beat
from engine.store.library import Library
from engine.store.schema import Job


class LoadModel(Protocol):
    """Loads a model by name for so many texts at once, holding `context` tokens (None: the default), or
    gives the one that is loaded, with the tuned model over it that `engine.backends.tuning.tune` finds for
    `adapter` and `scale`."""

    def __call__(
        self,
        name: str | None,
        parallel: int,
        adapter: str | None = IN_USE,
        scale: float | None = None,
        context: int | None = None,
    ) -> Backend:
        """Raises what `opening.open_backend` raises."""
        ...


@dataclass(frozen=True)
class Outcome:
    """The state a job comes to rest in: done, paused, stopped or failed (then with one sentence)."""

    state: str
    result: dict[str, Any] = field(default_factory=dict)
    error: str | None = None


class Left(Exception):
    """The person asked for a pause or a stop in the middle of the work."""


@dataclass(frozen=True)
class Desk:
    """One job on the writer's desk."""

    library: Library
    job: Job
    beat: Beat
    model: LoadModel

    def leave_if_asked(self) -> None:
        """Raises `Left` when the person asked for a pause or a stop, and what storing the text raised."""
        if self.beat.should_stop():
            raise Left

    def left(self) -> Outcome:
        """Where a job that was left comes to rest."""
        return Outcome("stopped" if self.beat.asked == "stop" else "paused")
