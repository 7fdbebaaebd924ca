"""What a stage of a run is, and the rule by which stages are resumed.

A stage is a function from the desk to its result. The result is kept by one rename; a stage whose
result is there is never run again, and a stage that was cut short is run anew (the learning itself
goes on from its last checkpoint). So a run that is killed anywhere and resumed comes to the same end.
Called by `trainer.runs.process` with the stages of `trainer.runs.stages`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from trainer.runs.desk import Clock, RunDesk

log = logging.getLogger("longwright.trainer")


@dataclass(frozen=True)
class Stage:
    """A stage: its name in the folder, what the writer reads while it runs, the work, and whether this run
    has any for it."""

    name: str
    words: str
    work: Callable[[RunDesk], dict[str, Any]]
    needed: Callable[[RunDesk], bool] = lambda _desk: True


def run_stages(desk: RunDesk, stages: Sequence[Stage]) -> None:
    """Work through `stages`; finished ones are kept. Raises `Leave` and what a stage raises."""
    for stage in stages:
        if desk.run.result(stage.name) is not None:
            desk.run.events.append("stage", name=stage.name, state="kept")
            continue
        if not stage.needed(desk):
            continue
        desk.check()
        desk.run.tell(stage=stage.name)
        desk.run.events.append("stage", name=stage.name, state="started", words=stage.words)
        clock = Clock()
        result = stage.work(desk)
        desk.run.finish(stage.name, result)
        desk.run.events.append("stage", name=stage.name, state="finished", seconds=clock.seconds)
        log.info("stage %s took %.1f s", stage.name, clock.seconds)
