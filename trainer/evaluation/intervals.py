"""How sure a measured figure is: bootstrap and Wilson intervals of 95 %.

Texts of one prompt depend on each other, so whole prompts (groups) are drawn, not texts; a difference
of two models is taken on the same draws (paired). Pure functions on numbers; a seed gives the same
interval again. Called by `trainer.evaluation.verdict`, usable by every measurement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

DRAWS = 2000
FEWEST_GROUPS = 4
"""Below, drawing groups again says nothing: the figure stands without bounds."""
LEVEL = 0.95
_Z = 1.959964


@dataclass(frozen=True)
class Interval:
    """A figure between its bounds, which are None where there was too little to tell; `count`: groups."""

    value: float | None
    low: float | None = None
    high: float | None = None
    count: int = 0

    def as_json(self) -> dict[str, float | int | list[float] | None]:
        """`{value, interval: [low, high], count}`, rounded."""
        bounds = None if self.low is None or self.high is None else [round(self.low, 4), round(self.high, 4)]
        value = None if self.value is None else round(self.value, 4)
        return {"value": value, "interval": bounds, "count": self.count}


NOTHING = Interval(None)


def wilson(hits: float, count: int) -> Interval:
    """The Wilson interval of a share of independent cases (halves allowed, for ties)."""
    if count == 0:
        return NOTHING
    return Interval(hits / count, *_wilson_bounds(hits / count, count), count)


def grouped_mean(values: Sequence[float], groups: Sequence[object], seed: int = 0) -> Interval:
    """The mean of `values`, with whole groups drawn again and again."""
    if not values:
        return NOTHING
    sums, counts = _by_group(values, groups)
    draws = _draws(len(sums), seed)
    means = (draws @ sums) / (draws @ counts)
    return _interval(sum(values) / len(values), means, len(sums))


def paired_difference(
    tuned: Sequence[float], base: Sequence[float], groups: Sequence[object], seed: int = 0
) -> Interval:
    """Mean of `tuned - base`, case by case, with whole groups drawn."""
    if len(tuned) != len(base):
        raise ValueError("paired values must be of one length")
    return grouped_mean([a - b for a, b in zip(tuned, base, strict=True)], groups, seed)


def win_rate(wins: np.ndarray, groups: Sequence[object], seed: int = 0) -> Interval:
    """The share of wins (1, 0, or 0.5 for a tie): rows are cases, columns judges of the same cases.

    At least as wide as Wilson's for so many cases; where every group says the same, for so many groups,
    because drawing them again would not show how little five wins of five prove.
    """
    drawn = drawn_rows(wins, groups, seed)
    if drawn.value is None or drawn.low is None or drawn.high is None:
        return drawn
    certain = drawn.high - drawn.low < 1e-9
    low, high = _wilson_bounds(drawn.value, drawn.count if certain else len(wins))
    return Interval(drawn.value, min(drawn.low, low), max(drawn.high, high), drawn.count)


def drawn_rows(values: np.ndarray, groups: Sequence[object], seed: int = 0) -> Interval:
    """The mean of a table whose columns are the opinions of several judges on the same cases.

    Each draw takes one judge and draws the groups anew, so that the interval knows both doubts: few
    cases, and judges who disagree. Never the mean of several judges: they are guesses at one and the same
    person, and more guesses from the same choices make nobody surer. One of N judges is 1/N of the draws,
    so N has to be large for a tail to be more than the one who dissents most.
    """
    if values.size == 0:
        return NOTHING
    columns = [_by_group(column, groups) for column in np.atleast_2d(values.T)]
    draws = _draws(len(columns[0][0]), seed)
    judges = np.random.default_rng(seed + 1).integers(len(columns), size=len(draws))
    sums = np.stack([column[0] for column in columns])[judges]
    counts = np.stack([column[1] for column in columns])[judges]
    means = (draws * sums).sum(axis=1) / (draws * counts).sum(axis=1)
    return _interval(float(values.mean()), means, len(columns[0][0]))


def _wilson_bounds(share: float, count: int) -> tuple[float, float]:
    middle = (share + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
    spread = _Z * sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2)) / (1 + _Z**2 / count)
    return max(0.0, middle - spread), min(1.0, middle + spread)


def _by_group(
    values: Sequence[float] | np.ndarray, groups: Sequence[object]
) -> tuple[np.ndarray, np.ndarray]:
    """Sum and number of the values of each group."""
    places: dict[object, int] = {}
    index = np.array([places.setdefault(group, len(places)) for group in groups])
    table = np.asarray(values, dtype=float)
    return np.bincount(index, weights=table), np.bincount(index).astype(float)


def _draws(groups: int, seed: int) -> np.ndarray:
    """How often each group is in each draw: `DRAWS` rows, each summing to the number of groups."""
    dice = np.random.default_rng(seed)
    return dice.multinomial(groups, np.full(groups, 1 / groups), size=DRAWS).astype(float)


def _interval(value: float, means: np.ndarray, count: int) -> Interval:
    if count < FEWEST_GROUPS:
        return Interval(float(value), None, None, count)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Interval(float(value), float(low), float(high), count)
