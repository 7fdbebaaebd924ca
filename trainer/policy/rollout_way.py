"""Which of the three ways writes the texts of a run, and how many tokens it must hold.

Loads no model. Called by `grpo`.
"""

from __future__ import annotations

from pathlib import Path

import torch

from engine.backends.llama.backend import DEFAULT_CONTEXT
from engine.backends.llama.native import lib
from trainer.policy.rollout import Way
from trainer.policy.settings import PolicySettings, RolloutChoice


def way_of(base: Path, wanted: RolloutChoice) -> Way:
    """vLLM where it is asked for; else llama.cpp where it can: it reads no folder. `auto` leaves it where it
    would write on the processor while a GPU, which torch has, stands idle."""
    if wanted == "vllm":
        return wanted
    if base.is_dir():
        return "hf"
    if wanted != "auto":
        return wanted
    return "hf" if torch.cuda.is_available() and not lib.llama_supports_gpu_offload() else "llama"


def context_for(settings: PolicySettings) -> int:
    """Tokens for prompt and text together: the usual ones, and more where the room of a text would leave less
    than half of them to the prompt. A writer takes no more than its model was made for."""
    return max(DEFAULT_CONTEXT, settings.room + DEFAULT_CONTEXT // 2)
