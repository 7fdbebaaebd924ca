"""The real process and model: a signal, a resume, an end before time, and going on from the result."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import closing

import pytest

from engine.backends import adapters
from engine.home import Home
from engine.store.library import Library
from tests.jobs.conftest import wait_until
from tests.trainer.runs.choices import add_choices
from tests.trainer.runs.killing import TINY, faults
from trainer.adapters.gguf_lora import write_gguf_lora
from trainer.evaluation.sampling import sample_side
from trainer.runs import client, workshop
from trainer.runs.desk import RunDesk
from trainer.runs.events import steps
from trainer.runs.folder import RunFolder
from trainer.runs.material import read_lines
from trainer.runs.report import report
from trainer.runs.requests import read_prompts
from trainer.runs.stage_prepare import kept_start


def practised(home: Home, run: RunFolder, least: int) -> None:
    """Wait until so many steps are done."""
    wait_until(lambda: run.state.step >= least or client.state_of(home, run) in client.RESTING, patience=300)
    assert client.state_of(home, run) == "running", run.state.sentence


@pytest.mark.timeout(900)
def test_a_run_rests_on_a_signal_goes_on_is_ended_early_and_its_model_is_gone_on_from(
    home: Home, library: Library
) -> None:
    add_choices(library, 36, 12)
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
    assert entry.manifest.records == 36

    copying = TINY.model_copy(update={"method": "sft", "from_adapter": name, "steps": 1})
    second = client.start(home, library, copying)
    assert client.wait(home, second) == "done", second.state.sentence
    assert report(home, second)["steps"] == 1
    assert len(adapters.list_adapters(home)) == 2
    assert compared_with(home, library, second) == "what it began from"


def compared_with(home: Home, library: Library, run: RunFolder) -> str:
    """Whose texts the verdict took for the base's, found by writing them again."""
    rows = read_lines(run.root / "verdict" / "texts.jsonl")
    asked = read_prompts(run.data / "verdict.jsonl")
    asked = [prompt for prompt in asked for _ in range(len(rows) // len(asked))]
    start = run.root / "start.gguf"
    desk = RunDesk(home, library, run, run.settings, threading.Event())
    write_gguf_lora(kept_start(desk) or run.root, start, workshop.chosen_base(desk).shape)
    with closing(workshop.drafter(desk)) as drafter:
        for name, adapter in (("the bare model", None), ("what it began from", start)):
            texts = sample_side(drafter, asked, adapter)
            if [text.answer for text in texts] == [row["base"]["text"] for row in rows]:
                return name
    return "something else"
