"""What a kind of job gets to work with, and what it hands back; shared by draft and outline jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.backends.protocol import Backend
from engine.jobs.beat import Beat
from engine.store.library import Library
from engine.store.schema import Job


@dataclass(frozen=True)
class Desk:
    """One job on the writer's desk. `model` loads a model by name for so many texts at once."""

    library: Library
    job: Job
    beat: Beat
    model: Callable[[str | None, int], Backend]


@dataclass(frozen=True)
class Outcome:
    """The state a job comes to rest in: done, paused, stopped or failed (then with one sentence)."""

    state: str
    result: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
