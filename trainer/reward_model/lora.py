"""The reward model for larger bases and many records: the base itself, with a LoRA and a score on top.

A few members, each from its own seed and its own draw of prompts (`lora_training`), give mean and spread.
It is worth its time from 500 records and 400 million parameters on (`fits`), and is taken only where it
wins the cross-validation (`choose`). Texts are read up to `most_tokens`. Imports torch where it is used;
only the trainer process may score. Called by the run's reward-model stage.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import TrainingError
from trainer.reward_model.crossval import Evidence

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


def from_file(path: Path) -> Load:
    """Loads the base of a GGUF file or a Hugging Face folder, as the policy does."""

    def load() -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
        from trainer.policy.base import load_base

        base = load_base(path)
        base.model.set_attn_implementation("sdpa")  # the policy's own is for groups that share a prompt
        return base.model, base.tokenizer

    return load


def classifier(causal: PreTrainedModel, pad: int, seed: int) -> PreTrainedModel:
    """A model with one score in place of the head, around the very weights of `causal`."""
    import torch
    from transformers import AutoModelForSequenceClassification

    config = causal.config
    config.num_labels, config.pad_token_id = 1, pad
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


def token_ids(tokenizer: PreTrainedTokenizerBase, prompt: str, text: str, most: int) -> list[int]:
    """Request and answer as one exchange in the model's template, cut at `most` tokens. The request alone,
    not all that a draft was shown: that is what practice, verdict and imported choices have in common."""
    whole = tokenizer.apply_chat_template(
        [{"role": "user", "content": prompt}, {"role": "assistant", "content": text}],
        tokenize=False,
        add_generation_prompt=False,
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
        """Mean and standard deviation over the members, each about its own mean over the texts of one
        request: the level of a member means nothing, and differs from request to request."""
        members = self.scores(prompts, texts)
        for prompt in set(prompts):
            same = np.array([other == prompt for other in prompts])
            members[:, same] -= members[:, same].mean(1, keepdims=True)
        return members.mean(0) / self.temperature, members.std(0) / self.temperature

    def scores(self, prompts: Sequence[str], texts: Sequence[str]) -> Values:
        """One row of raw scores for each member."""
        import torch

        rows = [
            token_ids(self.tokenizer, prompt, text, self.settings.most_tokens)
            for prompt, text in zip(prompts, texts, strict=True)
        ]
        found = np.zeros((self.settings.members, len(texts)))
        self.model.eval()
        first = next(self.model.parameters())
        device, half = first.device, first.dtype == torch.bfloat16  # as it was trained
        for member in range(self.settings.members):
            self.model.set_adapter(member_name(member))
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
            model = classifier(causal, pad_token_id(tokenizer), settings.seed)
            first = PeftModel.from_pretrained(
                model, str(folder / member_name(0)), adapter_name=member_name(0)
            )
            for member in range(1, settings.members):
                first.load_adapter(str(folder / member_name(member)), adapter_name=member_name(member))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TrainingError(f"The reward model in {folder.name} cannot be read: fit it again.") from error
        return cls(first, tokenizer, settings, float(told["temperature"]))


def _padded(rows: Sequence[Sequence[int]], pad: int) -> tuple[Any, Any]:
    import torch

    width = max(map(len, rows))
    ids = torch.tensor([[*row, *[pad] * (width - len(row))] for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
    return ids, mask


def pad_token_id(tokenizer: PreTrainedTokenizerBase) -> int:
    """The token that fills rows up; the end of a turn where the model has none."""
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return int(tokenizer.pad_token_id)


def member_name(member: int) -> str:
    """The name of a member's adapter."""
    return f"member_{member}"
