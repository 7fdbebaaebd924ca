"""Whether our GRPO step is stock TRL's, number for number, where the settings agree.

Both get the same texts (written once, by llama.cpp), the same rewards, base, adapter, KL and learning rate,
in fp32, and take the same steps; compared are rewards, advantages, loss and gradient norm of each step. From
the second step on the weights are those that each has made itself, and the KL is no longer 0.
Called by `longwright bench train` and the tests.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from datasets import Dataset
from transformers import TrainerCallback
from transformers.trainer_callback import PrinterCallback
from trl import GRPOTrainer

from trainer.evaluation.bench_step import WEIGHTS, requests, score, stirred
from trainer.evaluation.stock import stock_config, stock_model
from trainer.policy.base import Base, load_base
from trainer.policy.foreign import Foreign
from trainer.policy.grpo import open_writer, run_grpo
from trainer.policy.hooks import Hooks
from trainer.policy.objective import Objective
from trainer.policy.prompts import TrainingPrompt, order
from trainer.policy.rollout import Rollout, Writer
from trainer.policy.settings import PolicySettings

BAR = 1e-4


@dataclass(frozen=True)
class Sameness:
    """The largest difference of each figure over all steps and texts. `shared`: our steps ran a prompt
    once for its group, as runs do, so that it is this path that is compared."""

    steps: int
    texts: int
    shared: bool
    rewards: float
    advantages: float
    loss: float
    grad_norm: float
    bar: float = BAR

    @property
    def reached(self) -> bool:
        """Rewards, advantages and loss within the bar, on the path of runs."""
        return self.shared and max(self.rewards, self.advantages, self.loss) <= self.bar


@dataclass(frozen=True)
class _Step:
    rewards: list[float]
    advantages: list[float]
    loss: float
    grad_norm: float
    shared: bool = False


class _Written:
    """A writer that hands out what was written before, step by step."""

    def __init__(self, writer: Writer, rollouts: Sequence[list[Rollout]]) -> None:
        self.way, self.takes, self.backend = writer.way, writer.takes, writer.backend
        self._rollouts = rollouts

    def follow(self, settings: PolicySettings, _model: Foreign = None) -> PolicySettings:
        """Nothing changes."""
        return settings

    def write(
        self, prompts: Sequence[TrainingPrompt], step: int, adapter: Path | None, *, logprobs: bool = False
    ) -> list[Rollout]:
        """What was written for this step."""
        del prompts, adapter, logprobs
        return self._rollouts[step - 1]

    def close(self) -> None:
        """Nothing to free."""


def measure(path: Path) -> Sameness:
    """On a GGUF or a folder, with a few short texts: what `longwright bench train` and the tests tell."""
    settings = PolicySettings(
        steps=2,
        group_size=3,
        prompts_per_step=2,
        micro_batch=3,
        max_new_tokens=24,
        think="on",
        think_tokens=12,
        temperature=0.9,
        advantage="sum",
        learning_rate=1e-3,
        kl_beta=0.05,
    )
    base = load_base(path, "float32")
    writer = open_writer(base, settings)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            start = stirred(base, settings, Path(scratch) / "start")
            return compare(base, writer, requests(writer, settings), settings, start)
    finally:
        writer.close()


def compare(
    base: Base,
    writer: Writer,
    asked: Sequence[TrainingPrompt],
    settings: PolicySettings,
    start: Path,
) -> Sameness:
    """`settings.advantage` must be `sum`, TRL's own rule. `base` in fp32; `start`: the adapter of both."""
    places = order(len(asked), settings)
    size = settings.prompts_per_step
    rollouts = [
        writer.write(
            [asked[at] for at in places[step * size : (step + 1) * size] for _ in range(settings.group_size)],
            step + 1,
            None,
        )
        for step in range(settings.steps)
    ]
    with tempfile.TemporaryDirectory() as scratch:
        stock = _stock(base, rollouts, settings, start, Path(scratch) / "stock")
        ours = _ours(base, _Written(writer, rollouts), asked, settings, start, Path(scratch) / "ours")
    pairs = list(zip(stock, ours, strict=True))
    return Sameness(
        steps=settings.steps,
        texts=settings.completions_per_step,
        shared=all(step.shared for step in ours),
        rewards=max(_apart(a.rewards, b.rewards) for a, b in pairs),
        advantages=max(_apart(a.advantages, b.advantages) for a, b in pairs),
        loss=max(abs(a.loss - b.loss) for a, b in pairs),
        grad_norm=max(abs(a.grad_norm - b.grad_norm) for a, b in pairs),
    )


def _apart(one: Sequence[float], other: Sequence[float]) -> float:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


class _Watch(TrainerCallback):  # type: ignore[misc]
    """Keeps what each step told."""

    def __init__(self) -> None:
        self.steps: list[_Step] = []
        self.trainer: Foreign = None

    def on_log(
        self, _args: Foreign, _state: Foreign, _control: Foreign, logs: Foreign = None, **_rest: Foreign
    ) -> None:
        if logs and "loss" in logs:
            told = self.trainer._logs  # noqa: SLF001
            rewards = [value for name in WEIGHTS for value in told["rewards"][name]]
            step = _Step(rewards, list(told["advantages"]), logs["loss"], logs["grad_norm"])
            self.steps.append(step)


def _stock(
    base: Base, rollouts: Sequence[list[Rollout]], settings: PolicySettings, start: Path, folder: Path
) -> list[_Step]:
    """TRL's own trainer, given the texts and the rewards."""
    step = {"number": 0}

    def write(_prompts: Foreign, _trainer: Foreign) -> dict[str, Foreign]:
        step["number"] += 1
        now = rollouts[step["number"] - 1]
        return {
            "prompt_ids": [each.prompt_ids for each in now],
            "completion_ids": [each.completion_ids for each in now],
            "env_mask": [each.own for each in now],
            "logprobs": None,
        }

    def reward_of(name: str) -> Foreign:
        def reward(**_columns: Foreign) -> list[float]:
            return score([each.completion for each in rollouts[step["number"] - 1]]).rewards[name]

        reward.__name__ = name
        return reward

    watch = _Watch()
    rows = [{"prompt": [{"role": "user", "content": "."}]}] * (settings.steps * settings.prompts_per_step)
    with stock_model(base, start) as model:
        trainer = GRPOTrainer(
            model=model,
            args=stock_config(settings, base, folder),
            reward_funcs=[reward_of(name) for name in WEIGHTS],
            train_dataset=Dataset.from_list(rows),
            processing_class=base.tokenizer,
            rollout_func=write,
            callbacks=[watch],
        )
        trainer.remove_callback(PrinterCallback)
        watch.trainer = trainer
        trainer.train()
    return watch.steps


def _ours(
    base: Base,
    writer: _Written,
    asked: Sequence[TrainingPrompt],
    settings: PolicySettings,
    start: Path,
    folder: Path,
) -> list[_Step]:
    """Our trainer, given the texts."""
    steps: list[_Step] = []
    rows: list[tuple[list[float], list[float]]] = []

    def told(event: dict[str, Foreign]) -> None:
        rewards, advantages = rows[-1]
        steps.append(_Step(rewards, advantages, event["loss"], event["grad_norm"], event["shared"]))

    def on_scored(rewards: dict[str, list[float]], advantages: list[float]) -> None:
        rows.append(([value for name in WEIGHTS for value in rewards[name]], advantages))

    run_grpo(
        settings,
        base,
        Objective(asked, score, WEIGHTS),
        folder,
        writer=writer,
        start=start,
        hooks=Hooks(on_event=told, on_scored=on_scored),
    )
    return steps
