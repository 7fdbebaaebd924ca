"""Small adapters for tests: made by PEFT on the embedded model as it is loaded for training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from safetensors.numpy import save_file

from engine.backends.adapter_folder import Manifest
from engine.backends.catalogue import EMBEDDED, embedded_model
from engine.backends.gguf import content_hash
from engine.home import Home
from trainer.adapters.gguf_lora import BaseShape, write_gguf_lora_tensors

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
    with torch.random.fork_rng():  # PEFT draws lora_A from the global dice
        torch.manual_seed(7)
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


def write_small_gguf(path: Path, seed: int = 1, strength: float = 1.0) -> Path:
    """A LoRA on one matrix of the embedded model, without PEFT."""
    dice = np.random.default_rng(seed)
    name = "base_model.model.model.layers.10.self_attn.o_proj"
    tensors = {
        f"{name}.lora_A.weight": dice.normal(size=(RANK, 576)),
        f"{name}.lora_B.weight": dice.normal(size=(576, RANK)) * strength,
    }
    write_gguf_lora_tensors(tensors, 8.0, RANK, BaseShape("llama", 30, 9, (3,) * 30), path)
    return path


def write_small_peft(folder: Path) -> Path:
    """Settings and weights as PEFT writes them, of next to nothing."""
    folder.mkdir(parents=True)
    config = {"r": RANK, "lora_alpha": 8, "base_model_name_or_path": "/home/somebody/models"}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    save_file({"lora_A.weight": np.ones((RANK, 8), np.float32)}, folder / "adapter_model.safetensors")
    return folder


def put_adapter(home: Home, name: str, **manifest: object) -> Path:
    """A small adapter in its place in a home, as it would stand there after publishing."""
    folder = home.adapters / name
    folder.mkdir(parents=True)
    write_small_gguf(folder / "adapter.gguf")
    write_small_peft(folder / "peft")
    told = {"name": name, "base_name": EMBEDDED, "base_hash": "abc", "created_at": 1.0} | manifest
    (folder / "adapter.json").write_text(Manifest.model_validate(told).model_dump_json())
    return folder


def embedded_hash(home: Home) -> str:
    """What adapters call the embedded model."""
    return content_hash(embedded_model(), home.cache)
