"""The files of one model: one GGUF, or all parts of a split one (`x-00001-of-00003.gguf`).

Goes by the names that llama.cpp demands (`llama_split_path`); opens nothing. Called by `gguf`, `download` and
`model_files`.
"""

from __future__ import annotations

import re
from pathlib import Path

_PART = re.compile(r"(.+)-(\d{5})-of-(\d{5})\.gguf")


def parts_of(path: Path) -> list[Path]:
    """All files of the model that `path` is a file of, the first first; `path` alone where it is whole."""
    found = _PART.fullmatch(path.name)
    if not found or not 1 <= int(found[2]) <= int(found[3]):
        return [path]
    return [path.with_name(f"{found[1]}-{n:05d}-of-{found[3]}.gguf") for n in range(1, int(found[3]) + 1)]


def state_of(path: Path) -> str | None:
    """Size and time of change of all files of a model, by which it is known to be as it was; None where one
    is missing."""
    try:
        facts = [part.stat() for part in parts_of(path)]
    except OSError:
        return None
    return " ".join(f"{each.st_size}|{each.st_mtime_ns}" for each in facts)


def missing_of(path: Path) -> list[Path]:
    """The files of a model that are not there."""
    return [part for part in parts_of(path) if not part.exists()]
