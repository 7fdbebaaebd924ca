from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import TrainingError
from tests.trainer.reward_model.made import WordEmbedder, records
from trainer.evaluation.simulated_writer import brisk
from trainer.reward_model.learn import learn
from trainer.reward_model.model import RewardModel

MADE = records(120, brisk, noise=0.1, seed=5, prompts=60)
CALM = (
    "The sea was grey, and the keeper, who had seen it so for thirty years, went down to the boat again. " * 5
)
BRISK = "“Go!” she said. “Now.” He ran. The door shut. “Wait for me.” “No.” She left. " * 5
PROMPT = "Write a short scene by the sea."


@pytest.fixture(scope="module")
def model(words: WordEmbedder) -> RewardModel:
    return learn(MADE, words).model


def test_it_likes_what_the_writer_likes(model: RewardModel) -> None:
    scores, spreads = model.score([PROMPT, PROMPT], [BRISK, CALM])
    assert scores[0] > scores[1]
    assert (spreads > 0).all()
    assert any(
        "dialogue" in liked or "speech" in liked or "shorter sentences" in liked for liked in model.likes()
    )


def test_a_text_is_scored_the_same_in_any_company(model: RewardModel) -> None:
    alone = model.score([PROMPT], [BRISK])
    beside = model.score([PROMPT] * 3, [CALM, BRISK, BRISK])
    assert beside[0][1:] == pytest.approx([alone[0][0]] * 2)
    assert beside[1][2] == pytest.approx(alone[1][0])


def test_comparing_two_texts_is_the_difference_of_their_scores(model: RewardModel) -> None:
    margins, spreads = model.compare([PROMPT], [BRISK], [CALM])
    scores, _ = model.score([PROMPT, PROMPT], [BRISK, CALM])
    assert margins[0] == pytest.approx(scores[0] - scores[1])
    assert spreads[0] > 0
    assert model.compare([PROMPT], [CALM], [CALM])[1][0] == pytest.approx(0)


def test_an_empty_text_is_worse_than_any_other(model: RewardModel) -> None:
    scores, _ = model.score([PROMPT] * 3, ["", CALM, "no " * 200])
    assert scores[0] <= scores[1:].min()
    assert np.isfinite(scores).all()
    assert model.score([], [])[0].shape == (0,)


def test_it_is_read_back_as_it_was_written(model: RewardModel, words: WordEmbedder, tmp_path: Path) -> None:
    model.save(tmp_path / "kept")
    back = RewardModel.load(tmp_path / "kept", words)
    assert (back.score([PROMPT], [BRISK])[0] == model.score([PROMPT], [BRISK])[0]).all()
    assert back.about == model.about
    model.save(tmp_path / "again")
    for name in ("model.npz", "model.json"):
        assert (tmp_path / "kept" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


@pytest.mark.parametrize("damage", ["missing", "cut", "json", "columns"])
def test_a_damaged_model_is_one_sentence(
    model: RewardModel, words: WordEmbedder, tmp_path: Path, damage: str
) -> None:
    model.save(tmp_path)
    arrays, told = tmp_path / "model.npz", tmp_path / "model.json"
    if damage == "missing":
        arrays.unlink()
    elif damage == "cut":
        arrays.write_bytes(arrays.read_bytes()[:200])
    elif damage == "json":
        told.write_text("{", encoding="utf-8")
    else:
        told.write_text(told.read_text(encoding="utf-8").replace("commas", "kommas"), encoding="utf-8")
    with pytest.raises(TrainingError, match="fit it again"):
        RewardModel.load(tmp_path, words)


def test_nothing_to_learn_from_is_one_sentence(words: WordEmbedder) -> None:
    with pytest.raises(TrainingError, match="nothing to learn"):
        learn([], words)


def test_one_record_gives_a_model_without_evidence(words: WordEmbedder) -> None:
    learned = learn(MADE[:1], words)
    assert learned.evidence.evidence_weight == 0
    assert np.isfinite(learned.model.score([PROMPT], [CALM])[0]).all()
