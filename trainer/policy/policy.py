"""The policy: a base with a LoRA around it, and the frozen copy of where it began.

Called by whatever trains a policy or writes with one.
"""

from __future__ import annotations

from pathlib import Path

import torch

from trainer.policy.base import Base
from trainer.policy.foreign import Foreign
from trainer.policy.settings import PolicySettings

START = "ref"
"""TRL's name for the adapter that the distance is measured from."""


def with_adapter(base: Base, settings: PolicySettings, start: Path | None = None) -> Foreign:
    """The base with a LoRA around all its linear layers but the head: a new one, or the one in `start`.

    The adapter is kept in 32 bit whatever the base is: its steps are too small for 16.
    """
    from peft import LoraConfig, PeftModel, TaskType, get_peft_model

    torch.manual_seed(settings.seed)
    if start is not None:
        model = PeftModel.from_pretrained(base.model, str(start), is_trainable=True)
    else:
        config = LoraConfig(
            r=settings.lora_rank,
            lora_alpha=settings.lora_alpha,
            target_modules="all-linear",
            task_type=TaskType.CAUSAL_LM,
        )
        model = get_peft_model(base.model, config)
    if base.half:
        computes_beside(model)
    return model


def keep_start(model: Foreign) -> None:
    """A frozen copy of the adapter as it is now, named as TRL names it, to measure the distance from."""
    model.add_adapter(START, model.peft_config["default"])
    tensors = dict(model.named_parameters())
    for name, tensor in tensors.items():
        if ".default." in name:
            tensors[name.replace(".default.", f".{START}.")].data.copy_(tensor.data)


def start_of(model: Foreign) -> str | None:
    """The adapter that is the start of this training; None: the base without any."""
    return START if START in model.peft_config else None


def computes_beside(model: Foreign) -> None:
    """Let autocast turn the adapter into 16 bit, instead of PEFT turning the whole stream into 32."""
    from peft.tuners.lora import LoraLayer

    for module in model.modules():
        if isinstance(module, LoraLayer):
            module.cast_input_dtype_enabled = False
