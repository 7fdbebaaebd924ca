"""Rollouts by llama.cpp, in this process, with the very weights that draft.

So what is practised is what will be read. Each step's adapter is a small GGUF laid over them. Called by
`grpo`.
"""

from __future__ import annotations

from pathlib import Path

from engine.backends.llama.backend import LlamaBackend
from trainer.policy.rollout_engine import EngineWriter
from trainer.policy.settings import PolicySettings


class LlamaWriter(EngineWriter):
    """`path`: a GGUF."""

    way = "llama"
    takes = "gguf"
    backend: LlamaBackend

    def __init__(self, path: Path, settings: PolicySettings, context: int | None = None) -> None:
        parallel = settings.completions_per_step
        super().__init__(LlamaBackend(path, name=path.stem, context=context, parallel=parallel), settings)

    def _lay_over(self, adapter: Path | None) -> None:
        self.backend.set_adapters([] if adapter is None else [(adapter, 1.0)])
