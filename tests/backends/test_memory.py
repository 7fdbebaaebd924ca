"""The memory estimate: the formula, the bar against the real process, the refusal."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from engine.backends import catalogue, gguf, memory
from engine.errors import ModelTooLarge

MEASURE = """
import sys, psutil
from pathlib import Path
from engine.backends.llama import LlamaBackend
from engine.backends.protocol import Message, Request
backend = LlamaBackend(Path(sys.argv[1]), name="m", context=8192, parallel=4)
long = (Message("user", "word " * 1500),)
for event in backend.stream([Request("a", long, max_tokens=4)]):
    pass
print(psutil.Process().memory_info().rss)
"""


def test_the_cache_grows_with_the_context_and_not_with_parallel_texts() -> None:
    facts = gguf.read_metadata(catalogue.embedded_model())
    small, large = memory.estimate(facts, 1024), memory.estimate(facts, 8192)
    assert large.kv_cache == 8 * small.kv_cache == 8192 * facts.kv_bytes_per_token
    assert memory.estimate(facts, 8192, 16).kv_cache == large.kv_cache
    assert small.weights == facts.file_bytes
    assert large.total == large.weights + large.kv_cache + large.overhead


def test_the_embedded_model_takes_about_what_was_estimated_and_less_than_900_mb() -> None:
    path = catalogue.embedded_model()
    command = [sys.executable, "-c", MEASURE, str(path)]
    taken = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    expected = memory.estimate(gguf.read_metadata(path), 8192, 4).total
    assert taken < 900e6
    assert 0.75 * expected < taken < 1.25 * expected


def test_a_model_that_does_not_fit_is_refused_with_the_numbers() -> None:
    needed = memory.MemoryEstimate(20_000_000_000, 4_000_000_000, 1_000_000_000, 8_000_000_000)
    assert not needed.fits
    with pytest.raises(ModelTooLarge, match=r"25\.0 GB.*8\.0 GB"):
        memory.require("giant", needed)
    memory.require("giant", replace(needed, available=25_000_000_000))


def test_free_memory_is_told_by_the_machine() -> None:
    assert 0 < memory.available_bytes() < 10**14


def test_files_in_a_containers_cache_are_free_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    (tmp_path / "memory.max").write_text("1000000\n")
    (tmp_path / "memory.current").write_text("900000\n")
    assert memory.available_bytes() == 100_000
    (tmp_path / "memory.stat").write_text("anon 300000\ninactive_file 400000\nactive_file 200000\n")
    assert memory.available_bytes() == 700_000
