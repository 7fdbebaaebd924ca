"""The columns under the linear head: style features and axes of the embeddings, on one scale.

Both are scaled by how much two texts *of one prompt* differ, for only such differences are ever
compared; the axes are the main directions of those differences, not of the topics. Values are cut at
three such spreads on either side, so that no text earns more by going on to an extreme.

Fitted without looking at which text won. Called by `fit` and `model`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.reward_model.table import Measured, Table

Values = NDArray[np.float64]

CUT = 3.0
_LEAST_SHARE = 0.25
"""A feature's scale is at least this share of its spread over all texts: rare things stay small."""


@dataclass(frozen=True)
class Basis:
    """`rows` puts measured texts on these columns: first the named features, then the axes."""

    names: tuple[str, ...]
    centre: Values
    scale: Values
    middle: Values
    axes: Values

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.names) + int(self.axes.shape[1])

    def rows(self, texts: Measured) -> Values:
        """One row for each text, every value within -3 to 3."""
        style = (texts.style - self.centre) / self.scale
        if not self.axes.shape[1]:
            return np.clip(style, -CUT, CUT)  # texts may then come without embeddings
        axes = (texts.embeddings - self.middle) @ self.axes
        return np.clip(np.hstack([style, axes]), -CUT, CUT)


def axis_count(records: int) -> int:
    """How many embedding axes so many records can bear: 0 below 10, 8 at 20, 27 at 200, 64 from 1,000."""
    return 0 if records < 10 else min(64, round(8 * math.pow(records / 20, 0.53)))


def fit_basis(table: Table, axes: int) -> Basis:
    """Scales and axes from all pairs of `table`, at most `axes` of these."""
    chosen, rejected = table.chosen, table.rejected
    every = np.vstack([chosen.style, rejected.style])
    within = np.sqrt(((chosen.style - rejected.style) ** 2).mean(0) / 2)
    scale = np.maximum(within, _LEAST_SHARE * every.std(0))
    embedded = np.vstack([chosen.embeddings, rejected.embeddings])
    return Basis(
        names=table.names,
        centre=every.mean(0),
        scale=np.where(scale > 1e-9, scale, np.inf),
        middle=embedded.mean(0),
        axes=_main_axes(chosen.embeddings - rejected.embeddings, axes),
    )


def _main_axes(differences: Values, count: int) -> Values:
    """The main directions, (dimensions, count), each divided by the root of its own spread times the
    first one's: later axes weigh less, but not as little as their spread alone would have it."""
    if count == 0 or not differences.any():
        return np.zeros((differences.shape[1], 0))
    _, sizes, directions = np.linalg.svd(differences, full_matrices=False)
    spreads = sizes / np.sqrt(2 * len(differences))
    kept = min(count, int((spreads > 1e-6 * spreads[0]).sum()))
    # The sign of a direction is the solver's whim; ours is fixed by its largest part.
    signs = np.sign(directions[np.arange(kept), np.abs(directions[:kept]).argmax(1)])
    scaled: Values = directions[:kept].T * (signs / np.sqrt(spreads[:kept] * spreads[0]))
    return scaled
