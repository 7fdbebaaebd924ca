"""How likely a loaded GGUF finds a text that is given: log probabilities token by token.

A model and a context of its own, beside whatever writes: for the check that an adapter arrived whole and
for measuring texts. Makes no text. Called by `trainer.adapters.parity`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.backends.llama.context import BATCH_TOKENS, Context
from engine.backends.llama.model import Model
from engine.errors import BadInput, ModelFileInvalid, ModelLoadFailed


class Scorer:
    """A GGUF that reads texts of at most `BATCH_TOKENS` tokens. Raises `ModelLoadFailed`."""

    def __init__(self, path: Path, threads: int | None = None) -> None:
        self._model = Model(path)
        try:
            self._context = Context(self._model, BATCH_TOKENS, 1, threads, outputs=BATCH_TOKENS)
        except ModelLoadFailed:
            self._model.free()
            raise

    def use(self, adapter: Path | None, scale: float = 1.0) -> None:
        """Lay this adapter over the weights, or none. Raises `ModelFileInvalid`."""
        handles = [self._model.adapter(adapter)] if adapter else []
        if not self._context.use_adapters(handles, [scale] * len(handles)):
            raise ModelFileInvalid("The adapter cannot be used with this model.")
        self._model.forget_adapters(but=handles)

    def logprobs(self, tokens: Sequence[int]) -> NDArray[np.float64]:
        """The log probability of each token but the first, given those before it."""
        if not 2 <= len(tokens) <= BATCH_TOKENS:
            raise BadInput(f"A text of {len(tokens)} tokens cannot be measured in one piece.")
        self._context.clear()
        self._context.clear_batch()
        rows = [self._context.put(0, [token], place, wanted=True) for place, token in enumerate(tokens[:-1])]
        if self._context.decode() != 0:
            raise ModelFileInvalid("The model could not read the text.")
        found = [_logprob(self._context.logits(row), tokens[row + 1]) for row in rows]
        return np.array(found, dtype=np.float64)

    def close(self) -> None:
        """Give the memory back."""
        self._context.free()
        self._model.free()

    def __enter__(self) -> Scorer:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _logprob(logits: NDArray[np.float32], token: int) -> float:
    exact = logits.astype(np.float64)
    top = float(exact.max())
    return float(exact[token]) - top - float(np.log(np.exp(exact - top).sum()))
