"""Practising again after a kill: what the guards had seen still counts. No model is loaded."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from engine.home import Home
from engine.store.library import Library
from trainer.policy.checkpoints import PARTS, seal
from trainer.policy.foreign import Foreign
from trainer.policy.guards import LOOK_BACK, Guards
from trainer.policy.hooks import Trained
from trainer.runs import stage_policy
from trainer.runs.chosen_base import ChosenBase
from trainer.runs.desk import RunDesk
from trainer.runs.folder import RunFolder
from trainer.runs.settings import RunSettings

FAR = {"kl": 0.8, "entropy": 2.0, "repetition": 0.1, "total": 0.2}


@pytest.fixture
def desk(home: Home, library: Library) -> RunDesk:
    run = RunFolder.create(home, RunSettings(steps=40))
    base = ChosenBase("m", Path("m.gguf"), "", 2048, None)
    return RunDesk(home, library, run, run.settings, threading.Event(), {"chosen": base})


def practised(desk: RunDesk, steps: int) -> None:
    """So many steps far from the start, and a checkpoint after the last."""
    for step in range(1, steps + 1):
        desk.run.events.append("step", step=step, **FAR)
    checkpoint = desk.run.checkpoints / f"checkpoint-{steps}"
    checkpoint.mkdir(parents=True)
    for part in PARTS:
        (checkpoint / part).write_bytes(b"{}")
    seal(checkpoint)


def test_a_run_that_a_guard_ended_takes_no_step_more_when_its_process_was_killed(desk: RunDesk) -> None:
    practised(desk, LOOK_BACK)
    told = stage_policy.work(desk)
    assert told["steps"] == LOOK_BACK
    assert "too far from the model" in told["ended"]
    assert (desk.run.root / told["peft"] / PARTS[0]).is_file()
    (note,) = desk.run.events.all("note")
    assert note.data["sentence"] == f"The practice was ended at step {LOOK_BACK}: {told['ended']}"


def test_the_guards_go_on_from_what_they_saw_before_the_pause(
    desk: RunDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    practised(desk, LOOK_BACK - 1)
    desk.run.events.append("step", step=LOOK_BACK, **FAR)  # behind the checkpoint: it is taken again
    said: list[str | None] = []

    def one_step(_desk: RunDesk, _settings: Foreign, checkpoint: Path, guards: Guards) -> Trained:
        said.append(guards.look(FAR))
        return Trained(LOOK_BACK, "guard", said[0] or "", desk.run.root / "peft", checkpoint, 1.0)

    monkeypatch.setattr(stage_policy, "_rl", one_step)
    assert "too far from the model" in stage_policy.work(desk)["ended"]
    assert said[0]
