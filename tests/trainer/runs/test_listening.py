"""What a run writes down while its policy learns."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest

from engine.home import Home
from engine.store.library import Library
from trainer.policy.prompts import TrainingPrompt
from trainer.policy.rollout import Rollout
from trainer.rewards.completion import parse_completion
from trainer.runs.desk import RunDesk
from trainer.runs.folder import RunFolder
from trainer.runs.listening import Listener
from trainer.runs.material import read_lines
from trainer.runs.settings import RunSettings

PROMPT = TrainingPrompt("p1", "A storm.", (), 10, 20, "en", "choices")


@pytest.fixture
def desk(home: Home, library: Library) -> RunDesk:
    run = RunFolder.create(home, RunSettings(steps=12))
    return RunDesk(home, library, run, run.settings, threading.Event())


def write(prompts: Sequence[TrainingPrompt]) -> list[Rollout]:
    text = "The rain came in from the sea at night."
    return [
        Rollout([1], [2], [1], parse_completion(each.text, text, True, each.low, each.high, False))
        for each in prompts
    ]


def test_a_step_is_an_event_with_its_figures_and_the_run_knows_how_far_it_is(desk: RunDesk) -> None:
    step = {"step": 4, "rewards": {"length": 0.51234}, "kl": 0.02, "entropy": None, "seconds": {"total": 3.5}}
    Listener(desk).on_event(step)
    told = desk.run.events.all("step")[0].data
    assert (told["step"], told["seconds"], told["rewards"], told["kl"]) == (4, 3.5, {"length": 0.5123}, 0.02)
    assert "entropy" not in told
    assert desk.run.state.step == 4


def test_a_step_that_does_not_tell_its_seconds_takes_what_passed_but_not_what_it_stood_aside(
    desk: RunDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("trainer.runs.listening.time.monotonic", lambda: now[0])
    listener = Listener(desk)
    monkeypatch.setattr(RunDesk, "step_aside", lambda _desk: now.__setitem__(0, now[0] + 60))
    now[0] += 25
    assert listener.rest() == ""
    listener.on_event({"step": 1, "loss": 2.0})
    assert desk.run.events.all("step")[0].data["seconds"] == 25.0


def test_reading_own_texts_is_no_practice(desk: RunDesk) -> None:
    Listener(desk, kind="reading").on_event({"step": 1, "loss": 2.0})
    assert desk.run.state.step == 0
    assert desk.run.events.all("step") == []


def test_the_same_requests_are_written_again_every_few_steps_beside_the_base(desk: RunDesk) -> None:
    listener = Listener(desk, [PROMPT], ["What the base wrote."])
    for step in range(1, 13):
        listener.visit(step, write)
    samples = [event.data for event in desk.run.events.all("sample")]
    assert [sample["step"] for sample in samples] == [2, 4, 6, 8, 10, 12]
    assert samples[0]["base"] == "What the base wrote."
    assert samples[0]["tuned"].startswith("The rain")


def test_what_the_judge_thought_is_in_the_log_for_the_guards_after_a_resume(desk: RunDesk) -> None:
    def score(prompts: list[str], _texts: list[str]) -> tuple[object, object]:
        return np.full(len(prompts), 0.7), np.zeros(len(prompts))

    judge = SimpleNamespace(score=score)
    assert Listener(desk, [PROMPT], judge=judge).judged(3, write) == pytest.approx(0.7)  # type: ignore[arg-type]
    assert [event.data for event in desk.run.events.all("judged")] == [{"step": 3, "value": 0.7}]


def test_a_run_too_short_for_samples_writes_none(home: Home, library: Library) -> None:
    run = RunFolder.create(home, RunSettings(steps=2))
    listener = Listener(RunDesk(home, library, run, run.settings, threading.Event()), [PROMPT])
    for step in (1, 2):
        listener.visit(step, write)
    assert run.events.all("sample") == []


def test_the_texts_of_a_step_can_be_read_afterwards(desk: RunDesk) -> None:
    Listener(desk).on_completions(3, write([PROMPT]))
    rows = read_lines(desk.run.completions / "step-000003.jsonl")
    assert [(row["prompt"], row["words"], row["asked"]) for row in rows] == [("A storm.", 9, [10, 20])]


def test_wishes_are_passed_on_between_steps(desk: RunDesk) -> None:
    listener = Listener(desk)
    assert listener.rest() == ""
    desk.run.ask("keep")
    assert listener.rest() == "keep"
    for wish in ("pause", "stop"):
        desk.run.ask(wish)
        assert listener.rest() == "pause"
    desk.run.ask("run")
    desk.leaving.set()
    assert listener.rest() == "pause"
