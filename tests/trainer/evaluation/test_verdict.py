"""The judgement on a tuned model: never better without proof, worse only with proof."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest

from trainer.evaluation.intervals import NOTHING, Interval, win_rate
from trainer.evaluation.verdict import GUARDS, Measure, Taste, judge

SURE = Interval(0.7, 0.6, 0.8, 100)
LIKED = Interval(0.68, 0.57, 0.78, 40)


def measure(base: float, tuned: float, spread: float = 0.0, cases: int = 40) -> Measure:
    dice = random.Random(4)
    one = [base + dice.gauss(0, spread) for _ in range(cases)]
    two = [tuned + dice.gauss(0, spread) for _ in range(cases)]
    return Measure.of(one, two, list(range(cases)))


def same() -> dict[str, Measure]:
    return {guard.name: measure(0.5, 0.5, 0.01) for guard in GUARDS}


def taste(rate: Interval = LIKED, accuracy: Interval = SURE, weight: float = 0.4) -> Taste:
    return Taste(rate, accuracy, weight, 200)


def test_liked_better_and_nothing_spoilt_is_better() -> None:
    verdict = judge(same(), taste())
    assert verdict.label == "better"
    assert "68%" in verdict.reason


@pytest.mark.parametrize("weight", [0.0, 0.01])
def test_where_no_taste_was_learned_it_is_never_better(weight: float) -> None:
    verdict = judge(same(), taste(Interval(0.95, 0.9, 0.99, 40), weight=weight))
    assert verdict.label == "unclear"
    assert "200 choices" in verdict.reason


def test_a_judge_no_better_than_a_coin_has_no_say() -> None:
    coin = Interval(0.52, 0.44, 0.6, 140)
    assert judge(same(), taste(accuracy=coin)).label == "unclear"
    assert judge(same(), taste(Interval(0.2, 0.1, 0.3, 40), coin)).label == "unclear"


def test_no_choices_at_all_is_unclear() -> None:
    assert judge(same(), None).label == "unclear"


def test_an_interval_that_holds_one_half_is_chance() -> None:
    verdict = judge(same(), taste(Interval(0.58, 0.45, 0.7, 40)))
    assert verdict.label == "unclear"
    assert "chance" in verdict.reason


def test_disliked_with_proof_is_worse() -> None:
    assert judge(same(), taste(Interval(0.3, 0.2, 0.42, 40))).label == "worse"


@pytest.mark.parametrize(
    ("name", "base", "tuned"),
    [
        ("S_l", 60.0, 50.0),
        ("format_rate", 0.95, 0.6),
        ("ended_rate", 0.7, 0.0),
        ("duplicate_sentences", 0.01, 0.2),
        ("distinct_4grams", 0.98, 0.8),
        ("general_quality", 0.6, 0.2),
        ("own_prose_nats", 3.0, 3.4),
        ("chosen_prose_nats", 2.5, 3.1),
    ],
)
def test_any_guard_that_lost_much_ground_makes_it_worse_however_well_it_is_liked(
    name: str, base: float, tuned: float
) -> None:
    verdict = judge(same() | {name: measure(base, tuned, 0.01)}, taste())
    assert verdict.label == "worse"
    assert next(guard.words for guard in GUARDS if guard.name == name) in verdict.reason


def test_a_guard_that_lost_a_little_holds_better_back() -> None:
    verdict = judge(same() | {"S_l": measure(60.0, 56.0, 0.1)}, taste())
    assert verdict.label == "unclear"
    assert "from 60 to 56" in verdict.reason


def test_fewer_texts_that_end_hold_better_back() -> None:
    verdict = judge(same() | {"ended_rate": measure(0.7, 0.4, 0.01)}, taste())
    assert verdict.label == "unclear"
    assert "come to an end by themselves" in verdict.reason


def test_a_change_too_small_to_matter_holds_nothing_back() -> None:
    changed = same() | {"own_prose_nats": measure(3.0, 3.005, 0.0001)}
    assert judge(changed, taste()).label == "better"


def test_moving_away_from_the_drafts_of_the_base_within_the_budget_is_no_loss() -> None:
    moved = measure(2.5, 2.7, 0.01)
    assert judge(same() | {"chosen_prose_nats": moved}, taste()).label == "better"
    held_back = judge(same() | {"own_prose_nats": moved}, taste())
    assert held_back.label == "unclear"
    assert "your own prose" in held_back.reason


def test_a_loss_that_may_be_chance_is_no_loss() -> None:
    noisy = measure(60.0, 57.0, 30.0)
    assert judge(same() | {"S_l": noisy}, taste()).label == "better"


def test_too_few_texts_prove_nothing() -> None:
    few = {guard.name: measure(1.0, 0.0, 0.1, cases=3) for guard in GUARDS}
    assert judge(few, taste(Interval(1.0, None, None, 3))).label == "unclear"
    assert judge({}, taste(NOTHING)).label == "unclear"


def test_a_gain_in_form_is_told_where_taste_is_unknown() -> None:
    verdict = judge(same() | {"S_l": measure(50.0, 65.0, 1.0)}, None)
    assert verdict.label == "unclear"
    assert "length" in verdict.reason


def test_the_figures_of_both_sides_are_kept_with_their_intervals() -> None:
    kept = judge(same(), taste()).as_json()["measures"]
    assert set(kept) == {"taste", *(guard.name for guard in GUARDS)}
    for figures in kept.values():
        assert len(figures["base"]["interval"]) == 2
        assert figures["tuned"]["value"] is not None
    assert kept["taste"]["base"]["interval"] == [0.22, 0.43]


def test_two_models_that_are_the_same_are_seldom_called_better() -> None:
    def label(wins: Sequence[int]) -> str:
        return judge(same(), taste(win_rate(np.array(wins, dtype=float)[:, None], range(len(wins))))).label

    dice = random.Random(8)
    labels = [label([dice.randint(0, 1) for _ in range(40)]) for _ in range(100)]
    assert labels.count("better") <= 6
