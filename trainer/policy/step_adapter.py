"""The policy of this very step in the form that its writer takes: a GGUF or a PEFT folder.

One adapter a step, in a folder of its own; the step before's goes away. Knows nothing of who writes with it.
Called by `trainer`, which hands the path to its writer.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from peft import get_peft_model_state_dict

from trainer.adapters.gguf_lora import BaseShape, write_gguf_lora_tensors
from trainer.policy.foreign import Foreign
from trainer.policy.rollout import AdapterForm


@dataclass(frozen=True)
class StepAdapter:
    """`base`: the model's GGUF or folder. `form` None: the writer has the policy in memory. `fresh`: before
    the first step the adapter changes nothing, and nothing is laid over the base."""

    base: Path
    folder: Path
    fresh: bool
    form: AdapterForm

    def file(self, model: Foreign, step: int) -> Path | None:
        """The adapter of `model` after `step` steps, under a name of its own; None where none is needed."""
        if self.form is None or self.changes_nothing(step):
            return None
        path = self.folder / f"step-{step:06d}.{self.form}"
        if not path.exists():
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
            write = self._write_gguf if self.form == "gguf" else self._write_peft
            write(model, path)
        return path

    def changes_nothing(self, step: int) -> bool:
        """Whether the policy after `step` steps is still the base."""
        return self.fresh and step == 0

    def _write_gguf(self, model: Foreign, file: Path) -> None:
        config = model.peft_config["default"]
        tensors = get_peft_model_state_dict(model, adapter_name="default", save_embedding_layers=False)
        shape = BaseShape.of_gguf(self.base)
        write_gguf_lora_tensors(tensors, float(config.lora_alpha), int(config.r), shape, file)

    def _write_peft(self, model: Foreign, folder: Path) -> None:
        half = folder.with_suffix(".half")
        model.save_pretrained(str(half), selected_adapters=["default"], save_embedding_layers=False)
        (half / "README.md").unlink()  # PEFT's card is about nothing here
        half.rename(folder)
