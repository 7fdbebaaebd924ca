"""A vLLM server of ours as a model: its tokens are told exactly, and adapters can be laid over it.

What `OpenAIBackend` is, over the dialect that only vLLM speaks. Laying adapters over the model is vLLM's
runtime LoRA updating, which a server allows that was started with `adapter_rank` (`vllm_server`). Called by
`vllm_running` and by the trainer, whose rollouts have another adapter each step.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.backends.openai_api import OpenAIBackend
from engine.backends.protocol import Message
from engine.backends.server.vllm import VllmDialect


class VllmBackend(OpenAIBackend):
    """`engine.backends.protocol.Backend` over a running vLLM server; the arguments are `OpenAIBackend`'s."""

    _dialect: VllmDialect

    def __init__(
        self, url: str, model: str, key: str, *, name: str, context: int | None = None, parallel: int = 16
    ) -> None:
        super().__init__(url, model, key, name=name, context=context, dialect="vllm", parallel=parallel)
        self._adapters = 0

    def prompt_ids(self, messages: Sequence[Message], prefix: str = "") -> list[int]:
        """The whole prompt as token ids, exactly as a request sends it."""
        return self._dialect.prompt_ids(messages, prefix)

    def tokenize(self, text: str) -> list[int]:
        """Ids of `text` without template."""
        return self._dialect.tokenize(text)

    def set_adapter(self, folder: Path | None) -> None:
        """Answer with the PEFT adapter in `folder` from the next request on; None: with the model alone. It
        is read anew at every call. Raises `ServerRefused` where it does not fit the model or the server takes
        none, and other `ServerError`s."""
        before, self._dialect.adapter = self._dialect.adapter, None
        if before is not None:
            self._connection.post("/unload_lora_adapter", {"lora_name": before})
        if folder is None:
            return
        self._adapters += 1  # vLLM remembers an adapter, and the prompts read with it, by its name
        name = f"{self.served_name}-adapter-{self._adapters}"
        self._connection.post("/load_lora_adapter", {"lora_name": name, "lora_path": str(folder)})
        self._dialect.adapter = name
