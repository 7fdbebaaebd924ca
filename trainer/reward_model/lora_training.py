"""Training the LoRA reward model: TRL's RewardTrainer (Bradley-Terry) on the base's own chat template.

RewardTrainer knows neither ties nor weights of records: ties are left out here, weights ignored. The
temperature of the margins is set on out-of-fold predictions. Needs the trainer process: it loads torch,
peft and trl. Called by the run's reward-model stage; what comes out is `lora.LoraRewardModel`.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.errors import TrainingDiverged, TrainingError
from trainer.preferences.record import PreferenceRecord
from trainer.preferences.splits import folds
from trainer.reward_model.crossval import FOLDS, Evidence, evidence_of
from trainer.reward_model.fit import fit_temperature
from trainer.reward_model.lora import (
    Load,
    LoraRewardModel,
    LoraSettings,
    classifier,
    member_name,
    pad_token_id,
    token_ids,
)
from trainer.reward_model.table import Table

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase, TrainerCallback

Values = NDArray[np.float64]
Check = Callable[[], None]
"""Called between steps; what it raises ends the training."""


def _goes_on() -> None:
    """Nobody asks for a rest."""


def judge(
    table: Table,
    load: Load,
    scratch: Path,
    settings: LoraSettings | None = None,
    check: Check = _goes_on,
) -> tuple[Evidence, float]:
    """What it is worth on requests it did not see, and the temperature for `train`. Call it with `enough`
    records only (`crossval`). The log-loss knows the temperature, one number, beforehand."""
    margins = out_of_fold(table.records, load, scratch, settings, check)
    temperature = fit_temperature(margins, table.wins, table.weights)
    seed = settings.seed if settings else 0
    return evidence_of(table, margins / temperature, seed, method="lora"), temperature


def train(
    records: Sequence[PreferenceRecord],
    load: Load,
    scratch: Path,
    settings: LoraSettings | None = None,
    temperature: float = 1.0,
    check: Check = _goes_on,
) -> LoraRewardModel:
    """Train all members. `scratch` is a folder for the trainer's own files.

    Raises `TrainingError` without a single choice, `TrainingDiverged` when a loss is no number.
    """
    settings = settings or LoraSettings()
    decided = [record for record in records if not record.tie]
    if not decided:
        raise TrainingError("There is nothing to learn a taste from yet: no choices between two texts.")
    from peft import LoraConfig, TaskType, get_peft_model

    causal, tokenizer = load()
    model = classifier(causal, pad_token_id(tokenizer), settings.seed)
    config = LoraConfig(
        task_type=TaskType.SEQ_CLS,
        r=settings.rank,
        lora_alpha=2 * settings.rank,
        target_modules="all-linear",
        modules_to_save=["score"],
    )
    tuned = get_peft_model(model, config, adapter_name=member_name(0))
    for member in range(settings.members):
        check()
        if member:
            tuned.add_adapter(member_name(member), config)
        tuned.set_adapter(member_name(member))
        drawn = _drawn(decided, settings.seed + member) if settings.members > 1 else decided
        _train_member(tuned, tokenizer, drawn, scratch, settings, settings.seed + member, check)
    return LoraRewardModel(tuned, tokenizer, settings, temperature)


def out_of_fold(
    records: Sequence[PreferenceRecord],
    load: Load,
    scratch: Path,
    settings: LoraSettings | None = None,
    check: Check = _goes_on,
) -> Values:
    """As `crossval.out_of_fold`: the margin of each record by a member that did not see its prompt. One
    model is in memory at a time."""
    settings = settings or LoraSettings()
    fold = np.array(folds(records, FOLDS, settings.seed))
    margins = np.zeros(len(records))
    for number in range(fold.max() + 1):
        outside = [record for record, place in zip(records, fold, strict=True) if place == number]
        inside = [record for record, place in zip(records, fold, strict=True) if place != number]
        model = train(inside, load, scratch, replace(settings, members=1), check=check)
        asked = [record.prompt for record in outside]
        chosen = model.scores(asked, [record.chosen for record in outside])[0]
        margins[fold == number] = chosen - model.scores(asked, [record.rejected for record in outside])[0]
        del model
        gc.collect()  # models and trainers point at each other
    return margins


def _train_member(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    records: Sequence[PreferenceRecord],
    scratch: Path,
    settings: LoraSettings,
    seed: int,
    check: Check,
) -> None:
    import torch
    from datasets import Dataset
    from trl import RewardConfig, RewardTrainer

    most = settings.most_tokens
    rows = {
        "chosen_ids": [token_ids(tokenizer, record.prompt, record.chosen, most) for record in records],
        "rejected_ids": [token_ids(tokenizer, record.prompt, record.rejected, most) for record in records],
    }
    cuda = torch.cuda.is_available()
    half = next(model.parameters()).dtype == torch.bfloat16
    arguments = RewardConfig(
        output_dir=str(scratch),
        per_device_train_batch_size=1,
        gradient_accumulation_steps=settings.pairs_per_step,
        learning_rate=settings.learning_rate,
        num_train_epochs=1,
        max_steps=settings.steps or -1,
        max_length=None,  # the default would leave long pairs out without a word
        center_rewards_coefficient=0.01,
        use_cpu=not cuda,
        bf16=half,
        gradient_checkpointing=cuda,
        dataloader_pin_memory=False,
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        seed=seed,
    )
    data = Dataset.from_dict(rows)
    trainer = RewardTrainer(
        model, args=arguments, train_dataset=data, processing_class=tokenizer, callbacks=[_asking(check)]
    )
    loss = trainer.train().training_loss
    if not np.isfinite(loss):
        raise TrainingDiverged("The reward model's loss is no number any more; nothing was kept of it.")


def _asking(check: Check) -> TrainerCallback:
    """Asks after each step whether to go on."""
    from transformers import TrainerCallback

    class Asking(TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, *_state: object, **_rest: object) -> None:
            check()

    return Asking()


def _drawn(records: Sequence[PreferenceRecord], seed: int) -> list[PreferenceRecord]:
    """As many prompts as there are, drawn with replacement, with all their records."""
    groups: dict[str, list[PreferenceRecord]] = {}
    for record in records:
        groups.setdefault(record.group, []).append(record)
    names = sorted(groups)
    return [record for name in random.Random(seed).choices(names, k=len(names)) for record in groups[name]]
