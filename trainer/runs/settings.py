"""What a writer may choose about a training run, and the defaults when nothing is chosen.

Stored in the run's folder, never changed after the start. Knows nothing of how the choices are
carried out. Made by `longwright train` and the Train page, read by the stages.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from trainer.policy.settings import RolloutChoice

ThinkChoice = Literal["on", "off", "free", "auto"]
FEW_STEPS = 10


class RunSettings(BaseModel):
    """One run. `project`: an id; with `records="project"` only its feedback is learned from, and its
    prompts come first in any case. `records="none"`: form only (length, format, general quality).
    `base` None: the embedded model. `from_adapter`: go on from this tuned model. `pretrain`: a folder
    of the writer's own texts to read before. `think`: plan, then write, as the method is; `auto` is
    `on` for rl and `off` for sft, whose texts have no plan; `free` lets the model set the tags itself, as
    in the paper, which takes a large one. `rollouts`: llama.cpp, transformers (`hf`) or a vLLM server
    writes the texts of practice; `auto` is that of the first two which uses the GPU. `max_new_tokens`:
    room for one text; a plan has its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    project: str | None = None
    records: Literal["all", "project", "none"] = "all"
    method: Literal["rl", "sft"] = "rl"
    base: str | None = None
    from_adapter: str | None = None
    pretrain: str | None = None
    steps: int = Field(default=40, ge=1, le=10_000)
    group_size: int = Field(default=8, ge=2, le=64)
    max_new_tokens: int = Field(default=192, ge=16, le=16_384)
    seed: int = Field(default=0, ge=0, le=2**31 - 1)
    think: ThinkChoice = "auto"
    advantage: Literal["evidence", "paper", "sum"] = "evidence"
    rollouts: RolloutChoice = "auto"
    learning_rate: float | None = Field(default=None, gt=0, le=1e-2)
    lora_rank: int | None = Field(default=None, ge=1, le=256)
    save_every: int | None = Field(default=None, ge=1)
    blind_pairs: int = Field(default=10, ge=0, le=100)

    @field_validator("base", "pretrain")
    @classmethod
    def _from_anywhere(cls, value: str | None) -> str | None:
        """A folder by its whole path: the process of the run works elsewhere."""
        folder = Path(value).expanduser() if value else None
        return str(folder.absolute()) if folder is not None and folder.is_dir() else value

    @property
    def base_folder(self) -> Path | None:
        """The folder that is tuned; None for a model of the list."""
        folder = Path(self.base) if self.base else None
        return folder if folder is not None and folder.is_absolute() else None

    @property
    def thinks(self) -> bool:
        """Whether the texts of this run are planned first."""
        return self.think in ("on", "free") or (self.think == "auto" and self.method == "rl")

    @property
    def is_rehearsal(self) -> bool:
        """So few steps show that everything works and teach next to nothing: they take one request each, not
        two, and are measured on two texts."""
        return self.steps < FEW_STEPS

    @property
    def checkpoint_every(self) -> int:
        """Steps between two checkpoints: what a kill may cost."""
        return self.save_every or max(1, min(10, self.steps // 4))

    @property
    def sample_every(self) -> int:
        """Steps between two rewritings of the same prompts: six times in a run, never in one so short that
        the verdict's texts follow at once."""
        return -(-self.steps // 6) if self.steps >= 6 else 0
