"""What happens after each step: the event, the guards, the wish to rest. Called by transformers.

One callback for all trainers (GRPO, SFT, pretraining); `facts` is what the trainer knows of its step.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from engine.errors import TrainingDiverged
from trainer.policy.foreign import Foreign
from trainer.policy.guards import Guards
from trainer.policy.hooks import Event, Hooks, Write
from trainer.policy.rollout import Rollout

NOT_FINITE = "The training lost its numbers (NaN) in step {step}. The last good checkpoint is kept."
"""Said of any training."""


class Watching(TrainerCallback):  # type: ignore[misc]
    """Set `facts`, `rollouts` and `write` where there are any. `stopped` and `sentence` tell how it ended,
    `guards` what a guard that ended it had nothing against."""

    def __init__(self, hooks: Hooks, guards: Guards | None = None, judge_every: int = 0) -> None:
        self._hooks = hooks
        self.guards = guards
        self._judge_every = judge_every
        self.facts: Callable[[], dict[str, Any]] = dict
        self.rollouts: Callable[[], list[Rollout]] = list
        self.write: Write | None = None
        self.stopped = ""
        self.sentence = ""

    def on_pre_optimizer_step(
        self, _args: TrainingArguments, state: TrainerState, _control: TrainerControl, **rest: Foreign
    ) -> None:
        """Raises `TrainingDiverged` before gradients that are no numbers reach the weights."""
        gradients = [p.grad for p in rest["model"].parameters() if p.grad is not None]
        if gradients and not bool(torch.isfinite(torch.stack([g.sum() for g in gradients])).all()):
            raise TrainingDiverged(NOT_FINITE.format(step=state.global_step + 1))

    def on_log(
        self,
        _args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **_rest: Foreign,
    ) -> None:
        """Tell of a step, and let the guards look at it."""
        if logs is None or "loss" not in logs:
            return
        event = _event(state.global_step, logs, self.facts())
        self._hooks.on_event(event)
        rollouts = self.rollouts()
        if rollouts:
            self._hooks.on_completions(state.global_step, rollouts)
        if self.guards is not None:
            self._stop(control, "guard", self.guards.look(event))
        if (
            self.write is not None and self.stopped != "pause"
        ):  # who wants it to rest waits for its checkpoint
            self._hooks.visit(state.global_step, self.write)
            self._stop(control, "guard", self._judged(state.global_step, self.write))

    def on_step_end(
        self, _args: TrainingArguments, _state: TrainerState, control: TrainerControl, **_rest: Foreign
    ) -> None:
        """Ask whether to rest, before the checkpoint of this step is due."""
        wish = self._hooks.rest()
        if wish:
            self._stop(control, wish, "")

    def _judged(self, step: int, write: Write) -> str | None:
        """What the guards say to a held-out judgement, where one is due."""
        if self.guards is None or not self._judge_every or step % self._judge_every:
            return None
        judged = self._hooks.judge(step, write)
        return None if judged is None else self.guards.hear(judged)

    def _stop(self, control: TrainerControl, how: str, why: str | None) -> None:
        if why is None or self.stopped:
            return
        self.stopped, self.sentence = how, why
        control.should_training_stop = True
        control.should_save = True


def _event(step: int, logs: dict[str, Any], facts: dict[str, Any]) -> Event:
    """One step in plain numbers; what is no number is None, as JSON wants it."""
    event: Event = {
        "step": step,
        "loss": _number(logs.get("loss")),
        "grad_norm": _number(logs.get("grad_norm")),
        "learning_rate": _number(logs.get("learning_rate")),
        "entropy": _number(logs.get("entropy")),
        "kl": _number(logs.get("kl")),
    }
    event |= facts
    if event["kl"] is None:
        event["kl"] = event.get("kl_probed")
    event.pop("kl_probed", None)
    return event


def _number(value: Foreign) -> float | None:
    if value is None or not math.isfinite(float(value)):
        return None
    return float(value)
