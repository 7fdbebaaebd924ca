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
from trainer.runs import stage_policy, workshop
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


def practised(desk: RunDesk, steps: int, first: int = 1) -> None:
    """Steps far from the start, and a checkpoint after the last."""
    for step in range(first, steps + 1):
        desk.run.events.append("step", step=step, **FAR)
    sealed(desk, steps)


def sealed(desk: RunDesk, steps: int) -> None:
    checkpoint = desk.run.checkpoints / f"checkpoint-{steps}"
    checkpoint.mkdir(parents=True)
    for part in PARTS:
        (checkpoint / part).write_text(f'{{"step": {steps}}}')
    seal(checkpoint)


def test_what_is_kept_after_a_kill_is_what_the_guard_had_nothing_against(desk: RunDesk) -> None:
    for step in (1, 2):
        desk.run.events.append("step", step=step, kl=0.1, total=0.0)
    sealed(desk, 2)
    practised(desk, 5, first=3)
    told = stage_policy.work(desk)
    assert (told["steps"], told["kept"]) == (5, 2)
    assert '"step": 2' in (desk.run.root / told["peft"] / PARTS[0]).read_text()


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
        said.append(guards.look({"step": LOOK_BACK} | FAR))
        peft = desk.run.root / "peft"
        return Trained(LOOK_BACK, "guard", said[0] or "", peft, LOOK_BACK - 1, checkpoint, 1.0)

    monkeypatch.setattr(stage_policy, "_rl", one_step)
    told = stage_policy.work(desk)
    assert "too far from the model" in told["ended"]
    assert told["ended"] == said[0]
    assert (told["steps"], told["kept"]) == (LOOK_BACK, LOOK_BACK - 1)
    assert (
        desk.run.events.all("note")[-1]
        .data["sentence"]
        .endswith(f"What it was after step {LOOK_BACK - 1} is kept.")
    )


@pytest.mark.parametrize(
    ("accuracy", "heard"),
    [
        ({"interval": [0.55, 0.8]}, True),
        ({"interval": [0.48, 0.66]}, False),
        ({"interval": None}, False),
        (None, False),
    ],
)
def test_a_judge_that_cannot_be_told_from_chance_ends_no_practice(
    desk: RunDesk, monkeypatch: pytest.MonkeyPatch, accuracy: object, heard: bool
) -> None:
    desk.run.finish("reward_model", {"judge_accuracy": accuracy})
    monkeypatch.setattr(workshop, "reward_model", lambda *_: "the judge")
    assert (stage_policy._proved_judge(desk) is not None) == heard
