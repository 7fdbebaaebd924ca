from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import TrainingError
from trainer.rewards.length import fitted, l_max_of, length_reward, range_for

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


@pytest.mark.parametrize(
    ("request_text", "language", "expected"),
    [
        ("Write a story of 500 words.", "en", (450, 550)),
        ("写一篇500字的故事。", "zh", (450, 550)),
        ("Schreibe eine Geschichte mit 500 Wörtern.", "de", (450, 550)),
        ("Écris un conte de 500 mots.", "fr", (450, 550)),
        ("Escribe un cuento de 500 palabras.", "es-MX", (450, 550)),
        ("500文字の物語を書いてください。", "ja", (450, 550)),
        ("Write no more than 400 words about rain.", "en", (360, 400)),
        ("A letter to my landlord.", "en", (200, 400)),
        ("Write a short story about rain.", "en", (1500, 2500)),
    ],
)
def test_the_range_comes_from_the_request(
    request_text: str, language: str, expected: tuple[int, int]
) -> None:
    assert range_for(request_text, language, 100_000) == expected


def test_a_range_is_narrowed_to_what_fits() -> None:
    assert range_for("Write a story of 500 words.", "en", 520) == (425, 520)
    assert range_for("Write a short story about rain.", "en", 2000) == (1500, 2000)
    assert range_for("Write a short story about rain.", "en", 110) == (90, 110)


@given(lengths, lengths, st.integers(10, 40_000))
def test_a_fitted_range_fits_and_can_be_met(one: int, other: int, room: int) -> None:
    low, high = fitted(*sorted((one, other)), room)
    assert 0 <= low <= high <= room
    assert (low, high) == tuple(sorted((one, other))) or (high == room and low <= 0.87 * room)


def test_a_room_for_nothing_is_refused() -> None:
    with pytest.raises(TrainingError, match="room"):
        range_for("Write a story.", "en", 9)
