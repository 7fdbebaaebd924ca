"""The writer's reward model in one call: measure the records, judge what they teach, fit to them all.

Called by the run's reward-model stage and, for the questions to the writer, by the studio's trainer
process. What the two halves know is in `crossval` and `fit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import TrainingError
from trainer.preferences.record import PreferenceRecord
from trainer.reward_model.crossval import Evidence, cross_validate
from trainer.reward_model.fit import MEMBERS, fit
from trainer.reward_model.model import RewardModel
from trainer.reward_model.relations import Embeds
from trainer.reward_model.table import tabulate


@dataclass(frozen=True)
class Learned:
    """The model of all records, and the evidence from models that each missed some."""

    model: RewardModel
    evidence: Evidence


def learn(
    records: Sequence[PreferenceRecord], embedder: Embeds, seed: int = 0, *, members: int = MEMBERS
) -> Learned:
    """Learn from `records`; the same records and seed give the same model, with an ensemble of `members`.

    Raises `TrainingError` without a single record.
    """
    if not records:
        raise TrainingError("There is nothing to learn a taste from yet: no choices between two texts.")
    table = tabulate(records, embedder)
    evidence = cross_validate(table, seed)
    head = fit(table, seed=seed, members=members)
    model = RewardModel.of(head, embedder, {"evidence": evidence.as_json(), "seed": seed})
    return Learned(model, evidence)
