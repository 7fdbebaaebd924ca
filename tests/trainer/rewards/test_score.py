from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from engine.errors import TrainingDiverged
from tests.trainer.rewards.test_overlap import Letters
from tests.trainer.rewards.texts import DIALOGUE, NOVEL, PROSE, REQUEST
from trainer.rewards.combine import advantages, evidence_weights
from trainer.rewards.completion import Completion, parse_completion
from trainer.rewards.score import NOISE, score_all
from trainer.rewards.writing import WORST

Floats = npt.NDArray[np.floating]


class LikesQuestions:
    """Scores a text by its question marks, with the same doubt for each."""

    def __init__(self, doubt: float = 0.25) -> None:
        self.doubt = doubt

    def score(self, prompts: Sequence[str], texts: Sequence[str]) -> tuple[Floats, Floats]:
        assert list(prompts) == [REQUEST] * len(texts)
        return np.array([float(text.count("?")) for text in texts]), np.full(len(texts), self.doubt)


def batch(*answers: str) -> list[Completion]:
    return [parse_completion(REQUEST, answer, True, 70, 130, own_tags=False) for answer in answers]


def test_every_reward_is_there_with_its_noise() -> None:
    scored = score_all(batch(NOVEL, DIALOGUE), LikesQuestions(), Letters(), personal=LikesQuestions(0.5))
    assert set(scored.rewards) == {"length", "format", "personal", "prior"}
    assert scored.rewards["length"] == [1, 1]
    assert scored.rewards["prior"] == [-0.25, 2.75]
    assert scored.noise == NOISE | {"personal": 0.5, "prior": 0.25}
    assert scored.failed == [False, False]
    assert scored.details[1].scores == {"personal": (3.0, 0.5), "prior": (3.0, 0.25)}


def test_without_a_taste_there_is_only_the_prior() -> None:
    assert set(score_all(batch(NOVEL), LikesQuestions(), Letters()).rewards) == {"length", "format", "prior"}


def test_a_degenerate_text_cannot_earn_what_the_scorer_would_give_it() -> None:
    scored = score_all(batch(NOVEL, "Who is it? " * 40), LikesQuestions(), Letters())
    assert scored.rewards["prior"][1] == WORST
    assert scored.failed == [False, True]
    assert scored.details[1].failure == "repeats itself"


def test_the_rewards_fit_the_advantages() -> None:
    completions = batch(NOVEL, DIALOGUE, PROSE["short sentences"], "")
    scored = score_all(completions, LikesQuestions(), Letters(), personal=LikesQuestions())
    combined = advantages(
        scored.rewards, [0] * 4, weights=evidence_weights(0.5), noise=scored.noise, failed=scored.failed
    )
    assert combined.total[3] < 0
    assert combined.total[1] == max(combined.total)


def test_a_scorer_that_gives_no_number_stops_the_step() -> None:
    with pytest.raises(TrainingDiverged):
        score_all(batch(NOVEL), LikesQuestions(math.nan), Letters())


def test_an_empty_batch_has_no_rewards() -> None:
    assert score_all([], LikesQuestions(), Letters()).failed == []
