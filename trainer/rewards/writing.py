"""The writing reward: what a reward model thinks of a text, less its own doubt.

    r = gate * s + (1 - gate) * min(s, WORST),   s = mean - spread

mean and spread are those of an ensemble: the pessimism that keeps a policy from living in the places
where the heads disagree (Coste et al. 2310.02743; facts/trainers.md, 5.1 and 5.2). A plain product with the
gate would lift a bad score towards 0, so the gate leads down to `WORST` instead: it never raises a score.
It knows no models and no texts. Called by `score`.
"""

from __future__ import annotations

import math

from engine.errors import TrainingDiverged

WORST = -4.0
"""The score of a degenerate text, in the reward model's unit (log-odds of Bradley-Terry): preferred to
an average text in 2 of 100 comparisons."""


def writing_reward(mean: float, spread: float, gate: float) -> float:
    """The reward, in log-odds. `spread`: the ensemble's standard deviation, 0 or more; `gate` in [0, 1].

    Raises `TrainingDiverged` when a figure is no number.
    """
    score = mean - spread
    if not math.isfinite(score) or not math.isfinite(gate):
        raise TrainingDiverged("The reward model gave no number for a text. The step is not taken.")
    return gate * score + (1 - gate) * min(score, WORST)
