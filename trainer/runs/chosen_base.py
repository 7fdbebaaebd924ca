"""Which file or folder a run tunes, and whether it can be; loads nothing.

A GGUF from the list of models, or a Hugging Face folder by its path. Called by `preflight` before a run
begins, and by its stages through `workshop`.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import safe_open

from engine.backends import registry
from engine.backends.adapters import require_base, whole
from engine.backends.gguf import content_hash, read_metadata
from engine.backends.hf_folder import folder_hash, is_hf_folder
from engine.errors import BadInput, NotTrainable
from engine.home import Home
from engine.store.library import Library
from trainer.adapters.gguf_lora import AS_THEY_ARE, PERMUTED, BaseShape
from trainer.adapters.peft_folder import require_whole


@dataclass(frozen=True)
class ChosenBase:
    """The model that is tuned. `path`: a GGUF file or a Hugging Face folder; `parameters`: None where its
    file does not tell."""

    name: str
    path: Path
    content_hash: str
    context: int
    parameters: int | None

    @property
    def is_folder(self) -> bool:
        """It is a Hugging Face folder, not a GGUF."""
        return self.path.is_dir()

    @property
    def shape(self) -> BaseShape:
        """What an adapter for llama.cpp must know of it."""
        return BaseShape.of_config(_config(self.path)) if self.is_folder else BaseShape.of_gguf(self.path)


def base_of(home: Home, library: Library, name: str | None) -> ChosenBase:
    """The file that `name` (None: the embedded model) stands for; a path of a folder stands for itself.

    Raises NotFound for an unknown name, BadInput for a server (weights elsewhere cannot be tuned here)
    and for a folder or file that is no model, NotTrainable.
    """
    if name is not None and Path(name).expanduser().is_dir():
        return _folder(home, Path(name).expanduser().absolute())
    entry = registry.show(library, home, name)
    if entry.kind == "server":
        raise BadInput(f"{entry.name} is a server's model; only a model on this machine can be tuned.")
    if entry.problem == "Its file is gone.":
        raise BadInput(f"The file of {entry.name} is gone; add it again with `longwright models add`.")
    path = Path(entry.location)
    facts = read_metadata(path)
    _refuse_untrainable(entry.name, facts.architecture, facts.parts)
    return ChosenBase(
        entry.name,
        path,
        # Not the hash of the day it was added: the file may have been replaced since.
        content_hash(path, home.cache),
        entry.context or registry.DEFAULT_CONTEXT,
        entry.details.parameters if entry.details else None,
    )


def _folder(home: Home, folder: Path) -> ChosenBase:
    shape = BaseShape.of_config(_config(folder))
    _refuse_untrainable(folder.name, shape.architecture, 1)
    if not is_hf_folder(folder):
        raise NotTrainable(
            f"{folder.name} cannot be tuned: weights are read from .safetensors files, and it holds none."
        )
    return ChosenBase(
        folder.name,
        folder,
        folder_hash(folder, home),
        registry.DEFAULT_CONTEXT,
        _parameters_of_folder(folder),
    )


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        BaseShape.of_config(config)
    except FileNotFoundError:
        raise BadInput(f"{folder.name} is no model folder: it has no config.json.") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise BadInput(f"{folder.name} is no model folder: its config.json cannot be read.") from None
    return dict(config)


def _parameters_of_folder(folder: Path) -> int:
    """How many numbers the weights of a folder hold, read from the heads of its files."""
    count = 0
    for file in folder.glob("*.safetensors"):
        with safe_open(file, framework="np") as weights:
            count += sum(math.prod(weights.get_slice(name).get_shape()) for name in weights.keys())  # noqa: SIM118
    return count


def _refuse_untrainable(name: str, architecture: str, parts: int) -> None:
    """What the process would find out after loading it, said at once."""
    if architecture not in PERMUTED | AS_THEY_ARE:
        raise NotTrainable(
            f"{name} cannot be tuned: a tuned model of its make (“{architecture}”) could not write here. "
            "Take another base."
        )
    if parts > 1:
        raise NotTrainable(f"{name} cannot be tuned: it is split over {parts} files.")


def check_adapter(home: Home, base: ChosenBase, name: str | None) -> Path | None:
    """The PEFT folder of the tuned model to go on from. Raises NotFound, AdapterBroken, AdapterForeign."""
    if name is None:
        return None
    entry = whole(home, name)
    require_base(entry, base.name, base.content_hash)
    require_whole(entry.peft, entry.name)
    return entry.peft
