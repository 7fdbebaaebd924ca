"""A trained PEFT adapter as the GGUF file that llama.cpp lays over a model while it writes.

llama.cpp holds plain LoRA only: pairs of A and B on the linear layers, one alpha for all, applied as
`alpha / rank`. Everything else that PEFT can do is refused by name, never left out in silence. The
rows of B of the query and key projections are put into llama.cpp's order where its converter does so
with the weights themselves (llama.cpp, conversion: `LlamaModel.permute`). Knows no training and no
library. Called by `trainer.policy` before each rollout and by whoever publishes an adapter.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.backends.gguf import read_metadata
from engine.errors import AdapterBroken, DiskFull

PERMUTED = frozenset({"llama", "granite", "smollm3"})
"""Makes of model (llama.cpp's names) whose query and key rows stand in another order in a GGUF."""
AS_THEY_ARE = frozenset(
    {"qwen2", "qwen3", "gemma", "gemma2", "gemma3", "phi3", "starcoder2", "stablelm", "nemotron", "olmo2"}
)
"""Makes of model whose linear layers are the same numbers in a GGUF and in transformers."""
_MADE_AS = {"mistral": "llama", "gemma3_text": "gemma3"}
_PREFIXES = ("base_model.model.", "base_model.")
_OUTSIDE_LAYERS = ("lm_head", "embed_tokens")
_NOT_PLAIN = {
    "use_dora": "DoRA",
    "modules_to_save": "whole layers trained beside it",
    "alpha_pattern": "a different alpha for some layers",
    "lora_bias": "biases",
    "trainable_token_indices": "trained tokens",
    "layer_replication": "repeated layers",
    "target_parameters": "bare parameters",
    "alora_invocation_tokens": "an activated LoRA",
}

Tensor: TypeAlias = Any
"""A numpy array or a torch tensor."""


@dataclass(frozen=True)
class BaseShape:
    """What must be known of the base model: its make as llama.cpp calls it, layers and heads."""

    architecture: str
    layers: int
    heads: int
    heads_kv: tuple[int, ...]

    @classmethod
    def of_gguf(cls, path: Path) -> BaseShape:
        """From a GGUF model file."""
        facts = read_metadata(path)
        return cls(facts.architecture, facts.layers, facts.heads, facts.heads_kv)

    @classmethod
    def of_config(cls, config: Mapping[str, Any]) -> BaseShape:
        """From the `config.json` of a Hugging Face model (`model.config.to_dict()`)."""
        inner: Mapping[str, Any] = config.get("text_config") or config
        made = str(inner["model_type"])
        layers, heads = int(inner["num_hidden_layers"]), int(inner["num_attention_heads"])
        heads_kv = int(inner.get("num_key_value_heads") or heads)
        return cls(_MADE_AS.get(made, made), layers, heads, (heads_kv,) * layers)


def write_gguf_lora(peft_folder: Path, out: Path, base: Path | Mapping[str, Any] | BaseShape) -> None:
    """Turn the adapter in `peft_folder` into the GGUF file `out`, for a base given as its GGUF, its
    `config.json` or its shape.

    Raises `AdapterBroken` for a folder that is no whole adapter or holds what llama.cpp cannot.
    """
    config = _read_config(peft_folder)
    rank = int(config["r"])
    write_gguf_lora_tensors(
        _read_tensors(peft_folder),
        effective_alpha(config),
        None if config.get("rank_pattern") else rank,
        _shape(base),
        out,
    )


def effective_alpha(config: Mapping[str, Any]) -> float:
    """The alpha that makes llama.cpp's `alpha / rank` what PEFT applies: rsLoRA's root is put into it.

    `config` is an `adapter_config.json`. Raises `AdapterBroken` for what llama.cpp cannot hold.
    """
    for key, what in _NOT_PLAIN.items():
        if config.get(key):
            raise AdapterBroken(f"This tuned model cannot write here: it was trained with {what}.")
    if config.get("bias", "none") != "none":
        raise AdapterBroken("This tuned model cannot write here: it was trained with biases.")
    rank, alpha = int(config["r"]), float(config["lora_alpha"])
    if config.get("use_rslora"):
        if config.get("rank_pattern"):
            raise AdapterBroken("This tuned model cannot write here: it has layers of several rsLoRA ranks.")
        alpha *= math.sqrt(rank)
    if not alpha or not math.isfinite(alpha):
        raise AdapterBroken("This tuned model cannot write here: its alpha is no usable number.")
    return alpha


def write_gguf_lora_tensors(
    tensors: Mapping[str, Tensor], alpha: float, rank: int | None, base: BaseShape, out: Path
) -> None:
    """Write A and B, named as PEFT names them, with or without the adapter's own name (`.default`).

    `alpha` is what llama.cpp divides by the rank (`effective_alpha`); `rank` None leaves ranks to the
    tensors. Whole or not at all. Raises `AdapterBroken`, `DiskFull`.
    """
    from gguf import GGUFWriter

    pairs = _pairs(tensors, base, rank)
    half = out.with_name(f".{out.name}.{os.getpid()}.half")
    writer = GGUFWriter(half, base.architecture)
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", alpha)
    for name in sorted(pairs):
        writer.add_tensor(name, pairs[name])
    try:
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        half.replace(out)
    except OSError as error:
        raise DiskFull(f"The tuned model could not be stored: {error.strerror or error}.") from error
    finally:
        half.unlink(missing_ok=True)


def _pairs(
    tensors: Mapping[str, Tensor], base: BaseShape, rank: int | None
) -> dict[str, NDArray[np.float32]]:
    """llama.cpp's names and numbers; every A with its B, all of them finite."""
    if base.architecture not in PERMUTED | AS_THEY_ARE:
        raise AdapterBroken(f"Tuned models of the make “{base.architecture}” cannot write here yet.")
    made: dict[str, NDArray[np.float32]] = {}
    for name, tensor in tensors.items():
        module, part = _module_and_part(name)
        own, layer = _own_name(module, base)
        values = _values(tensor)
        if values.ndim != 2 or (rank is not None and values.shape[part == "b"] != rank):
            raise AdapterBroken(f"The tuned model is damaged: {module} has not the rank it names.")
        if part == "b" and base.architecture in PERMUTED:
            values = _permuted(values, module, layer, base)
        made[f"{own}.weight.lora_{part}"] = values
    lonely = [name for name in made if name[:-1] + ("b" if name.endswith("a") else "a") not in made]
    if lonely or not made:
        raise AdapterBroken("The tuned model is damaged: halves of its layers are missing.")
    return made


def _module_and_part(name: str) -> tuple[str, str]:
    """`...q_proj.lora_A[.default].weight` -> (`...q_proj`, `a`)."""
    for mark, part in ((".lora_A.", "a"), (".lora_B.", "b")):
        module, found, rest = name.partition(mark)
        if found and rest.endswith("weight"):
            for prefix in _PREFIXES:
                module = module.removeprefix(prefix)
            return module.replace("model.language_model.", "model.", 1), part
    raise AdapterBroken(f"This tuned model cannot write here: it holds more than plain LoRA ({name[-60:]}).")


def _own_name(module: str, base: BaseShape) -> tuple[str, int]:
    """llama.cpp's name of a layer, and the number of its block."""
    if module.rsplit(".", 1)[-1] in _OUTSIDE_LAYERS:
        raise AdapterBroken("This tuned model cannot write here: its words themselves were trained.")
    own = _names(base.architecture, base.layers).get(module)
    if own is None:
        raise AdapterBroken(f"This tuned model does not fit its base: there is no layer {module[-60:]}.")
    return own, int(own.split(".")[1])


@lru_cache(maxsize=4)
def _names(architecture: str, layers: int) -> dict[str, str]:
    """PEFT's names of all layers in blocks -> llama.cpp's."""
    from gguf import MODEL_ARCH_NAMES, get_tensor_name_map

    by_name = {name: arch for arch, name in MODEL_ARCH_NAMES.items()}
    mapping = get_tensor_name_map(by_name[architecture], layers).mapping
    return {theirs: own for theirs, (_, own) in mapping.items() if own.startswith("blk.")}


def _values(tensor: Tensor) -> NDArray[np.float32]:
    """As float32 in memory of its own order; a NaN must never reach a writer."""
    if not isinstance(tensor, np.ndarray):
        tensor = tensor.detach().float().cpu().numpy()
    values: NDArray[np.float32] = np.ascontiguousarray(tensor, dtype=np.float32)
    if not np.isfinite(values).all():
        raise AdapterBroken("The tuned model is damaged: some of its numbers are none (NaN).")
    return values


def _permuted(values: NDArray[np.float32], module: str, layer: int, base: BaseShape) -> NDArray[np.float32]:
    if module.endswith("q_proj"):
        heads = base.heads
    elif module.endswith("k_proj"):
        heads = base.heads_kv[layer]
    else:
        return values
    rows, rank = values.shape
    if rows % (2 * heads):
        raise AdapterBroken(f"This tuned model does not fit its base: {module[-60:]} has {rows} rows.")
    turned = values.reshape(heads, 2, rows // heads // 2, rank).swapaxes(1, 2)
    return np.ascontiguousarray(turned).reshape(rows, rank)


def _shape(base: Path | Mapping[str, Any] | BaseShape) -> BaseShape:
    if isinstance(base, BaseShape):
        return base
    return BaseShape.of_gguf(base) if isinstance(base, Path) else BaseShape.of_config(base)


def _read_config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
        int(config["r"]), float(config["lora_alpha"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AdapterBroken("The tuned model is damaged: its settings cannot be read.") from error
    if config.get("peft_type", "LORA") != "LORA":
        raise AdapterBroken(f"This tuned model cannot write here: it is no LoRA but {config['peft_type']}.")
    return dict(config)


def _read_tensors(folder: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return dict(load_file(folder / "adapter_model.safetensors"))
    except (OSError, SafetensorError) as error:
        raise AdapterBroken("The tuned model is damaged: its weights cannot be read.") from error
