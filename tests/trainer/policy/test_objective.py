from __future__ import annotations

import pytest

from engine.errors import TrainingError
from trainer.policy.objective import Objective
from trainer.rewards.score import Scored


def test_there_is_nothing_to_train_for_without_a_request() -> None:
    with pytest.raises(TrainingError, match="no request to practise on"):
        Objective([], lambda _: Scored({}, {}, [], []), {"length": 1.0})
