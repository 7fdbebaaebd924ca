"""All rewards of one batch of completions, ready for `combine.advantages`.

The parts are plain functions of plain values; here they meet the two models that they need, which are
given and known only by their Protocols: a scorer (a reward model) and an embedder. A scorer's doubt
about these very texts is its noise, the floor under its spread in a group (facts/trainers.md, 5.2).
Called by the policy's trainer and by the verdict.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from trainer.rewards.completion import Completion
from trainer.rewards.failure import hard_failure
from trainer.rewards.format import format_reward
from trainer.rewards.gate import gate_parts
from trainer.rewards.length import length_reward
from trainer.rewards.overlap import Embedder, similarities
from trainer.rewards.writing import writing_reward

NOISE = {"length": 0.05, "format": 0.03}
"""Differences within a group that mean nothing: a few words at the edge of a range; one false alarm
in a part of the format reward."""


class Scorer(Protocol):
    """A reward model: for n prompts and texts the mean (n,) and the spread (n,) of its ensemble."""

    def score(
        self, prompts: Sequence[str], texts: Sequence[str]
    ) -> tuple[npt.NDArray[np.floating], npt.NDArray[np.floating]]:
        """Scores in log-odds, higher is better; spread is 0 or more."""
        ...


@dataclass(frozen=True)
class Detail:
    """What one completion's rewards are made of, for the log: `failure` is None or its reason."""

    words: int
    failure: str | None
    gate: dict[str, float]
    format: dict[str, float]
    scores: dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Scored:
    """Rewards by name (`length`, `format`, `prior`, `personal` if any), n each; their noise; n failures."""

    rewards: dict[str, list[float]]
    noise: dict[str, float]
    failed: list[bool]
    details: list[Detail]


def score_all(
    completions: Sequence[Completion],
    prior: Scorer,
    embedder: Embedder,
    personal: Scorer | None = None,
    l_max: int | None = None,
) -> Scored:
    """Every reward of every completion. `l_max` in words, None: twice each range's upper end.

    Raises `TrainingDiverged` when a scorer gives no number.
    """
    if not completions:
        return Scored({}, dict(NOISE), [], [])
    gates = [gate_parts(each) for each in completions]
    formats = [
        format_reward(each, near)
        for each, near in zip(completions, similarities(completions, embedder), strict=True)
    ]
    rewards = {
        "length": [length_reward(len(each.words), each.low, each.high, l_max) for each in completions],
        "format": [each.reward for each in formats],
    }
    failures = [hard_failure(each, l_max, gate) for each, gate in zip(completions, gates, strict=True)]
    noise, scores = dict(NOISE), {}
    for name, scorer in {"personal": personal, "prior": prior}.items():
        if scorer is not None:
            scores[name] = _scores(scorer, completions)
            rewards[name] = [
                writing_reward(mean, spread, min(gate.values()))
                for (mean, spread), gate in zip(scores[name], gates, strict=True)
            ]
            noise[name] = _noise(scores[name], failures)
    details = [
        Detail(
            len(each.words),
            failures[row],
            gates[row],
            formats[row].parts,
            {n: s[row] for n, s in scores.items()},
        )
        for row, each in enumerate(completions)
    ]
    return Scored(rewards, noise, [reason is not None for reason in failures], details)


def _noise(scores: Sequence[tuple[float, float]], failures: Sequence[str | None]) -> float:
    """The doubt about a usual text: the median, of those that did not fail where there are any."""
    sound = [spread for (_, spread), reason in zip(scores, failures, strict=True) if reason is None]
    return statistics.median(sound or [spread for _, spread in scores])


def _scores(scorer: Scorer, completions: Sequence[Completion]) -> list[tuple[float, float]]:
    mean, spread = scorer.score([each.prompt for each in completions], [each.answer for each in completions])
    return list(zip(map(float, mean), map(float, spread), strict=True))
