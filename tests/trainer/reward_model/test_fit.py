from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.trainer.reward_model.made import WordEmbedder, records
from trainer.evaluation.simulated_writer import brisk, lush
from trainer.reward_model.basis import CUT, axis_count, fit_basis
from trainer.reward_model.crossval import cross_validate
from trainer.reward_model.fit import fit, fit_temperature
from trainer.reward_model.table import Table, tabulate


def accuracy(margins: np.ndarray) -> float:
    return float((margins > 0).mean())


def test_a_hidden_taste_is_learned_through_every_fifth_choice_being_wrong(noisy: Table, clean: Table) -> None:
    assert accuracy(fit(noisy, members=0).margins(clean)) > 0.85


def test_the_opposite_taste_gives_the_opposite_model(words: WordEmbedder, clean: Table) -> None:
    table = tabulate(records(200, lush, noise=0.2, seed=1, prompts=100), words)
    assert accuracy(fit(table, members=0).margins(clean)) < 0.15


def test_the_same_seed_gives_the_same_model_and_another_seed_another_ensemble(noisy: Table) -> None:
    few = noisy.rows(range(60))
    one, two, other = fit(few, seed=4), fit(few, seed=4), fit(few, seed=5)
    assert (one.weights == two.weights).all()
    assert (one.members == two.members).all()
    assert (one.members != other.members).any()


def test_more_records_make_the_ensemble_agree(noisy: Table, clean: Table) -> None:
    def doubt(count: int) -> float:
        head = fit(noisy.rows(range(count)))
        between = head.basis.rows(clean.chosen) - head.basis.rows(clean.rejected)
        margins = between @ head.weights
        spread = np.sqrt(((between @ head.members.T - margins[:, None]) ** 2).mean(1))
        return float(np.median(spread / np.abs(margins)))

    assert doubt(200) < doubt(20)


def test_length_is_explained_away_and_not_rewarded(words: WordEmbedder) -> None:
    # Whoever only likes the longer text has taught nothing about style.
    table = tabulate(records(200, lambda text: float(len(text.split())), noise=0.0, seed=2), words)
    by_length, by_style = fit(table, members=0), fit(tabulate(records(200, brisk, seed=2), words), members=0)
    assert np.abs(by_length.weights).sum() < np.abs(by_style.weights).sum() / 3
    assert cross_validate(table).evidence_weight < 0.2


def test_ties_alone_give_a_model_without_an_opinion(noisy: Table) -> None:
    tied = replace(noisy, records=tuple(replace(record, tie=True) for record in noisy.records))
    assert fit(tied, members=2).weights == pytest.approx(0, abs=1e-6)


def test_one_record_is_enough_to_fit(noisy: Table) -> None:
    head = fit(noisy.rows([0]))
    assert np.isfinite(head.weights).all()
    assert head.members.shape[0] >= 5


def test_a_prior_on_a_feature_shows_where_the_records_are_silent(noisy: Table) -> None:
    few = noisy.rows(range(10))
    pushed = fit(few, members=0, prior={"commas": -2.0})
    column = pushed.basis.names.index("commas")
    assert pushed.weights[column] < fit(few, members=0).weights[column] - 1


def test_axes_grow_with_the_records() -> None:
    assert [axis_count(count) for count in (5, 20, 200, 1000, 5000)] == [0, 8, 27, 64, 64]


def test_no_text_earns_more_by_going_to_an_extreme(noisy: Table) -> None:
    basis = fit_basis(noisy, 8)
    wild = replace(noisy.chosen, style=noisy.chosen.style * 1000)
    assert np.abs(basis.rows(wild)).max() <= CUT


def test_a_feature_that_never_differs_has_no_say(noisy: Table) -> None:
    basis = fit_basis(noisy, 0)
    assert (basis.rows(noisy.chosen)[:, basis.names.index("markup")] == 0).all()


def test_margins_that_are_too_bold_are_cooled() -> None:
    margins = np.full(100, 5.0)
    wins = np.array([1.0] * 75 + [0.0] * 25)
    assert fit_temperature(margins, wins, np.ones(100)) == pytest.approx(4.0)
    assert fit_temperature(np.full(100, np.log(3)), wins, np.ones(100)) == pytest.approx(1.0, abs=0.1)
