"""The PEFT folder of a tuned model, from which training goes on and exports are made: whole, and copied.

A tuned model writes by its GGUF alone, so that what is wrong here is noticed by nobody before. Loads no
weights. Called by `publish`, `export` and `trainer.runs.chosen_base`.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from engine.backends.adapter_folder import Manifest
from engine.errors import AdapterBroken

SETTINGS, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_TOKENIZER = ("tokenizer*", "special_tokens_map.json", "chat_template*", "vocab.json", "merges.txt")


def require_whole(folder: Path, name: str) -> dict[str, Any]:
    """The settings in the folder of the tuned model `name`. Raises AdapterBroken when they or the weights
    are missing or damaged."""
    for file in (SETTINGS, WEIGHTS):
        if not (folder / file).is_file():
            raise AdapterBroken(f"The tuned model {name} is not whole: {file} is missing.")
    try:
        settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        with safe_open(folder / WEIGHTS, framework="np"):  # refuses a file that is cut short
            return dict(settings)
    except SafetensorError as error:
        raise AdapterBroken(f"The tuned model {name} is not whole: {WEIGHTS} is damaged.") from error
    except (TypeError, ValueError) as error:
        raise AdapterBroken(f"The tuned model {name} is not whole: {SETTINGS} is damaged.") from error


def copy_peft(source: Path, target: Path, manifest: Manifest) -> None:
    """Settings, weights and tokenizer of a PEFT folder, and nothing else that lies there.

    Raises AdapterBroken when it is not whole.
    """
    settings = require_whole(source, manifest.name)
    shutil.copyfile(source / WEIGHTS, target / WEIGHTS)
    for pattern in _TOKENIZER:
        for path in sorted(source.glob(pattern)):
            shutil.copyfile(path, target / path.name)
    # PEFT writes where the base lay on this machine; that is nobody's business and of no use elsewhere.
    settings["base_model_name_or_path"] = manifest.base_repository or manifest.base_name
    (target / SETTINGS).write_text(json.dumps(settings, indent=2, sort_keys=True), encoding="utf-8")
