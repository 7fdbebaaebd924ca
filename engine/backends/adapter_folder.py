"""One tuned model on the disk: a folder with its manifest, its weights and what keeps it from writing.

`adapter.json` is the manifest, `adapter.gguf` what llama.cpp lays over the base, `peft/` the same for
training and export, `README.md` its card. A folder comes into being by one rename of a finished one
(`trainer.adapters.publish`); its weights are never changed, its manifest and card only by what the writer
says of its texts afterwards. Called by `engine.backends.adapters` and the trainer.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.backends.gguf_header import read_header
from engine.errors import ModelFileInvalid

MANIFEST, WEIGHTS, PEFT, CARD = "adapter.json", "adapter.gguf", "peft", "README.md"
UNFINISHED = "."
"""What begins with it is being made or taken away, and is no adapter (yet, or any more)."""


class Manifest(BaseModel):
    """What is known of an adapter: `adapter.json`.

    `method`: rl, sft or pretrain. `verdict`: `{label, reason, measures}`, None where it was not judged.
    `blind`: what the writer said of its texts beside the base's without knowing whose they were.
    `offered`: may be used without asking. `thinks`: trained to think before it writes, in at most
    `think_tokens`. `parity`: the comparison of both runtimes. `summary`: what else the training tells of
    itself, for the card. `learned`: the requests that it learned from, as the trainer's digests of them; a
    training that goes on from it is never judged on these.
    `base_hash` None: made from a Hugging Face folder, known by `folder_hash`: training can go on from the
    adapter, but no model on the list is that folder.
    `base_license` and `base_repository`: of the base, where they are known.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    base_name: str
    base_hash: str | None
    created_at: float
    folder_hash: str | None = None
    run: str | None = None
    method: str = "rl"
    records: int = 0
    verdict: dict[str, Any] | None = None
    blind: dict[str, Any] | None = None
    offered: bool = True
    thinks: bool = False
    think_tokens: int | None = None
    parity: dict[str, Any] | None = None
    summary: dict[str, Any] = Field(default_factory=dict)
    learned: tuple[str, ...] = ()
    base_license: str | None = None
    base_repository: str | None = None


@dataclass(frozen=True)
class AdapterEntry:
    """An adapter in the list; `problem` is one sentence when it cannot be used, and then the manifest
    may be missing."""

    name: str
    folder: Path
    manifest: Manifest | None = None
    problem: str | None = None

    @property
    def gguf(self) -> Path:
        """What llama.cpp lays over the base."""
        return self.folder / WEIGHTS

    @property
    def peft(self) -> Path:
        """The folder for training on and for export."""
        return self.folder / PEFT

    @property
    def base_name(self) -> str:
        """The base as it was called when this was made."""
        return self.manifest.base_name if self.manifest else ""

    @property
    def base_hash(self) -> str:
        """Hash of the base's file, "" for none."""
        return (self.manifest.base_hash if self.manifest else None) or ""

    @property
    def label(self) -> str | None:
        """The verdict in one word: better, unclear, worse; None where it was not judged."""
        verdict = self.manifest.verdict if self.manifest else None
        return str(verdict["label"]) if verdict and "label" in verdict else None

    @property
    def needs_a_yes(self) -> bool:
        """It was found worse: it is used only when the writer says so."""
        return self.manifest is not None and (not self.manifest.offered or self.label == "worse")


def read_entry(folder: Path) -> AdapterEntry:
    """The adapter in a folder, damaged or not."""
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (OSError, ValidationError):
        return AdapterEntry(folder.name, folder, problem="its description is missing or damaged.")
    return AdapterEntry(folder.name, folder, manifest, problem_of(folder))


def problem_of(folder: Path) -> str | None:
    """What keeps a folder from writing, as the end of a sentence."""
    try:
        fields, numbers = read_header(folder / WEIGHTS)
    except ModelFileInvalid:
        return "its weights are missing or damaged."
    if fields.get("general.type") != "adapter" or not numbers:
        return "its weights are no adapter."
    return None
