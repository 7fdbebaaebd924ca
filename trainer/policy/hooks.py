"""What a run tells while it trains, and what it asks. Plain functions, so that anybody can listen.

Given by `trainer.runs` and the benchmark to `grpo`, `sft` and `pretrain`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.policy.prompts import TrainingPrompt
from trainer.policy.rollout import Rollout

Event = dict[str, Any]
Write = Callable[[Sequence[TrainingPrompt]], list[Rollout]]
"""Writes a text for each prompt with the policy as it is now."""


def _no_event(_event: Event) -> None: ...


def _no_completions(_step: int, _rollouts: list[Rollout]) -> None: ...


def _no_scores(_rewards: dict[str, list[float]], _advantages: list[float]) -> None: ...


def _no_visit(_step: int, _write: Write) -> None: ...


def _goes_on() -> str:
    return ""


def _no_judge(_step: int, _write: Write) -> float | None:
    return None


@dataclass(frozen=True)
class Hooks:
    """`on_event` after every step (see `grpo` for what is in it); `on_completions` with the step's texts;
    `on_scored` with their rewards by name and their advantages, before the update; `visit` after every
    step, with a way to write with the policy as it is; `judge` every `judge_every` steps: a held-out
    judgement, None for none. `rest` is asked after every step: "" goes on, "pause" and "keep" write a
    checkpoint and end here."""

    on_event: Callable[[Event], None] = _no_event
    on_completions: Callable[[int, list[Rollout]], None] = _no_completions
    on_scored: Callable[[dict[str, list[float]], list[float]], None] = _no_scores
    visit: Callable[[int, Write], None] = _no_visit
    judge: Callable[[int, Write], float | None] = _no_judge
    rest: Callable[[], str] = _goes_on


@dataclass(frozen=True)
class Trained:
    """How a training ended. `stopped`: "" when all steps were done, "pause", "keep", or "guard" with the
    reason in `sentence`. `peft`: the folder of the adapter, None where it rests to be resumed; `kept`: the
    step that it is of, an earlier one than the last where a guard spoke."""

    steps: int
    stopped: str
    sentence: str
    peft: Path | None
    kept: int
    checkpoint: Path | None
    seconds: float
