"""What a policy is trained for: the requests, and what the texts that answer them earn.

It knows no trainer and no run. Made by `trainer.runs`, the benchmarks and tests; read by `trainer`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from engine.errors import TrainingError
from trainer.policy.prompts import TrainingPrompt
from trainer.rewards.completion import Completion
from trainer.rewards.score import Scored

Score = Callable[[Sequence[Completion]], Scored]


@dataclass(frozen=True)
class Objective:
    """`score` gives the rewards of a step's texts, `weights` names and weighs those that count.

    Raises `TrainingError` when there is no request.
    """

    prompts: Sequence[TrainingPrompt]
    score: Score
    weights: Mapping[str, float]

    def __post_init__(self) -> None:
        if not self.prompts:
            raise TrainingError("There is no request to practise on.")

    def worth(self, rewards: Mapping[str, Sequence[float]]) -> float:
        """What texts earned on average, each reward by its weight."""
        return sum(weight * fmean(rewards[name]) for name, weight in self.weights.items())
