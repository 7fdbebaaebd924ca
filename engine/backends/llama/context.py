"""The cache of several texts in one pool, and the batch that feeds it.

One `Context` holds `tokens` cells for all its sequences together (`kv_unified`): a prefix that two
sequences share is stored once. Knows cells and rows of logits; knows nothing of requests.
Called by `scheduler` and `sampler`.
"""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import POINTER, addressof, c_float, c_int8, c_int32, c_void_p, cast, sizeof
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.backends.llama.model import Model
from engine.backends.llama.native import Handle, lib, physical_cores
from engine.errors import ModelLoadFailed

BATCH_TOKENS = 512
"""Tokens decoded in one call: small enough that a stop during a long prompt is felt soon."""

_sequence_pointer: Handle = POINTER(lib.llama_seq_id)


class Context:
    """Room for `sequences` texts of `tokens` tokens in all; `outputs`: rows of logits that one batch may
    ask for, one a sequence if not told otherwise.

    Raises `ModelLoadFailed` when llama.cpp cannot get the memory for it.
    """

    def __init__(
        self, model: Model, tokens: int, sequences: int, threads: int | None, outputs: int | None = None
    ) -> None:
        params = lib.llama_context_default_params()
        params.n_ctx = tokens
        params.n_batch = params.n_ubatch = BATCH_TOKENS
        params.n_seq_max = sequences
        # One row of logits a sequence, not one a token: 100 MB less with a vocabulary of 49,152.
        params.n_outputs_max = outputs or sequences
        params.kv_unified = True
        params.n_threads = params.n_threads_batch = threads or physical_cores()
        self.handle: Handle = lib.llama_init_from_model(model.handle, params)
        if not self.handle:
            raise ModelLoadFailed(
                f"The model {model.path.name} could not be started with room for {tokens:,} tokens."
            )
        self.tokens = int(lib.llama_n_ctx(self.handle))
        self._memory: Handle = lib.llama_get_memory(self.handle)
        self._row_type = c_float * model.vocab_size
        self._make_batch()

    def _make_batch(self) -> None:
        """A batch over arrays of our own: they are written for every token, so no copies."""
        self._token = (lib.llama_token * BATCH_TOKENS)()
        self._position = (lib.llama_pos * BATCH_TOKENS)()
        self._sequence = (lib.llama_seq_id * BATCH_TOKENS)()
        self._wanted = (c_int8 * BATCH_TOKENS)()
        self._ones = (c_int32 * BATCH_TOKENS)(*([1] * BATCH_TOKENS))
        first, width = addressof(self._sequence), sizeof(lib.llama_seq_id)
        self._sequences = (_sequence_pointer * BATCH_TOKENS)(
            *(cast(c_void_p(first + width * index), _sequence_pointer) for index in range(BATCH_TOKENS))
        )
        self._batch = lib.llama_batch()
        self._batch.token = self._token
        self._batch.pos = self._position
        self._batch.n_seq_id = self._ones
        self._batch.seq_id = self._sequences
        self._batch.logits = self._wanted
        self._filled = 0

    @property
    def room(self) -> int:
        """Tokens that still fit into the batch."""
        return BATCH_TOKENS - self._filled

    def clear_batch(self) -> None:
        """Begin a new batch."""
        self._filled = 0

    def put(self, sequence: int, tokens: Sequence[int], position: int, *, wanted: bool) -> int:
        """Append tokens of one sequence; `wanted` asks for the logits behind the last one.

        Returns the row of the last token, for `choose` and `logits`.
        """
        at = self._filled
        end = at + len(tokens)
        self._token[at:end] = tokens
        self._position[at:end] = range(position, position + len(tokens))
        self._sequence[at:end] = [sequence] * len(tokens)
        self._wanted[at:end] = [0] * len(tokens)
        self._wanted[end - 1] = int(wanted)
        self._filled = end
        return end - 1

    def decode(self) -> int:
        """Run the batch; returns llama.cpp's code: 0 done, 1 the pool is full (nothing changed)."""
        self._batch.n_tokens = self._filled
        return int(lib.llama_decode(self.handle, self._batch))

    def logits(self, row: int) -> NDArray[np.float32]:
        """The logits behind a row of the last batch: the real ones, what is written there counts."""
        pointer = lib.llama_get_logits_ith(self.handle, row)
        memory: Any = self._row_type.from_address(addressof(pointer.contents))
        logits: NDArray[np.float32] = np.frombuffer(memory, dtype=np.float32)
        return logits

    def cut(self, sequence: int, length: int) -> bool:
        """Keep the first `length` tokens of a sequence; False where only all or nothing can go."""
        return bool(lib.llama_memory_seq_rm(self._memory, sequence, length, -1))

    def drop(self, sequence: int) -> None:
        """Forget a sequence."""
        lib.llama_memory_seq_rm(self._memory, sequence, -1, -1)

    def share(self, source: int, target: int, length: int) -> None:
        """Let `target` begin with the first `length` tokens of `source`, without a copy."""
        lib.llama_memory_seq_cp(self._memory, source, target, 0, length)

    def clear(self) -> None:
        """Forget all sequences."""
        lib.llama_memory_clear(self._memory, False)

    def use_adapters(self, handles: Sequence[Handle], scales: Sequence[float]) -> bool:
        """Put these LoRA adapters, and no others, over the weights."""
        count = len(handles)
        adapters = (lib.llama_adapter_lora_p_ctypes * max(count, 1))(*handles)
        factors = (c_float * max(count, 1))(*scales)
        code = lib.llama_set_adapters_lora(
            self.handle, adapters if count else None, count, factors if count else None
        )
        return int(code) == 0

    def free(self) -> None:
        """Give the memory back; the object is dead afterwards."""
        if self.handle:
            lib.llama_free(self.handle)
            self.handle = None
