"""Which of the two ways writes the texts of a run.

Loads no model. Called by `grpo`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import torch

from engine.backends.llama.native import lib
from trainer.policy.settings import RolloutChoice


def way_of(base: Path, wanted: RolloutChoice) -> Literal["llama", "hf"]:
    """llama.cpp where it can: it reads no folder. `auto` leaves it where it would write on the processor
    while a GPU, which torch has, stands idle."""
    if base.is_dir():
        return "hf"
    if wanted != "auto":
        return wanted
    return "hf" if torch.cuda.is_available() and not lib.llama_supports_gpu_offload() else "llama"
