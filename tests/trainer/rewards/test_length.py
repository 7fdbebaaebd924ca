from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import TrainingError
from trainer.rewards.length import l_max_of, length_reward

lengths = st.integers(0, 40_000)


@pytest.mark.parametrize(
    ("words", "reward"),
    [(0, 0), (45, 0.5), (89, 89 / 90), (90, 1), (100, 1), (110, 1), (165, 0.5), (220, 0), (5000, 0)],
)
def test_the_reward_is_the_papers(words: int, reward: float) -> None:
    assert length_reward(words, 90, 110) == pytest.approx(reward)


def test_l_max_is_twice_the_upper_end_unless_it_is_given() -> None:
    assert l_max_of(110) == 220
    assert length_reward(160, 90, 110, l_max=210) == pytest.approx(0.5)


@pytest.mark.parametrize("l_max", [0, 50, 110])
def test_an_l_max_inside_the_range_lets_no_word_too_many_earn(l_max: int) -> None:
    assert length_reward(110, 90, 110, l_max) == 1
    assert length_reward(111, 90, 110, l_max) == 0


def test_no_text_is_too_short_for_a_range_from_nothing() -> None:
    assert length_reward(0, 0, 100) == 1
    assert length_reward(0, 0, 0) == 1
    assert length_reward(1, 0, 0) == 0


@given(lengths, lengths, lengths, st.none() | lengths)
def test_it_is_bounded_rises_to_the_range_and_falls_behind_it(
    words: int, one: int, other: int, l_max: int | None
) -> None:
    low, high = sorted((one, other))
    here, there = (length_reward(count, low, high, l_max) for count in (words, words + 1))
    assert 0 <= here <= 1
    assert here <= there if words < low else here >= there
    assert (here == 1) == (low <= words <= high)


@pytest.mark.parametrize(("low", "high"), [(100, 90), (-1, 10)])
def test_what_is_no_range_is_refused(low: int, high: int) -> None:
    with pytest.raises(TrainingError, match="no range"):
        length_reward(50, low, high)
