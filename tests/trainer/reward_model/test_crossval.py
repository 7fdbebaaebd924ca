from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.trainer.reward_model.made import WordEmbedder, records
from trainer.evaluation.simulated_writer import brisk
from trainer.reward_model.crossval import calibration_error, cross_validate, evidence_of, evidence_weight
from trainer.reward_model.table import Table, tabulate


def test_a_taste_through_noise_is_noticed(noisy: Table) -> None:
    evidence = cross_validate(noisy)
    assert evidence.interval is not None
    assert evidence.cv_accuracy is not None
    assert evidence.cv_accuracy > 0.65
    assert evidence.interval[0] > 0.5
    assert evidence.evidence_weight > 0.2
    assert evidence.sentence.startswith("Your taste counts ")
    assert (evidence.records, evidence.pairs, evidence.groups) == (200, 200, 100)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_choices_teach_nothing_and_it_says_so(words: WordEmbedder, seed: int) -> None:
    evidence = cross_validate(tabulate(records(120, None, seed=seed, prompts=60), words))
    assert evidence.evidence_weight < 0.1
    assert evidence.interval is not None
    assert evidence.interval[0] < 0.5
    assert evidence.log_loss is not None
    assert evidence.log_loss > 0.65


def test_the_same_seed_measures_the_same(noisy: Table) -> None:
    few = noisy.rows(range(60))
    assert cross_validate(few, seed=3) == cross_validate(few, seed=3)


@pytest.mark.parametrize(("count", "prompts"), [(1, 1), (9, 9), (40, 3)])
def test_too_few_choices_or_requests_weigh_nothing(words: WordEmbedder, count: int, prompts: int) -> None:
    evidence = cross_validate(tabulate(records(count, brisk, prompts=prompts), words))
    assert evidence.evidence_weight == 0
    assert evidence.cv_accuracy is None
    assert "steer, not to train your taste" in evidence.sentence


def test_ties_are_no_choices(noisy: Table) -> None:
    tied = [replace(record, tie=place >= 5) for place, record in enumerate(noisy.records)]
    evidence = cross_validate(replace(noisy, records=tuple(tied)))
    assert (evidence.pairs, evidence.cv_accuracy) == (5, None)


def test_a_model_that_only_knows_length_gets_no_weight(noisy: Table) -> None:
    # Its margins are the length itself, and the choices follow the length in nine of ten.
    dice = np.random.default_rng(0)
    ratio = np.where(dice.random(len(noisy)) < 0.9, 1, -1) * np.abs(dice.normal(0, 1, len(noisy))) + 1e-3
    longer = replace(noisy, chosen=replace(noisy.chosen, log_words=noisy.rejected.log_words + 3 * ratio))
    evidence = evidence_of(longer, longer.log_ratio)
    assert evidence.cv_accuracy == evidence.longer_wins_accuracy
    assert evidence.cv_accuracy is not None
    assert evidence.cv_accuracy > 0.8
    assert evidence.length_rule == "residual"
    assert evidence.evidence_weight == 0
    assert "length of the texts alone may explain" in evidence.sentence
    assert "chance" not in evidence.sentence


def test_pairs_of_one_length_are_judged_alone_where_there_are_enough(noisy: Table) -> None:
    level = replace(noisy, chosen=replace(noisy.chosen, log_words=noisy.rejected.log_words))
    evidence = evidence_of(level, np.ones(len(level)))
    assert (evidence.length_rule, evidence.length_matched_pairs) == ("matched", 200)
    assert evidence.length_matched_accuracy == 1.0
    assert evidence.longer_wins_accuracy == 0.5


def test_ten_of_ten_do_not_prove_everything(noisy: Table) -> None:
    evidence = evidence_of(noisy.rows(range(10)), np.ones(10))
    assert evidence.interval is not None
    assert evidence.interval[0] == pytest.approx(0.72, abs=0.01)


def test_the_weight_follows_the_lower_bound() -> None:
    assert [evidence_weight(bound) for bound in (0.3, 0.5, 0.6, 0.7, 0.9)] == pytest.approx([0, 0, 0.5, 1, 1])


def test_confidence_that_is_kept_is_no_error() -> None:
    right = np.array(([1.0] * 3 + [-1.0]) * 100) * np.log(3)
    assert calibration_error(right) == pytest.approx(0, abs=0.05)
    assert calibration_error(right * 5) > 0.2


def test_the_evidence_is_json(noisy: Table) -> None:
    told = cross_validate(noisy.rows(range(30))).as_json()
    assert json.loads(json.dumps(told)) == told
    assert {"cv_accuracy", "interval", "longer_wins_accuracy", "evidence_weight"} <= set(told)
