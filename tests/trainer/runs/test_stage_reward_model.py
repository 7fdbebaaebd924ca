"""The teacher and the judge: each learned from its own records, each measured on the other's."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
from torch import OutOfMemoryError

from engine.errors import ModelTooLarge, TrainingDiverged
from engine.home import Home
from engine.store.library import Library
from tests.trainer.runs.choices import add_choices
from trainer.evaluation.intervals import drawn_rows
from trainer.reward_model import lora, lora_training
from trainer.reward_model.crossval import Evidence
from trainer.reward_model.model import RewardModel
from trainer.runs.desk import Leave, RunDesk
from trainer.runs.files import write_text
from trainer.runs.folder import RunFolder
from trainer.runs.large_teacher import try_lora
from trainer.runs.material import write_records
from trainer.runs.preflight import gather, split
from trainer.runs.settings import RunSettings
from trainer.runs.stage_reward_model import JUDGE, TEACHER, work
from trainer.runs.workshop import reward_model, teacher


@pytest.fixture
def desk(home: Home, library: Library) -> RunDesk:
    run = RunFolder.create(home, RunSettings())
    return RunDesk(home, library, run, run.settings, threading.Event())


def learn_from(desk: RunDesk, count: int, prompts: int, noise: float = 0.0) -> dict[str, object]:
    if count:
        add_choices(desk.library, count, prompts, noise=noise)
        parts = split(gather(desk.library, desk.settings).records)
        write_records(desk.run.data / "learned.jsonl", parts.learned)
        write_records(desk.run.data / "unseen.jsonl", parts.unseen)
    return work(desk)


def test_a_plain_taste_is_learned_by_both(desk: RunDesk) -> None:
    result = learn_from(desk, 60, 20, noise=0.1)
    assert result["evidence"]["evidence_weight"] > 0.2
    assert result["accuracy_on_unseen"]["value"] > 0.7
    assert result["judge_accuracy"]["interval"][0] > 0.5
    for name in (TEACHER, JUDGE):
        model = reward_model(desk, name)
        assert model is not None
        (brisk, slow), _ = model.score(
            ["A scene."] * 2, ["Rain fell. She ran. “Stop!”", "The rain, which had " * 9]
        )
        assert brisk > slow


def test_the_judge_who_dissents_most_does_not_set_the_bound_of_a_verdict(desk: RunDesk) -> None:
    learn_from(desk, 60, 20, noise=0.1)
    judge = reward_model(desk, JUDGE)
    assert judge is not None
    wins = np.ones((30, len(judge.members)))
    wins[:, 0] = 0
    assert drawn_rows(wins, range(30)).low == 1


def test_a_coin_teaches_nothing(desk: RunDesk) -> None:
    result = learn_from(desk, 60, 20, noise=0.5)
    assert result["evidence"]["evidence_weight"] < 0.1


def test_few_choices_have_a_teacher_without_weight_and_no_judge(desk: RunDesk) -> None:
    result = learn_from(desk, 6, 3)
    assert result["evidence"]["evidence_weight"] == 0
    assert "judge_accuracy" not in result
    assert reward_model(desk, TEACHER) is not None
    assert reward_model(desk, JUDGE) is None


def test_without_choices_the_stage_says_so(desk: RunDesk) -> None:
    result = learn_from(desk, 0, 0)
    assert result["evidence"]["evidence_weight"] == 0
    assert reward_model(desk, TEACHER) is None


def test_what_a_killed_attempt_kept_teaches_nothing(desk: RunDesk) -> None:
    write_text(desk.run.root / TEACHER / "lora.json", "{}")
    learn_from(desk, 6, 3)
    assert isinstance(teacher(desk, TEACHER), RewardModel)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ModelTooLarge("No room."), "does not fit"),
        (OutOfMemoryError("CUDA out of memory."), "does not fit"),
        (TrainingDiverged("No number."), "no numbers"),
    ],
)
def test_where_the_larger_model_cannot_be_trained_the_small_one_serves(
    desk: RunDesk, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def failing(*_given: object) -> None:
        raise error

    monkeypatch.setattr(lora, "fits", lambda _count, _parameters: True)
    monkeypatch.setattr(lora_training, "judge", failing)
    add_choices(desk.library, 6, 3)
    linear = Evidence(6, 6, 3)
    folder = desk.run.root / TEACHER
    assert try_lora(desk, gather(desk.library, desk.settings).records, linear, folder) is linear
    (note,) = desk.run.events.all("note")
    assert words in note.data["sentence"]
    assert not folder.exists()


def test_a_rest_is_heard_while_the_larger_model_is_tried(
    desk: RunDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judging(*given: Callable[[], None]) -> None:
        desk.leaving.set()
        given[-1]()

    monkeypatch.setattr(lora, "fits", lambda _count, _parameters: True)
    monkeypatch.setattr(lora_training, "judge", judging)
    add_choices(desk.library, 6, 3)
    with pytest.raises(Leave):
        try_lora(
            desk, gather(desk.library, desk.settings).records, Evidence(6, 6, 3), desk.run.root / TEACHER
        )
