from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import TrainingDiverged
from trainer.rewards.writing import WORST, writing_reward

scores = st.floats(-20, 20)
shares = st.floats(0, 1)


def test_doubt_is_taken_off() -> None:
    assert writing_reward(1.5, 0.5, 1.0) == 1.0


@given(scores, st.floats(0, 5), shares, shares)
def test_a_gate_never_raises_a_score(mean: float, spread: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert writing_reward(mean, spread, low) <= writing_reward(mean, spread, high) + 1e-9
    assert writing_reward(mean, spread, high) <= mean - spread + 1e-9


@given(st.floats(WORST, 20), scores)
def test_a_closed_gate_puts_a_text_below_every_sound_one(sound: float, broken: float) -> None:
    assert writing_reward(broken, 0.0, 0.0) <= writing_reward(sound, 0.0, 1.0)


@pytest.mark.parametrize("figures", [(math.nan, 0, 1), (0, math.nan, 0), (math.inf, 0, 1), (0, 0, math.nan)])
def test_a_figure_that_is_no_number_stops_the_step(figures: tuple[float, float, float]) -> None:
    with pytest.raises(TrainingDiverged):
        writing_reward(*figures)
