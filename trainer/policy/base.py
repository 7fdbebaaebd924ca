"""A model that can be trained: from the very GGUF that writes, or from a Hugging Face folder.

A GGUF is unpacked to dense weights (facts/trainers.md, 2.6): in 16 bit where the processor computes in
it, else in 32. Knows no adapter (`policy`), no rewards and no rollouts. Called by `grpo`, `sft`, `pretrain`
and by the parity check of adapters.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig, GgufConfig
from transformers.modeling_gguf_pytorch_utils import GGUF_SUPPORTED_ARCHITECTURES
from transformers.utils import logging as transformers_logging

from engine.backends.gguf import read_metadata
from engine.backends.gguf_once import read_once
from engine.backends.llama.model import end_tokens
from engine.errors import ModelFileInvalid, ModelTooLarge, NotTrainable
from trainer.policy.foreign import Foreign
from trainer.policy.shared import NAME as SHARED_ATTENTION

SPARE = 1.3
"""Memory that the weights may take is what is free divided by this."""
_ANSWER = "Yes."


@dataclass(frozen=True)
class Base:
    """A loaded base. `dtype`: of the weights; the adapter is always float32."""

    model: Foreign
    tokenizer: Foreign
    path: Path
    architecture: str
    parameters: int
    dtype: torch.dtype
    device: torch.device

    @property
    def name(self) -> str:
        """What a sentence calls it: a folder's name may have a point in it."""
        return self.path.name if self.path.is_dir() else self.path.stem

    @property
    def ends(self) -> frozenset[int]:
        """The tokens that end a text."""
        return frozenset(self.model.generation_config.eos_token_id)

    @property
    def turn_end(self) -> int:
        """What ends an answer in the model's own template, if that is an end at all (Gemma closes a turn with
        another token than a text); else the tokenizer's end."""
        own = int(self.tokenizer.eos_token_id)
        if self.tokenizer.chat_template is None:
            return own
        turns = [{"role": "user", "content": "?"}, {"role": "assistant", "content": _ANSWER}]
        _, _, behind = self.tokenizer.apply_chat_template(turns, tokenize=False).rpartition(_ANSWER)
        ids = self.tokenizer(behind, add_special_tokens=False)["input_ids"]
        return next((token for token in ids if token in self.ends), own)

    @property
    def half(self) -> bool:
        """It computes in bfloat16, with the adapter kept in float32."""
        return self.dtype == torch.bfloat16

    def computing(self) -> torch.autocast:
        """The context in which a base with an adapter computes: the base's type, whatever the adapter's."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.half)


def load_base(path: Path, dtype: str = "auto", quantise: str = "auto") -> Base:
    """Load the model of a GGUF file or a Hugging Face folder, ready for an adapter.

    Raises `NotTrainable` where transformers cannot unpack it, `ModelTooLarge`, `ModelFileInvalid`.
    """
    transformers_logging.disable_progress_bar()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    number = _number_type(dtype, device)
    place = _place(path)
    options: dict[str, Any] = {"dtype": number, "attn_implementation": SHARED_ATTENTION}
    if path.is_file():
        architecture, parameters = _look_at_gguf(path)
        _check_room(parameters, number, device)
        options["quantization_config"] = GgufConfig(dequantize=True)
    else:
        architecture, parameters = "", 0
        four_bit = _four_bit(path, quantise, device)
        if not four_bit:
            _check_room(_weights(path) // 2, number, device)  # stored in 16 bit, as models are
        options |= four_bit
    try:
        with read_once():
            model = AutoModelForCausalLM.from_pretrained(**place, **options, local_files_only=True)
            tokenizer = AutoTokenizer.from_pretrained(**place, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise NotTrainable(f"{path.name} cannot be trained: its weights cannot be unpacked here.") from error
    if not hasattr(model, "hf_device_map"):
        model.to(device)
    _settle(model, tokenizer, path)
    return Base(
        model,
        tokenizer,
        path,
        architecture or model.config.model_type,
        parameters or model.num_parameters(),
        number,
        device,
    )


def computes_in_half() -> bool:
    """The processor multiplies bfloat16 numbers itself (AVX512-BF16, AMX, or Arm's)."""
    known = torch.cpu.get_capabilities()
    return any(known.get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16", "arm_bf16"))


def _number_type(dtype: str, device: torch.device) -> torch.dtype:
    if dtype != "auto":
        return torch.bfloat16 if dtype == "bfloat16" else torch.float32
    half = torch.cuda.is_bf16_supported() if device.type == "cuda" else computes_in_half()
    return torch.bfloat16 if half else torch.float32


def _place(path: Path) -> dict[str, str]:
    if path.is_file():
        return {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name}
    if not (path / "config.json").exists():
        raise NotTrainable(f"{path.name} is neither a GGUF file nor a Hugging Face folder.")
    return {"pretrained_model_name_or_path": str(path)}


def _look_at_gguf(path: Path) -> tuple[str, int]:
    facts = read_metadata(path)
    if facts.architecture not in GGUF_SUPPORTED_ARCHITECTURES:
        raise NotTrainable(
            f"{path.name} cannot be trained: its make “{facts.architecture}” cannot be unpacked from a GGUF. "
            "Use the model's Hugging Face folder instead."
        )
    if facts.parts > 1:
        raise NotTrainable(f"{path.name} cannot be trained: it is split over {facts.parts} files.")
    return facts.architecture, facts.parameters


def _check_room(parameters: int, number: torch.dtype, device: torch.device) -> None:
    needed = parameters * number.itemsize
    room = free_memory(device)
    if needed * SPARE > room:
        raise ModelTooLarge(
            f"Training this model needs some {needed * SPARE / 1e9:.0f} GB of memory for its weights alone, "
            f"and {room / 1e9:.0f} GB are free. Take a smaller model."
        )


def free_memory(device: torch.device) -> int:
    """Bytes that are free where the model computes."""
    if device.type == "cuda":
        torch.cuda.empty_cache()  # what torch keeps of a model that is gone is free, too
        return int(torch.cuda.mem_get_info(device)[0])
    import psutil

    return int(psutil.virtual_memory().available)


def _weights(folder: Path) -> int:
    """Bytes of a folder's weights."""
    return sum(file.stat().st_size for file in folder.glob("*.safetensors"))


def _four_bit(path: Path, quantise: str, device: torch.device) -> dict[str, Any]:
    """4 bit by bitsandbytes on CUDA, where asked for or where 16 bit does not fit."""
    needed = quantise == "4bit" or (quantise == "auto" and _weights(path) * SPARE > free_memory(device))
    if not needed or device.type != "cuda":
        return {}
    from importlib.util import find_spec

    if find_spec("bitsandbytes") is None:
        raise ModelTooLarge(
            f"{path.name} fits the GPU only in 4 bit, and what computes in that is not installed: "
            "`pip install -e '.[cuda]'` in Longwright's folder adds it; or take a smaller model."
        )
    from transformers import BitsAndBytesConfig

    four = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_compute_dtype=torch.bfloat16,
        bnb_4bit_use_double_quant=True,
    )
    return {"quantization_config": four, "device_map": {"": 0}}


def _settle(model: Foreign, tokenizer: Foreign, path: Path) -> None:
    """What a GGUF does not tell transformers, and what must not be told on."""
    if tokenizer.eos_token_id is None:
        raise ModelFileInvalid(f"{path.name} names no token that ends a text.")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    tokenizer.padding_side = "left"
    model.config.use_cache = False
    # Nothing else of what a folder says about writing: practice samples from the policy itself.
    model.generation_config = GenerationConfig(
        eos_token_id=_ends(model, tokenizer, path), pad_token_id=tokenizer.pad_token_id
    )
    # The folder on this machine is nobody's business; adapters and cards carry this name along.
    model.config._name_or_path = model.name_or_path = path.stem  # noqa: SLF001


def _ends(model: Foreign, tokenizer: Foreign, path: Path) -> list[int]:
    """What ends a text: of a folder its own list, of a GGUF what llama.cpp takes for it. Some makes end a
    turn with another token than the tokenizer's."""
    if path.is_file():
        return sorted(end_tokens(path) | {tokenizer.eos_token_id})
    told = model.generation_config.eos_token_id
    own = [told] if isinstance(told, int) else told or []
    return sorted({tokenizer.eos_token_id, *own})
