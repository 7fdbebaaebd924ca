"""Will this model fit? Weights, cache and working room against what the machine has.

An estimate before anything is loaded, meant to be a little too high: within 15 % of what the
process takes for the embedded model. Called by `registry` and the `models` verbs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil

from engine.backends.gguf import GgufMetadata
from engine.errors import ModelTooLarge

BATCH_TOKENS = 512
PROCESS_BYTES = 100_000_000
"""Python, numpy and llama.cpp itself, without a model."""

_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class MemoryEstimate:
    """Bytes. `available` is what the machine can give now, beyond what runs already."""

    weights: int
    kv_cache: int
    overhead: int
    available: int

    @property
    def total(self) -> int:
        """All that the model will take."""
        return self.weights + self.kv_cache + self.overhead

    @property
    def fits(self) -> bool:
        """It can be loaded."""
        return self.total <= self.available


def estimate(metadata: GgufMetadata, context: int, parallel: int = 1) -> MemoryEstimate:
    """Memory for a model with a pool of `context` tokens shared by `parallel` texts.

    Weights count as large as their file. Cache: what a token takes in all layers (`gguf_cache`), shared by
    `parallel` texts, and the state of recurrent layers, which each text has of its own. Overhead: the
    activations of one batch (about four of the widest rows a token), a row of logits a text, and the
    process itself.
    """
    activations = BATCH_TOKENS * max(metadata.embedding * 16, metadata.heads * 1024) * 4
    logits = (parallel + 1) * metadata.vocabulary * 4
    return MemoryEstimate(
        weights=metadata.file_bytes,
        kv_cache=metadata.kv_bytes_per_token * context + metadata.state_bytes * parallel,
        overhead=activations + logits + PROCESS_BYTES,
        available=available_bytes(),
    )


def available_bytes() -> int:
    """Memory that a new process may take now; a container's limit counts."""
    free = int(psutil.virtual_memory().available)
    limit, used = _CGROUP / "memory.max", _CGROUP / "memory.current"
    if limit.exists() and limit.read_text().strip() != "max":
        free = min(free, int(limit.read_text()) - int(used.read_text()) + _cached_bytes())
    return max(free, 0)


def _cached_bytes() -> int:
    """Files in the container's cache, which count as used and are given up at need: a model just downloaded
    would stand in its own way."""
    facts = _CGROUP / "memory.stat"
    if not facts.exists():
        return 0
    figures = dict(line.split() for line in facts.read_text().splitlines() if line.count(" ") == 1)
    return sum(int(figures.get(name, 0)) for name in ("active_file", "inactive_file"))


def require(name: str, needed: MemoryEstimate) -> None:
    """Raise `ModelTooLarge`, with the numbers, when the model does not fit."""
    if not needed.fits:
        raise ModelTooLarge(
            f"The model {name} needs about {gigabytes(needed.total)} of memory, and "
            f"{gigabytes(needed.available)} are free: choose a smaller model or a shorter context."
        )


def gigabytes(count: int) -> str:
    """`1.4 GB`, for a sentence."""
    return f"{count / 1e9:.1f} GB"
