"""Which file or folder a run tunes, and whether it can be; loads nothing.

A GGUF from the list of models, or a Hugging Face folder by its path. Called by `preflight` before a run
begins, and by its stages through `workshop`.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

from safetensors import safe_open

from engine.backends import registry
from engine.backends.adapters import require_base, whole
from engine.backends.gguf import GgufMetadata, content_hash, read_metadata
from engine.errors import BadInput, NotTrainable
from engine.home import Home
from engine.store.library import Library
from trainer.adapters.gguf_lora import AS_THEY_ARE, PERMUTED


@dataclass(frozen=True)
class ChosenBase:
    """The model that is tuned. `path`: a GGUF file or a Hugging Face folder; `parameters`: None where its
    file does not tell."""

    name: str
    path: Path
    content_hash: str
    context: int
    parameters: int | None


def base_of(home: Home, library: Library, name: str | None) -> ChosenBase:
    """The file that `name` (None: the embedded model) stands for; a path of a folder stands for itself.

    Raises NotFound for an unknown name, BadInput for a server: weights elsewhere cannot be tuned here.
    """
    if name is not None and Path(name).expanduser().is_dir():
        folder = Path(name).expanduser().absolute()
        if not (folder / "config.json").exists():
            raise BadInput(f"{name} is no model folder: it has no config.json.")
        return ChosenBase(
            folder.name,
            folder,
            _hash_of_folder(folder, home),
            registry.DEFAULT_CONTEXT,
            _parameters_of_folder(folder),
        )
    entry = registry.show(library, home, name)
    if entry.kind == "server":
        raise BadInput(f"{entry.name} is a server's model; only a model on this machine can be tuned.")
    if entry.problem == "Its file is gone.":
        raise BadInput(f"The file of {entry.name} is gone; add it again with `longwright models add`.")
    path = Path(entry.location)
    _refuse_untrainable(entry.name, read_metadata(path))
    return ChosenBase(
        entry.name,
        path,
        entry.content_hash or content_hash(path, home.cache),
        entry.context or registry.DEFAULT_CONTEXT,
        entry.details.parameters if entry.details else None,
    )


def _hash_of_folder(folder: Path, home: Home) -> str:
    """One hash for all weights of a folder, so that a tuned model can name it."""
    whole_of = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")):
        whole_of.update(f"{file.name}={content_hash(file, home.cache)}\n".encode())
    return whole_of.hexdigest()


def _parameters_of_folder(folder: Path) -> int:
    """How many numbers the weights of a folder hold, read from the heads of its files."""
    count = 0
    for file in folder.glob("*.safetensors"):
        with safe_open(file, framework="np") as weights:
            count += sum(math.prod(weights.get_slice(name).get_shape()) for name in weights.keys())  # noqa: SIM118
    return count


def _refuse_untrainable(name: str, facts: GgufMetadata) -> None:
    """What the process would find out after loading it, said at once."""
    if facts.architecture not in PERMUTED | AS_THEY_ARE:
        raise NotTrainable(
            f"{name} cannot be tuned from its file: its weights (of the make “{facts.architecture}”) cannot "
            "be unpacked and given back. Take another base, or its Hugging Face folder."
        )
    if facts.parts > 1:
        raise NotTrainable(f"{name} cannot be tuned: it is split over {facts.parts} files.")


def check_adapter(home: Home, base: ChosenBase, name: str | None) -> Path | None:
    """The PEFT folder of the tuned model to go on from. Raises NotFound, AdapterBroken, AdapterForeign."""
    if name is None:
        return None
    entry = whole(home, name)
    require_base(entry, base.name, base.content_hash)
    return entry.peft
