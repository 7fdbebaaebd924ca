"""The real process and model: a signal, a resume, an end before time, and going on from the result."""

from __future__ import annotations

import os
import signal

import pytest

from engine.backends import adapters
from engine.home import Home
from engine.store.library import Library
from tests.jobs.conftest import wait_until
from tests.trainer.runs.choices import add_choices
from tests.trainer.runs.killing import TINY, faults
from trainer.runs import client
from trainer.runs.events import steps
from trainer.runs.folder import RunFolder
from trainer.runs.report import report


def practised(home: Home, run: RunFolder, least: int) -> None:
    """Wait until so many steps are done."""
    wait_until(lambda: run.state.step >= least or client.state_of(home, run) in client.RESTING, patience=300)
    assert client.state_of(home, run) == "running", run.state.sentence


@pytest.mark.timeout(900)
def test_a_run_rests_on_a_signal_goes_on_is_ended_early_and_its_model_is_gone_on_from(
    home: Home, library: Library
) -> None:
    add_choices(library, 24, 8)
    run = client.start(home, library, TINY.model_copy(update={"steps": 9, "save_every": 30}))
    practised(home, run, 1)
    os.kill(run.state.pid, signal.SIGTERM)
    assert client.wait(home, run) == "paused"
    saved = run.state.step
    client.resume(home, run.id)
    practised(home, run, saved + 1)
    # The signal wrote a checkpoint of the very step; no step was done twice.
    done = [event.data["step"] for event in run.events.all("step")]
    assert done == sorted(set(done))
    client.stop(home, run.id, keep=True)
    assert client.wait(home, run) == "done", run.state.sentence
    assert [fault for fault in faults(home, run) if "steps" not in fault] == []
    assert saved < len(steps(run.events.all())) < 9
    name = run.state.adapter or ""
    entry = adapters.get(home, name)
    assert entry.manifest is not None
    assert entry.manifest.records == 24

    copying = TINY.model_copy(update={"method": "sft", "from_adapter": name, "steps": 1})
    second = client.start(home, library, copying)
    assert client.wait(home, second) == "done", second.state.sentence
    assert report(home, second)["steps"] == 1
    assert len(adapters.list_adapters(home)) == 2
