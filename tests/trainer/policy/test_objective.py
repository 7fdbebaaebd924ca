from __future__ import annotations

import pytest

from engine.errors import TrainingError
from trainer.policy.objective import Objective
from trainer.policy.prompts import TrainingPrompt
from trainer.rewards.score import Scored


def test_there_is_nothing_to_train_for_without_a_request() -> None:
    with pytest.raises(TrainingError, match="no request to practise on"):
        Objective([], lambda _: Scored({}, {}, [], []), {"length": 1.0})


def test_what_texts_earned_is_told_by_the_weights_and_not_by_what_counts_nothing() -> None:
    rewards = {"length": [0.2, 0.4], "prior": [1.0, 2.0], "personal": [9.0, -30.0]}
    weights = {"length": 0.5, "prior": 0.5, "personal": 0.0}
    prompt = TrainingPrompt("p", "A storm.", (), 10, 20, "en", "choices")
    objective = Objective([prompt], lambda _: Scored(rewards, {}, [], []), weights)
    assert objective.worth(rewards) == pytest.approx(0.5 * 0.3 + 0.5 * 1.5)
