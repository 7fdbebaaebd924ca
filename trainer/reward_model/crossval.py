"""How much a reward model has really learned: every record judged by a model that never saw its prompt.

Whole prompts go into five folds; strength and temperature are chosen again inside each, so nothing of
the tested records leaks. Ties take part in the fit and the log-loss; accuracy is about records with a
choice, and a margin of exactly 0 is half right.

The weight of the taste in training follows facts 5.4, clip((lower bound - 0.5) / 0.20, 0, 1), where the
bound is that of the accuracy *with length held level*:

- `matched`: over pairs whose word counts differ by at most 15 %, where there are 30 of these or more;
- `residual`: else over all pairs, after what the length explains of the margins was taken out of them
  (least squares through 0 on the logarithm of the ratio of word counts).

The raw accuracy is never used for it. `longer_wins` is what the rule "the longer text" gets right; it
has to be beaten. Below 10 choices or 4 prompts nothing is measured and the weight is 0.
Called by the run's stage, the verdict and the page.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from trainer.evaluation.intervals import grouped_mean, wilson
from trainer.preferences.splits import folds
from trainer.reward_model.fit import fit
from trainer.reward_model.head import log_loss, sigmoid
from trainer.reward_model.table import Table

Values = NDArray[np.float64]

FOLDS = 5
ROUNDS = 3
FEW = 600
"""Records up to which the folds are drawn more than once."""
LEAST_PAIRS = 10
LEAST_GROUPS = 4
LEAST_MATCHED = 30
MATCHED = float(np.log(1.15))
CHANCE = 0.5
FULL_LIFT = 0.20
"""A lower bound this far above one half gives the taste its full weight."""
_BINS = 5

Range = tuple[float, float]
LengthRule = Literal["matched", "residual", "none"]


@dataclass(frozen=True)
class Evidence:
    """What was measured; None where there was too little. Accuracies between 0 and 1, intervals of 95 %.

    `pairs` are records with a choice, `groups` prompts. `length_matched_pairs` counts the pairs of equal
    length even where `length_rule` had to take the other way. `log_loss` of a coin is 0.693.
    """

    records: int
    pairs: int
    groups: int
    cv_accuracy: float | None = None
    interval: Range | None = None
    length_rule: LengthRule = "none"
    length_matched_accuracy: float | None = None
    length_matched_interval: Range | None = None
    length_matched_pairs: int = 0
    longer_wins_accuracy: float | None = None
    log_loss: float | None = None
    ece: float | None = None
    evidence_weight: float = 0.0
    sentence: str = ""
    method: str = "linear"

    def as_json(self) -> dict[str, Any]:
        """The object in a run's result and in `longwright train --json`; figures to four places."""
        return {name: _rounded(value) for name, value in asdict(self).items()}


def cross_validate(table: Table, seed: int = 0) -> Evidence:
    """Judge what a model fitted to such records is worth."""
    margins = out_of_fold(table, seed)
    return evidence_of(table, margins, seed)


def out_of_fold(table: Table, seed: int = 0) -> Values | None:
    """For each record the margin that models without its prompt give it (log-odds for the chosen text);
    None where there are too few. With few records the folds are drawn three times and the margins
    averaged, since how they fall would matter."""
    if not enough(table):
        return None
    rounds = ROUNDS if len(table) <= FEW else 1
    margins = np.zeros(len(table))
    for turn in range(rounds):
        fold = np.array(folds(table.records, FOLDS, seed + turn))
        for number in range(fold.max() + 1):
            head = fit(table.rows(np.flatnonzero(fold != number)), seed=seed, members=0)
            margins[fold == number] += head.margins(table.rows(np.flatnonzero(fold == number))) / rounds
    return margins


def enough(table: Table) -> bool:
    """Whether there is enough to measure anything."""
    pairs = sum(not record.tie for record in table.records)
    return pairs >= LEAST_PAIRS and len(set(table.groups)) >= LEAST_GROUPS


def evidence_of(table: Table, margins: Values | None, seed: int = 0, method: str = "linear") -> Evidence:
    """The evidence in out-of-fold margins, whichever model they are from."""
    decided = np.array([not record.tie for record in table.records], dtype=bool)
    records, pairs, prompts = len(table), int(decided.sum()), len(set(table.groups))
    if margins is None:
        return Evidence(records, pairs, prompts, sentence=too_few(pairs, prompts), method=method)
    groups = [group for group, kept in zip(table.groups, decided, strict=True) if kept]
    ratio, judged = table.log_ratio[decided], margins[decided]
    right = _right(judged)
    rule, held, chosen = _length_level(judged, ratio)
    level = _accuracy(held, [groups[place] for place in chosen], seed)
    accuracy = _accuracy(right, groups, seed)
    weight = evidence_weight(level[1][0])
    return Evidence(
        records,
        pairs,
        prompts,
        cv_accuracy=accuracy[0],
        interval=accuracy[1],
        length_rule=rule,
        length_matched_accuracy=level[0],
        length_matched_interval=level[1],
        length_matched_pairs=int((np.abs(ratio) <= MATCHED).sum()),
        longer_wins_accuracy=float(_right(ratio).mean()),
        log_loss=log_loss(margins, table.wins),
        ece=calibration_error(judged),
        evidence_weight=weight,
        sentence=sentence(weight, accuracy, level[0], pairs),
        method=method,
    )


def evidence_weight(lower_bound: float) -> float:
    """0 where chance cannot be ruled out, 1 from a lower bound of 0.70 on."""
    return float(np.clip((lower_bound - CHANCE) / FULL_LIFT, 0.0, 1.0))


def calibration_error(margins: Values) -> float:
    """Expected calibration error of the confidences, over at most five bins of equal number."""
    confidence, right = sigmoid(np.abs(margins)), _right(margins)
    order = np.argsort(confidence, kind="stable")
    bins = [part for part in np.array_split(order, min(_BINS, max(1, len(order) // 8))) if len(part)]
    gaps = [len(part) * abs(confidence[part].mean() - right[part].mean()) for part in bins]
    return float(sum(gaps) / len(margins))


def sentence(weight: float, accuracy: tuple[float, Range], level: float, pairs: int) -> str:
    """What the writer is told. `level`: the accuracy with length held level."""
    share, right = round(100 * weight), round(100 * accuracy[0])
    if share == 0 and accuracy[1][0] > CHANCE:
        return (
            f"Your taste does not count yet: {right} % of {pairs:,} choices were foretold right on requests "
            f"it had not seen, but the length of the texts alone may explain that ({round(100 * level)} % "
            "where length is held level). Choices between texts of like length tell more. Length, form and "
            "general quality lead."
        )
    if share == 0:
        return (
            f"Your taste does not count yet: from {pairs:,} choices it could not be told apart from chance "
            f"({right} % right on requests it had not seen). Length, form and general quality lead."
        )
    return (
        f"Your taste counts {share} % so far: it gets {right} % of your choices right on requests that it "
        f"had not seen ({pairs:,} choices)."
    )


def too_few(pairs: int, groups: int) -> str:
    """What the writer is told when nothing can be measured."""
    choices = "1 choice" if pairs == 1 else f"{pairs:,} choices"
    requests = "1 request" if groups == 1 else f"{groups:,} requests"
    return (
        f"Enough to steer, not to train your taste: {choices} on {requests}. "
        f"It takes at least {LEAST_PAIRS} choices on {LEAST_GROUPS} requests."
    )


def _length_level(margins: Values, ratio: Values) -> tuple[LengthRule, Values, NDArray[np.intp]]:
    """The rule, what was right by it, and the rows that took part."""
    matched = np.flatnonzero(np.abs(ratio) <= MATCHED)
    if len(matched) >= LEAST_MATCHED:
        return "matched", _right(margins[matched]), matched
    square = float((ratio**2).sum())
    slope = float((margins * ratio).sum()) / square if square > 0 else 0.0
    return "residual", _right(margins - slope * ratio), np.arange(len(margins), dtype=np.intp)


def _right(margins: Values) -> Values:
    """1 where the chosen text is ahead, 0.5 where neither is (rounding aside)."""
    return np.where(np.abs(margins) < 1e-9, 0.5, (margins > 0).astype(np.float64))


def _accuracy(right: Values, groups: list[str], seed: int) -> tuple[float, Range]:
    """The share and its interval: whole prompts are drawn, and it is never narrower than Wilson's, for
    ten of ten prove little and drawing them again would not show it."""
    share = wilson(float(right.sum()), len(right))
    drawn = grouped_mean([float(value) for value in right], groups, seed)
    bounds = [bound for bound in (share.low, share.high, drawn.low, drawn.high) if bound is not None]
    return float(right.mean()), (min(bounds), max(bounds))


def _rounded(value: Any) -> Any:  # noqa: ANN401  a field of any kind goes in and comes out
    if isinstance(value, float):
        return round(value, 4)
    return [round(part, 4) for part in value] if isinstance(value, tuple) else value
