"""The policy of this very step as a file that llama.cpp lays over the base.

One GGUF adapter a step, in a folder of its own; the step before's goes away. Knows nothing of who writes
with it. Called by `trainer`, which hands the path to its writer.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from peft import get_peft_model_state_dict

from trainer.adapters.gguf_lora import BaseShape, write_gguf_lora_tensors
from trainer.policy.foreign import Foreign


@dataclass(frozen=True)
class StepAdapter:
    """`base`: the model's GGUF, or a folder, whose writer reads the policy from memory. `fresh`: before the
    first step the adapter changes nothing, and nothing is laid over the base."""

    base: Path
    folder: Path
    fresh: bool

    def file(self, model: Foreign, step: int) -> Path | None:
        """The adapter of `model` after `step` steps, under a name of its own; None where none is needed."""
        if self.base.is_dir() or self.changes_nothing(step):
            return None
        file = self.folder / f"step-{step:06d}.gguf"
        if not file.exists():
            self._write(model, file)
        return file

    def changes_nothing(self, step: int) -> bool:
        """Whether the policy after `step` steps is still the base."""
        return self.fresh and step == 0

    def _write(self, model: Foreign, file: Path) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        config = model.peft_config["default"]
        tensors = get_peft_model_state_dict(model, adapter_name="default", save_embedding_layers=False)
        shape = BaseShape.of_gguf(self.base)
        write_gguf_lora_tensors(tensors, float(config.lora_alpha), int(config.r), shape, file)
        for other in self.folder.glob("step-*.gguf"):
            if other != file:
                other.unlink()
