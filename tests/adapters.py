"""Small adapters for tests: made by PEFT on the embedded model as it is loaded for training."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

from engine.backends.catalogue import embedded_model

RANK = 4
STRENGTH = 0.03
Torch: TypeAlias = Any


def training_base() -> tuple[Torch, Torch]:
    """The embedded model and its tokenizer in transformers."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    path = embedded_model()
    model = AutoModelForCausalLM.from_pretrained(
        path.parent,
        gguf_file=path.name,
        dtype=torch.float32,
        quantization_config=GgufConfig(dequantize=True),
    )
    return model, AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)


def random_lora(model: Torch, **chosen: object) -> Torch:
    """A PEFT model around `model` whose adapter changes something."""
    import torch
    from peft import LoraConfig, get_peft_model

    settings = {"r": RANK, "lora_alpha": 8, "target_modules": "all-linear"} | chosen
    tuned = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **settings))
    dice = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for name, weights in tuned.named_parameters():
            if "lora_B" in name:
                weights.copy_(torch.randn(weights.shape, generator=dice) * STRENGTH)
    return tuned


def save_random_lora(model: Torch, folder: Path, **chosen: object) -> Path:
    """The folder of a random adapter; `model` is as it was afterwards."""
    tuned = random_lora(model, **chosen)
    tuned.save_pretrained(folder, save_embedding_layers=False)
    tuned.unload()
    return folder
