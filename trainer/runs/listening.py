"""What a run writes down while its policy learns (steps, texts, samples), and its answer when asked to rest.

Made by `trainer.runs.stage_policy` and `stage_pretrain`, given to the policy's trainers as `Hooks`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine.text.counting import count_words
from trainer.policy.hooks import Hooks, Write
from trainer.policy.prompts import TrainingPrompt
from trainer.policy.rollout import Rollout
from trainer.rewards.score import Scored
from trainer.runs.desk import RunDesk
from trainer.runs.material import write_lines

if TYPE_CHECKING:
    from trainer.reward_model.model import RewardModel

FIGURES = ("loss", "kl", "entropy", "words", "repetition", "clipped", "failed", "total", "mismatch")


class Listener:
    """One run's ears. `samples` are written again every few steps; `judge` watches from outside;
    `kind`: what its steps are called in the log (`reading` for own texts)."""

    def __init__(
        self,
        desk: RunDesk,
        samples: Sequence[TrainingPrompt] = (),
        base_texts: Sequence[str] = (),
        judge: RewardModel | None = None,
        kind: str = "step",
    ) -> None:
        self._kind = kind
        self._desk, self._samples, self._base_texts, self._judge = desk, samples, base_texts, judge
        self._last = time.monotonic()
        self.scored: Scored | None = None

    def on_event(self, event: dict[str, Any]) -> None:
        """A step is done."""
        now = time.monotonic()
        parts = event.get("seconds") or {}
        seconds = round(float(parts.get("total") or now - self._last), 3)
        self._last = now
        self._desk.run.events.append(
            self._kind,
            step=event["step"],
            seconds=seconds,
            rewards={name: round(value, 4) for name, value in (event.get("rewards") or {}).items()},
            **{name: event[name] for name in FIGURES if event.get(name) is not None},
            parts={name: round(value, 3) for name, value in parts.items()},
        )
        if self._kind == "step":
            self._desk.run.tell(step=event["step"])

    def hooks(self) -> Hooks:
        """As the policy's trainers want it."""
        return Hooks(
            on_event=self.on_event,
            on_completions=self.on_completions,
            visit=self.visit,
            judge=self.judged,
            rest=self.rest,
        )

    def on_completions(self, step: int, rollouts: list[Rollout]) -> None:
        """The texts of a step, with what they earned, to be read later."""
        scored = self.scored
        earned = scored.rewards if scored else {}
        rows = (
            {
                "prompt": rollout.completion.prompt,
                "think": rollout.completion.think,
                "text": rollout.completion.answer,
                "words": count_words(rollout.completion.answer),
                "asked": [rollout.completion.low, rollout.completion.high],
                "rewards": {name: round(values[place], 4) for name, values in earned.items()},
                "failed": scored.details[place].failure if scored else None,
            }
            for place, rollout in enumerate(rollouts)
        )
        write_lines(self._desk.run.completions / f"step-{step:06d}.jsonl", rows)

    def visit(self, step: int, write: Write) -> None:
        """Every few steps: the same requests again, beside the base's answers."""
        every = self._desk.settings.sample_every
        if not self._samples or not every or (step % every and step != self._desk.settings.steps):
            return
        for place, rollout in enumerate(write(self._samples)):
            self._desk.run.events.append(
                "sample",
                step=step,
                key=self._samples[place].id,
                prompt=self._samples[place].text,
                base=self._base_texts[place] if place < len(self._base_texts) else "",
                tuned=rollout.completion.answer,
            )

    def judged(self, step: int, write: Write) -> float | None:
        """What a judge that has no part in the rewards thinks of the samples; None where there is none. In
        the log, too, so that the guards know of it after a resume."""
        if self._judge is None or not self._samples:
            return None
        texts = [rollout.completion for rollout in write(self._samples)]
        scores, _ = self._judge.score([text.prompt for text in texts], [text.answer for text in texts])
        value = float(scores.mean())
        self._desk.run.events.append("judged", step=step, value=value)
        return value

    def rest(self) -> str:
        """ "" to go on, "keep" to end here with what was learned, "pause" to save and rest."""
        came = time.monotonic()
        self._desk.step_aside()
        self._last += time.monotonic() - came  # asked between a step and its log: what it waited is no step
        if self._desk.rest() is not None:
            return "pause"
        return "keep" if self._desk.keep else ""
