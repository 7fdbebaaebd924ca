"""General quality, shipped with the program: what holds for every writer, as far as it needs no judge.

Fitted on pairs of a text and the same text made worse (`damage`). It may weigh only what such damage is
about (repetition, stock phrases, an end, coherence, the request), each in the one direction that is
known to be better; sentence length, dialogue, person and all other matters of taste weigh exactly 0
in it, and so does length. What it gets right, and what it does not know, is in `assets/prior/CARD.md`.

`scripts/build_prior.py` makes it again. `load_prior` is called by the run and the verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.preferences.record import PreferenceRecord
from trainer.preferences.splits import folds
from trainer.reward_model.crossval import MATCHED
from trainer.reward_model.damage import Pair
from trainer.reward_model.embedding import Embedder
from trainer.reward_model.fit import Head, fit
from trainer.reward_model.model import RewardModel
from trainer.reward_model.relations import Embeds
from trainer.reward_model.table import Table, tabulate

Values = NDArray[np.float64]

BETTER = {
    "diversity": 1,
    "top_words": -1,
    "repeated_sentences": -1,
    "repeated_phrases": -1,
    "stock_phrases": -1,
    "ends_whole": 1,
    "on_topic": 1,
    "on_topic_end": 1,
    "clauses_met": 1,
    "clause_missed": 1,
    "neighbours": 1,
    "order": 1,
    "nearest": -1,
    "copied": -1,
}
"""The columns that the prior may weigh, and the direction that is better."""
_FOLDS = 5


@dataclass(frozen=True)
class KindResult:
    """How often the better text of a kind of pair is told, on requests that were not fitted on."""

    kind: str
    pairs: int
    accuracy: float
    matched_pairs: int
    matched_accuracy: float | None
    longer_wins: float


def load_prior(embedder: Embeds | None = None) -> RewardModel:
    """The shipped prior; `embedder` to share one that is loaded already."""
    return RewardModel.load(Path(str(files("assets") / "prior")), embedder or Embedder.load())


def tabulate_pairs(pairs: Sequence[Pair], embedder: Embeds) -> Table:
    """The pairs as a table; its records name the kind as their source."""
    records = [
        PreferenceRecord(
            f"{pair.source}/{pair.kind}", pair.prompt, (), pair.better, pair.worse, source=pair.kind
        )
        for pair in pairs
    ]
    held_against = [pair.worse_for or pair.prompt for pair in pairs]
    return tabulate(records, embedder, related=True, whole=False, rejected_for=held_against)


def fit_prior(table: Table, seed: int, members: int = 20) -> Head:
    """Fit, leaving out columns that would weigh in the wrong direction, until none does."""
    free = {name for name in BETTER if name in table.names}
    while True:
        head = fit(table, seed=seed, members=members, axes=0, free=free)
        wrong = {
            name
            for name, weight in zip(head.basis.names, head.weights, strict=True)
            if name in free and weight * BETTER[name] < 0
        }
        if not wrong:
            return head
        free -= wrong


def judge(table: Table, seed: int) -> list[KindResult]:
    """Each kind on held-out requests, then all of them."""
    fold = np.array(folds(table.records, _FOLDS, seed))
    margins = np.zeros(len(table))
    for number in range(fold.max() + 1):
        head = fit_prior(table.rows(np.flatnonzero(fold != number)), seed, members=0)
        margins[fold == number] = head.margins(table.rows(np.flatnonzero(fold == number)))
    kinds = np.array([record.source for record in table.records])
    results = [
        _result(kind, margins[kinds == kind], table.log_ratio[kinds == kind]) for kind in sorted(set(kinds))
    ]
    return [*results, _result("all", margins, table.log_ratio)]


def about(results: Sequence[KindResult], counts: dict[str, int], seed: int) -> dict[str, Any]:
    """What is kept beside the model."""
    told = {
        result.kind: {
            "pairs": result.pairs,
            "accuracy": round(result.accuracy, 3),
            "length_matched_pairs": result.matched_pairs,
            "length_matched_accuracy": None
            if result.matched_accuracy is None
            else round(result.matched_accuracy, 3),
            "longer_wins": round(result.longer_wins, 3),
        }
        for result in results
    }
    return {
        "what": "general quality, from label-free pairs",
        "seed": seed,
        "sources": counts,
        "held_out": told,
    }


def _result(kind: str, margins: Values, ratio: Values) -> KindResult:
    matched = np.abs(ratio) <= MATCHED
    return KindResult(
        kind,
        len(margins),
        _share(margins),
        int(matched.sum()),
        _share(margins[matched]) if matched.any() else None,
        _share(ratio),
    )


def _share(margins: Values) -> float:
    return float(np.where(np.abs(margins) < 1e-9, 0.5, margins > 0).mean())
