"""A step of TRL's own GRPOTrainer on a base that our trainer uses, too.

The base is handed back as it was: with our attention, without which a prompt cannot run once for its group.
Called by `bench_train` and `same_as_stock`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from datasets import Dataset
from peft import PeftModel
from transformers import TrainerCallback
from transformers.trainer_callback import PrinterCallback
from trl import GRPOConfig, GRPOTrainer

from trainer.evaluation.bench_step import WEIGHTS, variety
from trainer.policy.base import Base
from trainer.policy.foreign import Foreign
from trainer.policy.grpo import common, unload
from trainer.policy.prompts import TrainingPrompt
from trainer.policy.settings import PolicySettings
from trainer.rewards.length import length_reward


@contextmanager
def stock_model(base: Base, start: Path) -> Iterator[Foreign]:
    """The base with the adapter in `start` and transformers' own attention, both taken off again."""
    with _stock_attention(base):
        model = PeftModel.from_pretrained(base.model, str(start), is_trainable=True)
        try:
            yield model
        finally:
            unload(base, model)


@contextmanager
def _stock_attention(base: Base) -> Iterator[None]:
    config = base.model.config
    ours = config._attn_implementation  # noqa: SLF001
    config._attn_implementation = "sdpa"  # noqa: SLF001
    try:
        yield
    finally:
        config._attn_implementation = ours  # noqa: SLF001


def stock_step(
    base: Base, settings: PolicySettings, asked: Sequence[TrainingPrompt], start: Path, folder: Path
) -> float:
    """Seconds of one step of TRL's own trainer."""
    rows = [
        {"prompt": [{"role": turn.role, "content": turn.content} for turn in one.messages], "at": place}
        for place, one in enumerate(asked)
    ]
    clock = _StepClock()
    with stock_model(base, start) as model:
        trainer = GRPOTrainer(
            model=model,
            args=stock_config(
                settings, base, folder, generation_kwargs={"min_new_tokens": settings.max_new_tokens}
            ),
            reward_funcs=[_length(asked), _variety],
            train_dataset=Dataset.from_list(rows),
            processing_class=base.tokenizer,
            callbacks=[clock],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    return clock.seconds


def stock_config(
    settings: PolicySettings, base: Base, folder: Path, generation_kwargs: dict[str, int] | None = None
) -> GRPOConfig:
    """TRL's settings for the same step, with one group a pass."""
    options = common(settings, base) | {"save_strategy": "no"}
    return GRPOConfig(
        output_dir=str(folder),
        max_steps=settings.steps,
        per_device_train_batch_size=settings.micro_batch,
        gradient_accumulation_steps=settings.completions_per_step // (settings.micro_batch or 1),
        num_generations=settings.group_size,
        max_completion_length=settings.max_new_tokens,
        temperature=settings.temperature,
        beta=settings.kl_beta,
        loss_type=settings.loss,
        reward_weights=list(WEIGHTS.values()),
        shuffle_dataset=False,
        gradient_checkpointing=False,
        generation_kwargs=generation_kwargs,
        **options,
    )


class _StepClock(TrainerCallback):  # type: ignore[misc]
    """Seconds between the beginning and the end of the last step, its optimiser included."""

    seconds = 0.0

    def on_step_begin(self, *_args: Foreign, **_rest: Foreign) -> None:
        self._began = time.perf_counter()

    def on_step_end(self, *_args: Foreign, **_rest: Foreign) -> None:
        self.seconds = time.perf_counter() - self._began


def _variety(completions: list[list[dict[str, str]]], **_columns: Foreign) -> list[float]:
    return [variety(each[0]["content"]) for each in completions]


def _length(asked: Sequence[TrainingPrompt]) -> Callable[..., list[float]]:
    def length(completions: list[list[dict[str, str]]], at: list[int], **_columns: Foreign) -> list[float]:
        return [
            length_reward(len(each[0]["content"].split()), asked[place].low, asked[place].high)
            for each, place in zip(completions, at, strict=True)
        ]

    return length
