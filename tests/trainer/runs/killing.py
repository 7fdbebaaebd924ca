"""`kill -9` of a real run in a named stage, and what must be true afterwards.

Shared by `test_kill.py` (two stages) and `kill_each_stage.py` (all of them, by hand).
"""

from __future__ import annotations

import os
import random
import signal
import time
from dataclasses import dataclass

from engine.backends import adapters
from engine.home import Home
from tests.jobs.conftest import wait_until
from trainer.runs import client
from trainer.runs.folder import RunFolder
from trainer.runs.settings import RunSettings

TINY = RunSettings(steps=2, group_size=2, max_new_tokens=32, save_every=1, seed=3)
"""The smallest run that goes through every stage; a checkpoint after each step."""
PATIENCE = 600.0


@dataclass(frozen=True)
class Kill:
    """Where a run was killed: the stage, the steps that were done, the seconds into the stage."""

    stage: str
    step: int
    seconds: float


def kill_in(home: Home, run: RunFolder, stage: str, dice: random.Random) -> Kill | None:
    """Kill the run's process at a random moment of `stage`; None when the stage was over before."""
    wait_until(lambda: started(run, stage) or client.state_of(home, run) in client.RESTING, patience=PATIENCE)
    began = time.monotonic()
    length = {"policy": 4.0, "prepare": 8.0, "verdict": 2.0}.get(stage, 0.5)
    time.sleep(dice.uniform(0.0, length))
    state = run.state
    if state.stage != stage or state.state != "running":
        return None
    os.kill(state.pid, signal.SIGKILL)
    wait_until(lambda: client.state_of(home, run) == "interrupted", patience=30)
    return Kill(run.state.stage, run.state.step, time.monotonic() - began)


def started(run: RunFolder, stage: str) -> bool:
    """Whether the run has come to that stage."""
    return any(
        event.data["name"] == stage and event.data["state"] == "started" for event in run.events.all("stage")
    )


def faults(home: Home, run: RunFolder) -> list[str]:
    """What is wrong with a run that should be done: nothing, one hopes."""
    found = []
    if (state := client.state_of(home, run)) != "done":
        found.append(f"it is {state}: {run.state.sentence}")
    offered = [
        entry
        for entry in adapters.list_adapters(home)
        if entry.manifest is None or entry.manifest.run == run.id
    ]
    if len(offered) != 1:
        found.append(f"{len(offered)} tuned models were offered")
    if any(entry.problem for entry in offered):
        found.append("the tuned model is damaged")
    if offered and offered[0].name != run.state.adapter:
        found.append("the run names another tuned model")
    left = [path.name for path in home.adapters.iterdir() if path.name.startswith(".")]
    if left:
        found.append(f"left behind: {left}")
    verdict = run.result("verdict") or {}
    if verdict.get("label") not in ("better", "unclear", "worse"):
        found.append("there is no verdict")
    if run.state.step != run.settings.steps:
        found.append(f"{run.state.step} of {run.settings.steps} steps")
    return found
