"""The reward model for larger bases and many records: the base itself, with a LoRA and a score on top.

TRL's RewardTrainer (Bradley-Terry) on whole texts in the base's own chat template. A few members, each
from its own seed and its own draw of prompts, give mean and spread; the margins' temperature is set on
out-of-fold predictions. It is worth its time from 500 records and 400 million parameters on (`fits`), and
is taken only where it wins the cross-validation (`choose`).

RewardTrainer knows neither ties nor weights of records: ties are left out here, weights ignored. Texts are
read up to `most_tokens`. Imports torch; only the trainer process may load it. Called by the run's
reward-model stage.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.backends.protocol import Message
from engine.errors import TrainingDiverged, TrainingError
from trainer.preferences.record import PreferenceRecord
from trainer.preferences.splits import folds
from trainer.reward_model.crossval import FOLDS, Evidence, evidence_of
from trainer.reward_model.fit import fit_temperature
from trainer.reward_model.table import Table

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

Values = NDArray[np.float64]

LEAST_RECORDS = 500
LEAST_PARAMETERS = 400_000_000
_BATCH = 4


@dataclass(frozen=True)
class LoraSettings:
    """How it is trained. `steps` None: one pass over the records; `most_tokens` of request and text."""

    rank: int = 16
    learning_rate: float = 1e-4
    pairs_per_step: int = 8
    steps: int | None = None
    members: int = 3
    most_tokens: int = 4096
    seed: int = 0


Load = Callable[[], "tuple[PreTrainedModel, PreTrainedTokenizerBase]"]
"""Gives a fresh causal base and its tokenizer; its head is not used."""


def fits(record_count: int, parameters: int) -> bool:
    """Whether a LoRA reward model is worth trying with so many records on a base of this size."""
    return record_count >= LEAST_RECORDS and parameters >= LEAST_PARAMETERS


def choose(linear: Evidence, lora: Evidence | None) -> str:
    """`"lora"` where it wins on the cross-validation: more evidence, or as much and a lower log-loss."""
    if lora is None or lora.log_loss is None or linear.log_loss is None:
        return "linear"
    if lora.evidence_weight != linear.evidence_weight:
        return "lora" if lora.evidence_weight > linear.evidence_weight else "linear"
    return "lora" if lora.evidence_weight > 0 and lora.log_loss < linear.log_loss else "linear"


def classifier(causal: PreTrainedModel, pad_token_id: int, seed: int) -> PreTrainedModel:
    """A model with one score in place of the head, around the very weights of `causal`."""
    import torch
    from transformers import AutoModelForSequenceClassification

    config = causal.config
    config.num_labels, config.pad_token_id = 1, pad_token_id
    prefix = causal.base_model_prefix
    with torch.device("meta"):
        model = AutoModelForSequenceClassification.from_config(config)
    setattr(model, prefix, getattr(causal, prefix))
    torch.manual_seed(seed)
    score = torch.nn.Linear(model.score.in_features, 1, bias=model.score.bias is not None)
    torch.nn.init.normal_(score.weight, std=0.01)
    first = next(causal.parameters())
    # 4-bit weights are kept as whole numbers; the score always computes in fractions.
    model.score = score.to(first.device, first.dtype if first.is_floating_point() else torch.float32)
    return model


def token_ids(
    tokenizer: PreTrainedTokenizerBase, conversation: Sequence[Message], text: str, most: int
) -> list[int]:
    """Request and answer as the model would see them, cut at `most` tokens."""
    turns = [{"role": message.role, "content": message.content} for message in conversation]
    whole = tokenizer.apply_chat_template(
        [*turns, {"role": "assistant", "content": text}], tokenize=False, add_generation_prompt=False
    )
    found: list[int] = tokenizer(whole, add_special_tokens=False)["input_ids"][:most]
    return found


class LoraRewardModel:
    """Trained members on one base. `score` as `RewardModel.score`, on the same scale."""

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        settings: LoraSettings,
        temperature: float = 1.0,
    ) -> None:
        self.model, self.tokenizer = model, tokenizer
        self.settings, self.temperature = settings, temperature

    def score(self, prompts: Sequence[str], texts: Sequence[str]) -> tuple[Values, Values]:
        """Mean and standard deviation over the members, each about its own mean over these texts: the
        level of a member means nothing, so score the texts of one request in one call."""
        asked = [(Message("user", prompt),) for prompt in prompts]
        members = self.scores(asked, texts)
        if not texts:
            return members.mean(0), members.std(0)
        level = members - members.mean(1, keepdims=True)
        return level.mean(0) / self.temperature, level.std(0) / self.temperature

    def scores(self, conversations: Sequence[Sequence[Message]], texts: Sequence[str]) -> Values:
        """One row of raw scores for each member."""
        import torch

        rows = [
            token_ids(self.tokenizer, conversation, text, self.settings.most_tokens)
            for conversation, text in zip(conversations, texts, strict=True)
        ]
        found = np.zeros((self.settings.members, len(texts)))
        self.model.eval()
        first = next(self.model.parameters())
        device, half = first.device, first.dtype == torch.bfloat16  # as it was trained
        for member in range(self.settings.members):
            self.model.set_adapter(_name(member))
            for start in range(0, len(rows), _BATCH):
                ids, mask = _padded(rows[start : start + _BATCH], self.tokenizer.pad_token_id)
                with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=half):
                    logits = self.model(input_ids=ids.to(device), attention_mask=mask.to(device)).logits
                found[member, start : start + _BATCH] = logits.squeeze(-1).float().cpu().numpy()
        return found

    def save(self, folder: Path) -> None:
        """The members as PEFT folders, and what they were made with."""
        folder.mkdir(parents=True, exist_ok=True)
        self.model.save_pretrained(str(folder))
        told = {"settings": asdict(self.settings), "temperature": self.temperature}
        (folder / "lora.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, load: Load) -> LoraRewardModel:
        """Read what `save` wrote, on a fresh base. Raises `TrainingError` when it cannot be read."""
        from peft import PeftModel

        try:
            told = json.loads((folder / "lora.json").read_text(encoding="utf-8"))
            settings = LoraSettings(**told["settings"])
            causal, tokenizer = load()
            model = classifier(causal, _pad(tokenizer), settings.seed)
            first = PeftModel.from_pretrained(model, str(folder / _name(0)), adapter_name=_name(0))
            for member in range(1, settings.members):
                first.load_adapter(str(folder / _name(member)), adapter_name=_name(member))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TrainingError(f"The reward model in {folder.name} cannot be read: fit it again.") from error
        return cls(first, tokenizer, settings, float(told["temperature"]))


def from_file(path: Path) -> Load:
    """Loads the base of a GGUF file or a Hugging Face folder, as the policy does."""

    def load() -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
        from trainer.policy.base import load_base

        base = load_base(path)
        base.model.set_attn_implementation("sdpa")  # the policy's own is for groups that share a prompt
        return base.model, base.tokenizer

    return load


def judge(
    table: Table, load: Load, scratch: Path, settings: LoraSettings | None = None
) -> tuple[Evidence, float]:
    """What it is worth on requests it did not see, and the temperature for `train`. Call it with `enough`
    records only (`crossval`). The log-loss knows the temperature, one number, beforehand."""
    margins = out_of_fold(table.records, load, scratch, settings)
    temperature = fit_temperature(margins, table.wins, table.weights)
    seed = settings.seed if settings else 0
    return evidence_of(table, margins / temperature, seed, method="lora"), temperature


def train(
    records: Sequence[PreferenceRecord],
    load: Load,
    scratch: Path,
    settings: LoraSettings | None = None,
    temperature: float = 1.0,
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
    model = classifier(causal, _pad(tokenizer), settings.seed)
    config = LoraConfig(
        task_type=TaskType.SEQ_CLS,
        r=settings.rank,
        lora_alpha=2 * settings.rank,
        target_modules="all-linear",
        modules_to_save=["score"],
    )
    tuned = get_peft_model(model, config, adapter_name=_name(0))
    for member in range(settings.members):
        if member:
            tuned.add_adapter(_name(member), config)
        tuned.set_adapter(_name(member))
        drawn = _drawn(decided, settings.seed + member) if settings.members > 1 else decided
        _train_member(tuned, tokenizer, drawn, scratch, settings, settings.seed + member)
    return LoraRewardModel(tuned, tokenizer, settings, temperature)


def out_of_fold(
    records: Sequence[PreferenceRecord], load: Load, scratch: Path, settings: LoraSettings | None = None
) -> Values:
    """As `crossval.out_of_fold`: the margin of each record by a member that did not see its prompt."""
    settings = settings or LoraSettings()
    fold = np.array(folds(records, FOLDS, settings.seed))
    margins = np.zeros(len(records))
    for number in range(fold.max() + 1):
        outside = [record for record, place in zip(records, fold, strict=True) if place == number]
        inside = [record for record, place in zip(records, fold, strict=True) if place != number]
        model = train(inside, load, scratch, replace(settings, members=1))
        asked = [record.conversation for record in outside]
        chosen = model.scores(asked, [record.chosen for record in outside])[0]
        margins[fold == number] = chosen - model.scores(asked, [record.rejected for record in outside])[0]
    return margins


def _train_member(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    records: Sequence[PreferenceRecord],
    scratch: Path,
    settings: LoraSettings,
    seed: int,
) -> None:
    import torch
    from datasets import Dataset
    from trl import RewardConfig, RewardTrainer

    most = settings.most_tokens
    rows = {
        "chosen_ids": [token_ids(tokenizer, record.conversation, record.chosen, most) for record in records],
        "rejected_ids": [
            token_ids(tokenizer, record.conversation, record.rejected, most) for record in records
        ],
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
    trainer = RewardTrainer(model, args=arguments, train_dataset=data, processing_class=tokenizer)
    loss = trainer.train().training_loss
    if not np.isfinite(loss):
        raise TrainingDiverged("The reward model's loss is no number any more; nothing was kept of it.")


def _drawn(records: Sequence[PreferenceRecord], seed: int) -> list[PreferenceRecord]:
    """As many prompts as there are, drawn with replacement, with all their records."""
    groups: dict[str, list[PreferenceRecord]] = {}
    for record in records:
        groups.setdefault(record.group, []).append(record)
    names = sorted(groups)
    return [record for name in random.Random(seed).choices(names, k=len(names)) for record in groups[name]]


def _padded(rows: Sequence[Sequence[int]], pad: int) -> tuple[Any, Any]:
    import torch

    width = max(map(len, rows))
    ids = torch.tensor([[*row, *[pad] * (width - len(row))] for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
    return ids, mask


def _pad(tokenizer: PreTrainedTokenizerBase) -> int:
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return int(tokenizer.pad_token_id)


def _name(member: int) -> str:
    return f"member_{member}"
