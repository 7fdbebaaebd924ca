"""A linear head by Bradley-Terry: P(chosen over rejected) = sigmoid(w . (x_chosen - x_rejected)).

A Gaussian prior (mean and precision for each column) makes it ridge regression; a tie is half a win for
either side; a record counts by its weight. The problem is convex, Newton's method ends in a few steps,
and nothing is random. A taste is often about a few things: `narrowed` holds each column by what it turned out
to weigh (an iteratively reweighted ridge). Knows numbers only. Called by `fit` and `crossval`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

_STEPS = 50
_FLOOR = 0.1


def sigmoid(margins: Values) -> Values:
    """1 / (1 + e^-m), without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * margins))


def losses_of(margins: Values, wins: Values) -> Values:
    """-log P(what happened) of each pair."""
    return np.logaddexp(0.0, margins) - wins * margins


def log_loss(margins: Values, wins: Values, weights: Values | None = None) -> float:
    """The mean of these; log 2 for a coin."""
    return float(np.average(losses_of(margins, wins), weights=weights))


def solve(differences: Values, wins: Values, weights: Values, precision: Values, prior: Values) -> Values:
    """The most probable weights. `precision` infinite keeps a column at its prior mean."""
    free = np.isfinite(precision)
    solution = prior.copy()
    if not free.any():
        return solution
    x, strength, mean = differences[:, free], precision[free], prior[free]
    offset = differences[:, ~free] @ prior[~free]
    at = mean.copy()
    value = _objective(x, wins, weights, strength, mean, offset, at)
    for _ in range(_STEPS):
        chance = sigmoid(x @ at + offset)
        gradient = x.T @ (weights * (chance - wins)) + strength * (at - mean)
        curvature = (x.T * (weights * chance * (1 - chance))) @ x + np.diag(strength)
        step = np.linalg.solve(curvature, gradient)
        size = 1.0
        while (next_value := _objective(x, wins, weights, strength, mean, offset, at - size * step)) > value:
            size /= 2
            if size < 1e-4:
                break
        at, value = at - size * step, next_value
        if np.abs(size * step).max() < 1e-7:
            break
    solution[free] = at
    return solution


def narrowed(precision: Values, weights: Values, prior: Values) -> Values:
    """The precision with columns that turned out to weigh much held less, and those that weigh little held
    more: by their share of the mean square, at most tenfold either way. The mean is over the columns
    that are held equally, so that style and axes are narrowed each among themselves."""
    result = precision.copy()
    square = (weights - prior) ** 2
    for strength in np.unique(precision[np.isfinite(precision)]):
        same = precision == strength
        mean = square[same].mean()
        if same.sum() > 1 and mean > 0:
            share = (square[same] + _FLOOR * mean) / ((1 + _FLOOR) * mean)
            result[same] = strength / np.clip(share, 0.1, 10.0)
    return result


def _objective(
    x: Values, wins: Values, weights: Values, strength: Values, mean: Values, offset: Values, at: Values
) -> float:
    margins = x @ at + offset
    losses = weights * losses_of(margins, wins)
    return float(losses.sum() + 0.5 * (strength * (at - mean) ** 2).sum())
