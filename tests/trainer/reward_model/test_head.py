from __future__ import annotations

import numpy as np
import pytest

from trainer.reward_model.head import log_loss, narrowed, sigmoid, solve

DICE = np.random.default_rng(3)
X = DICE.standard_normal((400, 6))
TRUE = np.array([2.0, -1.0, 0.0, 0.0, 0.0, 0.0])
WINS = (DICE.random(400) < sigmoid(X @ TRUE)).astype(float)
ONES, ZERO = np.ones(400), np.zeros(6)


def test_the_weights_behind_the_choices_are_found() -> None:
    assert solve(X, WINS, ONES, np.full(6, 0.1), ZERO) == pytest.approx(TRUE, abs=0.4)


def test_the_solution_is_the_least_of_the_objective() -> None:
    at = solve(X, WINS, ONES, np.full(6, 3.0), ZERO)
    gradient = X.T @ (sigmoid(X @ at) - WINS) + 3.0 * at
    assert np.abs(gradient).max() < 1e-6


def test_turning_every_pair_round_changes_nothing() -> None:
    assert solve(-X, 1 - WINS, ONES, np.ones(6), ZERO) == pytest.approx(
        solve(X, WINS, ONES, np.ones(6), ZERO)
    )


def test_a_record_of_weight_two_counts_as_two_records() -> None:
    twice = solve(np.vstack([X, X]), np.tile(WINS, 2), np.ones(800), np.ones(6), ZERO)
    assert solve(X, WINS, 2 * ONES, np.ones(6), ZERO) == pytest.approx(twice, abs=1e-6)


def test_ties_alone_teach_nothing_and_pull_towards_zero() -> None:
    halves = np.full(400, 0.5)
    assert solve(X, halves, ONES, np.ones(6), ZERO) == pytest.approx(ZERO, abs=1e-9)
    both = solve(np.vstack([X, X]), np.concatenate([WINS, halves]), np.ones(800), np.ones(6), ZERO)
    assert np.abs(both).sum() < np.abs(solve(X, WINS, ONES, np.ones(6), ZERO)).sum()


def test_an_infinite_precision_holds_a_column_at_its_prior() -> None:
    prior = np.array([0.0, 0.7, 0, 0, 0, 0])
    found = solve(X, WINS, ONES, np.array([1, np.inf, 1, 1, np.inf, 1]), prior)
    assert found[[1, 4]].tolist() == [0.7, 0.0]
    assert found[0] > 1


def test_without_records_the_prior_stands() -> None:
    prior = np.arange(6.0)
    assert solve(np.zeros((0, 6)), np.zeros(0), np.zeros(0), np.ones(6), prior) == pytest.approx(prior)


def test_pairs_that_can_be_split_without_a_mistake_stay_finite() -> None:
    found = solve(X, (X[:, 0] > 0).astype(float), ONES, np.full(6, 1e-3), ZERO)
    assert np.isfinite(found).all()
    assert found[0] > 5


def test_narrowing_frees_what_weighs_and_holds_the_rest() -> None:
    held = narrowed(np.full(6, 10.0), TRUE, ZERO)
    assert held[0] < 10 < held[3]
    assert held[3] <= 100


def test_a_coin_costs_the_logarithm_of_two() -> None:
    assert log_loss(np.zeros(3), np.array([1.0, 0.5, 0.0])) == pytest.approx(np.log(2))
