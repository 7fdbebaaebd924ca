"""Training on given texts: what SFT and pretraining share. TRL's SFTTrainer on ready-made ids.

The loss is the usual one, over the ids that `labels` names; events, rests, checkpoints and resuming are
those of the reinforcement learning. Knows no records and no manuscripts. Called by `sft`, `pretrain`.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from datasets import Dataset
from torch import Tensor
from transformers.trainer_callback import PrinterCallback
from trl import SFTConfig, SFTTrainer

from engine.errors import TrainingDiverged, TrainingError
from trainer.policy.base import Base
from trainer.policy.checkpoints import save_whole
from trainer.policy.foreign import Foreign
from trainer.policy.grpo import bytes_per_token, checkpoints_gradients, common, finished, room_for, unload
from trainer.policy.hooks import Hooks, Trained
from trainer.policy.policy import with_adapter
from trainer.policy.settings import PolicySettings
from trainer.policy.trainer import BYTES_PER_TRAINED
from trainer.policy.watching import NOT_FINITE, Watching

IGNORED = -100
"""The label of an id that is read and not learned."""


@dataclass(frozen=True)
class Lesson:
    """One text as ids; `learned_from` is the place of the first id that is learned."""

    ids: list[int]
    learned_from: int = 0


class _TextTrainer(SFTTrainer):  # type: ignore[misc]
    """TRL's, without its model card, and stopping at what is no number."""

    def training_step(self, *args: Foreign, **rest: Foreign) -> Tensor:
        loss: Tensor = super().training_step(*args, **rest)
        if not torch.isfinite(loss).all():
            raise TrainingDiverged(NOT_FINITE.format(step=self.state.global_step + 1))
        return loss

    def _save_checkpoint(self, model: Foreign, trial: Foreign) -> None:
        folder = Path(self.args.output_dir)
        checkpoint = folder / f"checkpoint-{self.state.global_step}"
        trained = sum(p.numel() for p in self.model.parameters() if p.requires_grad)

        def save() -> None:
            super(SFTTrainer, self)._save_checkpoint(model, trial)
            (checkpoint / "README.md").unlink(missing_ok=True)

        save_whole(folder, checkpoint, save, trained * BYTES_PER_TRAINED)


def train_on(
    lessons: Sequence[Lesson],
    settings: PolicySettings,
    base: Base,
    folder: Path,
    *,
    steps: int,
    batch: int,
    start: Path | None = None,
    checkpoint: Path | None = None,
    hooks: Hooks | None = None,
) -> Trained:
    """`steps` steps of `batch` texts each. Raises `TrainingDiverged`, `TrainingError`, `DiskFull`."""
    if not lessons:
        raise TrainingError("There is no text to learn from.")
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    watching = Watching(hooks or Hooks())
    model = with_adapter(base, settings, start)
    longest = max(len(lesson.ids) for lesson in lessons)
    at_once = _at_once(longest, base, batch)
    trainer = _TextTrainer(
        model=model,
        args=SFTConfig(
            output_dir=str(folder),
            max_steps=steps,
            per_device_train_batch_size=at_once,
            gradient_accumulation_steps=batch // at_once,
            gradient_checkpointing=checkpoints_gradients(settings, base, at_once * longest),
            max_length=None,
            **common(settings, base),
        ),
        train_dataset=Dataset.from_list([_row(lesson) for lesson in lessons]),
        processing_class=base.tokenizer,
        callbacks=[watching],
    )
    trainer.remove_callback(PrinterCallback)
    try:
        trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
        return finished(folder, trainer.state.global_step, watching, began)
    finally:
        unload(base, model)
        gc.collect()


def _row(lesson: Lesson) -> dict[str, list[int]]:
    labels = [IGNORED] * lesson.learned_from + lesson.ids[lesson.learned_from :]
    return {"input_ids": lesson.ids, "labels": labels}


def _at_once(longest: int, base: Base, batch: int) -> int:
    """Texts in one pass: what memory holds, a divisor of `batch`."""
    fit = room_for(base) / (bytes_per_token(base) * longest)
    return next((size for size in range(batch, 0, -1) if batch % size == 0 and size <= fit), 1)
