"""A GGUF read once, where transformers reads it three times.

`AutoModelForCausalLM` reads the whole header for the config and again for the weights, `AutoTokenizer`
for the tokenizer, each time string by string (49,000 tokens of SmolLM2), and the table of tensor names is
made anew for each of the model's 397 modules. Loading the embedded model took 70 s under a profiler beside
other work, and 29 s with this (transformers 5.23, gguf 0.19). gguf also makes three views of a numpy.memmap
for each number of the header: from the bare buffer the model is there after 5.3 s, not 10.2. Knows nothing
of what is loaded. Called by `hf_folder` and `trainer.policy.base`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import gguf
import numpy as np
import numpy.typing as npt


@contextmanager
def read_once() -> Iterator[None]:
    """Within it, one file is parsed once and one table of names is made once; both are let go at its end.

    transformers imports the two from `gguf` at each call, so they are exchanged there. Not for two
    threads at once.
    """
    reader, names = gguf.GGUFReader, gguf.get_tensor_name_map
    gguf.GGUFReader, gguf.get_tensor_name_map = cache(_quick(reader)), cache(names)
    try:
        yield
    finally:
        gguf.GGUFReader, gguf.get_tensor_name_map = reader, names


def _quick(reader: type[gguf.GGUFReader]) -> type[gguf.GGUFReader]:
    """The same reader, but for how it takes numbers out of the file."""

    class Quick(reader):  # type: ignore[misc]
        def _get(
            self, offset: int, dtype: npt.DTypeLike, count: int = 1, override_order: str | None = None
        ) -> npt.NDArray[Any]:
            order: Any = override_order or self.byte_order
            kind = np.dtype(dtype).newbyteorder(order)
            return np.frombuffer(self.data, kind, int(count), int(offset))

    return Quick
