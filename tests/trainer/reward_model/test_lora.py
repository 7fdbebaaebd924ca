from __future__ import annotations

import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.backends.catalogue import embedded_model
from engine.errors import TrainingError
from trainer.preferences.record import PreferenceRecord
from trainer.reward_model import lora_training
from trainer.reward_model.crossval import Evidence
from trainer.reward_model.lora import LoraRewardModel, LoraSettings, choose, fits, from_file
from trainer.reward_model.lora_training import Check, out_of_fold, train

LINEAR = Evidence(600, 600, 300, log_loss=0.60, evidence_weight=0.4)
TINY = LoraSettings(rank=2, steps=2, pairs_per_step=2, members=2, most_tokens=64, learning_rate=1e-3)
PROMPT = "Write a short scene by the sea."
LOAD = from_file(embedded_model())
RECORDS = [
    PreferenceRecord(
        str(number), f"{PROMPT} Number {number}.", (), "“Go!” she said. He ran.", "The sea was grey and wide."
    )
    for number in range(4)
]


def test_it_is_for_many_records_on_larger_bases() -> None:
    assert fits(500, 1_000_000_000)
    assert not fits(499, 1_000_000_000)
    assert not fits(5000, 135_000_000)


def test_it_is_chosen_only_where_it_wins() -> None:
    assert choose(LINEAR, None) == "linear"
    assert choose(LINEAR, replace(LINEAR, evidence_weight=0.5)) == "lora"
    assert choose(LINEAR, replace(LINEAR, evidence_weight=0.3, log_loss=0.1)) == "linear"
    assert choose(LINEAR, replace(LINEAR, log_loss=0.55)) == "lora"
    assert choose(LINEAR, LINEAR) == "linear"
    nothing = replace(LINEAR, evidence_weight=0.0)
    assert choose(nothing, replace(nothing, log_loss=0.1)) == "linear"


def test_ties_alone_are_nothing_to_learn_from(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="nothing to learn"):
        train([replace(RECORDS[0], tie=True)], LOAD, tmp_path)


class _Scores:
    """A model that finds every text alike."""

    def scores(self, _prompts: list[str], texts: list[str]) -> np.ndarray:
        return np.zeros((1, len(texts)))


def test_one_fold_is_gone_from_memory_before_the_next_is_loaded_and_each_may_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[weakref.ref[_Scores]] = []
    asked: list[int] = []

    def training(*_given: object, check: Check) -> _Scores:
        assert [one() for one in made] == [None] * len(made)
        check()
        model = _Scores()
        made.append(weakref.ref(model))
        return model

    monkeypatch.setattr(lora_training, "train", training)
    out_of_fold(RECORDS, LOAD, tmp_path, TINY, check=lambda: asked.append(1))
    assert len(made) == len(asked) > 1


@pytest.mark.filterwarnings(
    "ignore:`(is_)?gradient_checkpointing` is deprecated:FutureWarning"
)  # TRL 1.16's names
def test_two_steps_on_the_embedded_model_train_save_and_score(tmp_path: Path) -> None:
    asked: list[int] = []
    model = train(RECORDS, LOAD, tmp_path / "scratch", TINY, check=lambda: asked.append(1))
    assert len(asked) == TINY.members * (1 + TINY.steps)
    texts = ["“Go!” she said. He ran.", "The sea was grey and wide.", "One more."]
    means, spreads = model.score([PROMPT] * 3, texts)
    assert np.isfinite(means).all()
    assert (spreads > 0).any()
    alone, _ = model.score([PROMPT, PROMPT, "Another one."], texts)
    assert alone[2] == 0  # the only text of its request is neither better nor worse than its like
    assert alone[0] == pytest.approx(-alone[1])
    raw = model.scores([RECORDS[0].prompt], texts[:1])
    assert raw.shape == (2, 1)
    assert raw[0, 0] != raw[1, 0]
    model.save(tmp_path / "kept")
    back = LoraRewardModel.load(tmp_path / "kept", LOAD)
    assert back.score([PROMPT] * 3, texts)[0] == pytest.approx(means, abs=1e-4)
