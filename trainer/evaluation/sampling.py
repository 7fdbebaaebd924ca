"""Texts of base and tuned model for the same requests and seeds, to be compared.

They are the policy's raw texts, written as in practice and not as a draft is: the drafting room's length
controller and ledger would hide what the model does by itself. Each side is one batch; between them only
the adapter is changed. How many: some for the shortest run, more the longer it practised, because a
verdict must not cost more than what it judges. Called by `trainer.runs`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trainer.policy.prompts import TrainingPrompt
from trainer.policy.rollout import Writer, seed_of
from trainer.rewards.completion import Completion

VERDICT_STEP = 1_000_001
"""A step that no run reaches: its seeds are never those of practice."""
FEWEST, MOST = 6, 40
"""Requests. Three more on either side take the shortest run, of two steps, from 3 minutes to 3 and a half."""
TEXTS_FROM_STEPS = 20
"""From so many steps on each request is answered twice."""


@dataclass(frozen=True)
class Pairs:
    """`base[i]` and `tuned[i]` answer `prompts[i]` with one seed."""

    prompts: tuple[TrainingPrompt, ...]
    base: tuple[Completion, ...]
    tuned: tuple[Completion, ...]

    @property
    def groups(self) -> list[str]:
        """Which pairs are of one request."""
        return [prompt.id for prompt in self.prompts]


def prompts_for(steps: int) -> int:
    """How many unseen requests a run of so many steps is judged on."""
    return min(MOST, FEWEST + steps // 2)


def texts_for(steps: int) -> int:
    """How many texts a request gets from either side."""
    return 1 if steps < TEXTS_FROM_STEPS else 2


def passages_for(steps: int) -> int:
    """How many passages of the writer's own prose are foreseen by either side: 24 took a fifth of the
    shortest run."""
    return FEWEST if steps < TEXTS_FROM_STEPS else MOST


def sample_side(
    writer: Writer, asked: Sequence[TrainingPrompt], adapter: Path | None, *, step: int = VERDICT_STEP
) -> tuple[Completion, ...]:
    """One text for each request of one side; `adapter` is the tuned model as the writer takes it, None for
    the base.

    The same `asked` gives the same seeds, so the two sides are paired.
    """
    return tuple(rollout.completion for rollout in writer.write(asked, step, adapter))


def seed_at(seed: int, place: int) -> int:
    """The seed of the text at `place` of either side, where the run's is `seed`."""
    return seed_of(seed, VERDICT_STEP, place)
