"""Rewards of one batch to advantages, group by group.

A group is the completions of one prompt. Three modes:

evidence  A = sum_k w_k * (r_k - mean_k) / max(std_k, noise_k): LongWriter-Zero's average of advantages
          (facts/longwriter_zero.md, 2.4) with the floor that it lacks: a reward that is nearly constant
          in a group, or whose differences are within its own noise, gets no voice (facts/trainers.md, 5.2
          and 5.4). Hard failures end negative and below every text of the group that did not fail; those
          are measured by their own mean and spread, so that one failure does not drown what tells them apart.
paper     A = sum_k w_k * (r_k - mean_k) / (std_k + 1e-4): with weights of 1/3 the paper's formula. The
          standard deviation is the sample's (n - 1) and the 1e-4 is TRL's, where the paper is silent, so
          that it equals TRL's `normalize_then_sum` before its last step over the batch.
sum       r = sum_k w_k * r_k; A = (r - mean) / (std + 1e-4): TRL's `sum_then_normalize`, for comparison.

It knows nothing of texts or of torch. Called by the policy's trainer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from engine.errors import TrainingDiverged, TrainingError

Mode = Literal["evidence", "paper", "sum"]

EPSILON = 1e-4
"""What TRL adds to a standard deviation; the least floor of the evidence mode."""
FAILURE = 0.5
"""A failure's advantage is at most minus this, before the cap shrinks a group."""

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Combined:
    """`total`: one advantage a completion. `parts`: what each reward brought to it, weight included.

    The parts of a completion sum to its total, except in evidence mode where a cap or a failure changed it.
    """

    total: list[float]
    parts: dict[str, list[float]]


def evidence_weights(personal: float | None) -> dict[str, float]:
    """Weights that sum to 1: a third each for length and format, the last shared by taste and prior.

    `personal`: the evidence for the writer's own reward model, 0 to 1 (facts/trainers.md, 5.4); None
    where there is no such model, and then there is no `personal` among the weights.
    """
    share = 0.0 if personal is None else min(1.0, max(0.0, personal))
    weights = {"length": 1 / 3, "format": 1 / 3}
    if personal is not None:
        weights["personal"] = share / 3
    return weights | {"prior": (1 - share) / 3}


def advantages(
    rewards: Mapping[str, Sequence[float]],
    groups: Sequence[int],
    *,
    weights: Mapping[str, float],
    noise: Mapping[str, float],
    failed: Sequence[bool],
    mode: Mode = "evidence",
    cap: float = 3.0,
) -> Combined:
    """The advantage of each completion.

    rewards: name -> n rewards. groups: n numbers; equal ones share a prompt, in any order. weights: one for
    each reward; they sum to 1, but for mode `sum`. noise: a reward's own uncertainty, in its own unit
    (missing: 0). failed: n flags. In mode `evidence`: |total| <= cap; the mean of a group is 0 unless
    all of it failed; each failure is negative. The other modes look at neither noise, failures nor cap.
    Raises `TrainingDiverged` where a reward is missing or no number, `TrainingError` where the lists
    or the weights do not fit together.
    """
    table = {name: _checked(name, values, len(groups)) for name, values in rewards.items()}
    if len(failed) != len(groups):
        raise TrainingError("The list of failed texts is not as long as the list of texts.")
    _check_weights(table, weights, mode)
    parts = {name: np.zeros(len(groups)) for name in table}
    total = np.zeros(len(groups))
    for group in dict.fromkeys(groups):
        rows = np.flatnonzero(np.asarray(groups) == group)
        lost = np.asarray(failed, dtype=bool)[rows]
        here = _group_parts({name: table[name][rows] for name in table}, weights, noise, mode, ~lost)
        for name, values in here.items():
            parts[name][rows] = values
        summed = np.sum(list(here.values()), axis=0)
        total[rows] = _settled(summed, lost, cap) if mode == "evidence" else summed
    return Combined(total.tolist(), {name: values.tolist() for name, values in parts.items()})


def _checked(name: str, values: Sequence[float], count: int) -> _Floats:
    if len(values) != count:
        raise TrainingError(f"The reward “{name}” has {len(values)} values for {count} texts.")
    if any(value is None or not math.isfinite(value) for value in values):
        raise TrainingDiverged(f"The reward “{name}” is not a number for every text. The step is not taken.")
    return np.asarray(values, dtype=np.float64)


def _check_weights(rewards: Mapping[str, _Floats], weights: Mapping[str, float], mode: Mode) -> None:
    if not rewards or set(rewards) - set(weights):
        raise TrainingError("Each reward needs a weight, and there must be a reward.")
    given = [weights[name] for name in rewards]
    if not all(math.isfinite(weight) and weight >= 0 for weight in given):
        raise TrainingError("A weight must be a number of 0 or more.")
    if mode != "sum" and not math.isclose(sum(given), 1.0, abs_tol=1e-6):
        raise TrainingError(f"The weights of the rewards sum to {sum(given):.3f} instead of 1.")


def _spread(values: _Floats) -> float:
    """The sample's standard deviation as `torch.std`; 0 for a single value, as in TRL."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def _group_parts(
    rewards: Mapping[str, _Floats],
    weights: Mapping[str, float],
    noise: Mapping[str, float],
    mode: Mode,
    kept: npt.NDArray[np.bool_],
) -> dict[str, _Floats]:
    """What each reward brings to the advantages of one group."""
    centred = {name: weights[name] * (values - values.mean()) for name, values in rewards.items()}
    if mode == "sum":
        scale = _spread(np.sum([weights[name] * values for name, values in rewards.items()], axis=0))
        return {name: values / (scale + EPSILON) for name, values in centred.items()}
    if mode == "paper":
        return {name: values / (_spread(rewards[name]) + EPSILON) for name, values in centred.items()}
    return {
        name: weights[name] * _scores(values, max(noise.get(name, 0.0), EPSILON), kept)
        for name, values in rewards.items()
    }


def _scores(values: _Floats, floor: float, kept: npt.NDArray[np.bool_]) -> _Floats:
    """z-scores with a floor: of the failed among all, of the `kept` among themselves."""
    scores = (values - values.mean()) / max(_spread(values), floor)
    if kept.any():
        own = values[kept]
        scores[kept] = (own - own.mean()) / max(_spread(own), floor)
    return np.asarray(scores)


def _settled(total: _Floats, failed: npt.NDArray[np.bool_], cap: float) -> _Floats:
    """`total` of one group capped, failures pushed down, the rest moved up so that the mean is 0.

    A group that still leaves the cap (many failures lift few survivors) shrinks as a whole.
    """
    total = np.clip(total, -cap, cap)
    if failed.all():
        lowered: _Floats = np.maximum(np.minimum(total - total.mean(), -FAILURE), -cap)
        return lowered
    total = total - total.mean()
    if failed.any():
        worst = min(0.0, float(total[~failed].min()))
        total = np.where(failed, np.minimum(total, worst - FAILURE), total)
        total[~failed] -= total.sum() / np.count_nonzero(~failed)
    return total * min(1.0, cap / max(float(np.abs(total).max()), EPSILON))
