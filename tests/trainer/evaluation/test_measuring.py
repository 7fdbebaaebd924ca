"""What the texts of two models are worth on the guards of the verdict."""

from __future__ import annotations

import pytest

from tests.trainer.rewards.texts import DIALOGUE, NOVEL, PROSE, REQUEST
from trainer.evaluation.measuring import quality_measure
from trainer.reward_model.embedding import Embedder
from trainer.reward_model.model import RewardModel
from trainer.reward_model.prior import load_prior
from trainer.rewards.completion import Completion, parse_completion

SOUND = (NOVEL, DIALOGUE, PROSE["short sentences"], PROSE["letter"])


@pytest.fixture(scope="module")
def prior() -> RewardModel:
    return load_prior(Embedder.load("cpu"))


def texts(*answers: str) -> list[Completion]:
    return [parse_completion(REQUEST, answer, True, 70, 130, own_tags=False) for answer in answers]


def loose_lines(text: str) -> str:
    """The words of a text as lines that say nothing and come to no end."""
    words = text.split()
    return "\n\n".join(" ".join(words[place::9][:4]) for place in range(9)) + "\n\nSourdough"


def test_texts_that_fall_apart_lose_general_quality(prior: RewardModel) -> None:
    fallen = texts(*map(loose_lines, SOUND))
    measure = quality_measure(prior, texts(*SOUND), fallen, range(len(SOUND)))
    assert measure.difference.high is not None
    assert measure.difference.high < 0
    assert 0 <= (measure.tuned.value or 0) < (measure.base.value or 0) <= 1


def test_the_same_texts_lose_nothing(prior: RewardModel) -> None:
    measure = quality_measure(prior, texts(*SOUND), texts(*SOUND), range(len(SOUND)))
    assert measure.difference.value == 0
