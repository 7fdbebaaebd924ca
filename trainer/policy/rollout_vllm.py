"""Rollouts by a vLLM server that the run starts for itself: the fast way on a CUDA GPU.

`generate` of transformers took 109 to 143 ms a token for 16 texts on a 7B base, vLLM 6 ms, and the update of
a step 1 s (docs/benchmarks.md): nearly all of a run goes into its texts. The server reads the base's folder,
or the one made of its GGUF, once more beside the trainer's own copy, in 16 bit, and keeps its place on the
GPU between the steps. Its home is one of its own, so that nobody is offered it to draft with. Called by
`grpo`.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from pathlib import Path

import torch

from engine.backends.hf_folder import hf_folder_of
from engine.backends.vllm_backend import VllmBackend
from engine.backends.vllm_server import VllmServer
from engine.home import Home, open_home
from trainer.policy.base import Base
from trainer.policy.rollout import pieces_of
from trainer.policy.rollout_engine import EngineWriter
from trainer.policy.settings import PolicySettings

logger = logging.getLogger("longwright.trainer")

NAME = "policy"
HOME = "practice"
"""In the cache folder of the writer's home."""
PROMPT_TOKENS = 512
"""For each text of a step, beside its own room. Where prompts are longer, vLLM lets some texts wait."""
OWN_TOKENS = 256
"""Of the cache that vLLM keeps for itself: a block, which holds 128 tokens on a processor."""
BYTES = 2
"""Of a number in the weights and in the cache."""
SPARE_BYTES = 3_000_000_000
"""What vLLM takes on a GPU beside weights and cache."""


class _Policy(VllmBackend):
    """The server as the rollouts need it: it also says what each token stands for."""

    def __init__(self, server: VllmServer, base: Base, context: int, parallel: int) -> None:
        super().__init__(
            server.url, server.name, server.key, name=base.name, context=context, parallel=parallel
        )
        self._tokenizer = base.tokenizer

    def pieces(self, ids: Sequence[int]) -> list[bytes]:
        """The bytes of each token, whole characters at the last token of each."""
        return pieces_of(self._tokenizer, ids)


class VllmWriter(EngineWriter):
    """Raises what `VllmServer` and `hf_folder_of` raise. `close` ends the server."""

    way = "vllm"
    takes = "peft"
    backend: _Policy

    def __init__(self, base: Base, settings: PolicySettings, context: int, home: Home) -> None:
        folder = base.path if base.path.is_dir() else hf_folder_of(base.path, home)
        context = min(context, base.model.config.get_text_config().max_position_embeddings)
        parallel = settings.completions_per_step
        self._server = VllmServer(
            folder,
            NAME,
            open_home(home.cache / HOME),
            context=context,
            parallel=parallel,
            adapter_rank=settings.lora_rank,
            extra=memory_arguments(base, settings, context),
        )
        try:
            self._server.start(logger.info)
            super().__init__(_Policy(self._server, base, context, parallel), settings)
        except BaseException:
            self._server.stop()
            raise

    def _lay_over(self, adapter: Path | None) -> None:
        self.backend.set_adapter(adapter)

    def close(self) -> None:
        """End the server and give its memory back."""
        super().close()
        self._server.stop()


def memory_arguments(base: Base, settings: PolicySettings, context: int) -> tuple[str, ...]:
    """A cache for the texts of one step and no more: the trainer needs the rest. vLLM would take nine tenths
    of the GPU, and refuses to start where less than it may take is free."""
    texts = settings.completions_per_step * (settings.room + PROMPT_TOKENS)
    cache = (max(context, texts) + OWN_TOKENS) * _bytes_per_token(base)
    arguments = ("--kv-cache-memory-bytes", str(cache))
    if base.device.type != "cuda":
        return arguments
    total = torch.cuda.mem_get_info(base.device)[1]
    share = (base.parameters * BYTES + cache + SPARE_BYTES) / total
    return (*arguments, "--gpu-memory-utilization", str(min(1.0, math.ceil(share * 100) / 100)))


def _bytes_per_token(base: Base) -> int:
    """Of one token in the cache: a key and a value in each layer, for each of its heads for keys."""
    config = base.model.config.get_text_config()
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return 2 * int(config.num_hidden_layers) * int(config.num_key_value_heads) * int(width) * BYTES
