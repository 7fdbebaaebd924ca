"""Adapters over the loaded model: put on, taken off, read anew, and refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from gguf import GGUFWriter

from engine.backends.llama import LlamaBackend
from engine.errors import ModelFileInvalid
from tests.backends.llama.conftest import GREEDY, request


def test_adapters_are_put_on_and_taken_off_between_texts(backend: LlamaBackend, tmp_path: Path) -> None:
    adapter = _random_adapter(tmp_path / "style.gguf")
    plain = _first_logprobs(backend)
    backend.set_adapters([(adapter, 1.0)])
    tuned = _first_logprobs(backend)
    backend.set_adapters([(adapter, 0.0)])
    silent = _first_logprobs(backend)
    backend.set_adapters([])
    assert tuned != plain
    assert silent == pytest.approx(plain)
    assert _first_logprobs(backend) == plain


def test_a_file_that_is_no_adapter_is_refused_and_the_model_writes_on(
    backend: LlamaBackend, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.gguf"
    wrong.write_bytes(b"no adapter")
    before = _first_logprobs(backend)
    with pytest.raises(ModelFileInvalid, match=r"wrong\.gguf"):
        backend.set_adapters([(wrong, 1.0)])
    assert _first_logprobs(backend) == before


def test_an_adapter_that_was_written_anew_is_read_anew(backend: LlamaBackend, tmp_path: Path) -> None:
    path = tmp_path / "style.gguf"
    backend.set_adapters([(_random_adapter(path), 1.0)])
    first = _first_logprobs(backend)
    backend.set_adapters([(_random_adapter(path, seed=9), 1.0)])
    assert _first_logprobs(backend) != first
    backend.set_adapters([])


def _first_logprobs(backend: LlamaBackend) -> list[float]:
    backend.reset()
    events = list(backend.stream([request(tokens=1, sampling=GREEDY, logprobs=5)]))
    return [value for _, value in sorted(events[0].alternatives)]  # type: ignore[union-attr]


def _random_adapter(path: Path, seed: int = 1) -> Path:
    """A LoRA of rank 4 on one matrix of the embedded model."""
    random = np.random.default_rng(seed)
    writer = GGUFWriter(path, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 8.0)
    shape = {"lora_a": (4, 576), "lora_b": (576, 4)}
    for part, size in shape.items():
        values = random.normal(size=size).astype(np.float32)
        writer.add_tensor(f"blk.10.attn_output.weight.{part}", values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
