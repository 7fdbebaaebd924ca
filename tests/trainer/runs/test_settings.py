"""What a run's settings imply."""

from __future__ import annotations

import threading

import pytest

from engine.home import Home
from engine.store.library import Library
from trainer.runs import workshop
from trainer.runs.desk import RunDesk
from trainer.runs.folder import RunFolder
from trainer.runs.settings import RunSettings


@pytest.mark.parametrize(("steps", "requests"), [(2, 1), (9, 1), (10, 2), (40, 2)])
def test_a_rehearsal_takes_one_request_a_step_and_a_real_run_two(
    home: Home, library: Library, steps: int, requests: int
) -> None:
    chosen = RunSettings(steps=steps)
    desk = RunDesk(home, library, RunFolder.create(home, chosen), chosen, threading.Event())
    settings = workshop.policy_settings(desk)
    assert (settings.prompts_per_step, settings.group_size) == (requests, 8)


def test_a_short_run_rewrites_no_samples_and_a_long_one_six_times() -> None:
    assert [RunSettings(steps=steps).sample_every for steps in (2, 5, 6, 40, 42)] == [0, 0, 1, 7, 7]
