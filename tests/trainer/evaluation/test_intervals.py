"""Intervals that say how little is known."""

from __future__ import annotations

import numpy as np
import pytest

from trainer.evaluation.intervals import drawn_rows, grouped_mean, paired_difference, wilson, win_rate


def test_the_wilson_interval_is_the_textbooks() -> None:
    found = wilson(14, 20)
    assert (round(found.low or 0, 2), round(found.high or 0, 2)) == (0.48, 0.85)


def test_nothing_measured_has_no_bounds() -> None:
    assert wilson(0, 0).as_json() == {"value": None, "interval": None, "count": 0}
    assert grouped_mean([], []).value is None


def test_few_groups_have_a_figure_but_no_bounds() -> None:
    found = grouped_mean([1.0, 0.0, 1.0, 1.0], ["a", "a", "b", "b"])
    assert found.value == 0.75
    assert found.low is None
    assert found.count == 2


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    dice = np.random.default_rng(5)
    hits = 0
    for trial in range(100):
        values = dice.normal(0.3, 1.0, size=60)
        found = grouped_mean(list(values), list(range(60)), seed=trial)
        hits += (found.low or 0) <= 0.3 <= (found.high or 0)
    assert 88 <= hits <= 100


def test_texts_of_one_prompt_count_as_one_case() -> None:
    dice = np.random.default_rng(1)
    levels = dice.normal(0, 1, size=12)
    values = [level + 0.01 * dice.normal() for level in levels for _ in range(10)]
    grouped = grouped_mean(values, [n // 10 for n in range(120)])
    alone = grouped_mean(values, list(range(120)))
    assert (grouped.high or 0) - (grouped.low or 0) > 2 * ((alone.high or 0) - (alone.low or 0))


def test_a_paired_difference_is_surer_than_two_means() -> None:
    dice = np.random.default_rng(2)
    base = dice.normal(0, 5, size=40)
    tuned = base + 0.5 + dice.normal(0, 0.1, size=40)
    found = paired_difference(list(tuned), list(base), list(range(40)))
    assert (found.low or 0) > 0.4


def test_paired_values_must_belong_together() -> None:
    with pytest.raises(ValueError, match="one length"):
        paired_difference([1.0], [1.0, 2.0], ["a"])


def test_the_same_seed_gives_the_same_interval() -> None:
    values = [0.1, 0.9, 0.4, 0.8, 0.2]
    assert grouped_mean(values, "abcde", seed=3) == grouped_mean(values, "abcde", seed=3)


def test_judges_who_disagree_widen_the_interval() -> None:
    agreed = np.ones((30, 5)) * 0.6
    torn = np.concatenate([np.ones((30, 3)), np.zeros((30, 2))], axis=1)
    narrow, wide = drawn_rows(agreed, list(range(30))), drawn_rows(torn, list(range(30)))
    assert (wide.high or 0) - (wide.low or 0) > 0.5 > (narrow.high or 0) - (narrow.low or 0)


def test_more_judges_who_disagree_alike_make_nobody_surer() -> None:
    few = np.concatenate([np.ones((30, 3)), np.zeros((30, 2))], axis=1)
    many = np.tile(few, 40)
    assert drawn_rows(many, list(range(30))).low == drawn_rows(few, list(range(30))).low == 0


def test_five_wins_of_five_are_not_certainty() -> None:
    found = win_rate(np.ones((5, 1)), list(range(5)))
    assert found.value == 1.0
    assert (found.low or 0) < 0.6
