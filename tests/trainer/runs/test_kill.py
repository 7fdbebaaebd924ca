"""A run that is killed in the middle: the real process, the real model, `kill -9`."""

from __future__ import annotations

import random

import pytest

from engine.home import Home
from engine.store.library import Library
from tests.trainer.runs.choices import add_choices
from tests.trainer.runs.killing import TINY, faults, kill_in
from trainer.runs import client
from trainer.runs.events import steps
from trainer.runs.report import report


@pytest.mark.timeout(900)
def test_a_killed_run_is_resumed_and_offers_one_tuned_model(home: Home, library: Library) -> None:
    add_choices(library, 36, 12)
    dice = random.Random(11)
    run = client.start(home, library, TINY)
    for stage in ("policy", "verdict"):
        kill = kill_in(home, run, stage, dice)
        assert kill is not None, f"{stage} was over before it could be killed"
        client.resume(home, run.id)
    client.wait(home, run)
    assert faults(home, run) == []
    assert [event.data["step"] for event in steps(run.events.all())] == [1, 2]
    told = report(home, run)
    assert set(told["rewards"]) >= {"length", "format", "prior"}
    assert told["verdict"]["measures"]["S_l"]["tuned"]["value"] is not None
    assert (run.root / "blind.json").exists()
    assert list(run.completions.glob("step-*.jsonl"))
