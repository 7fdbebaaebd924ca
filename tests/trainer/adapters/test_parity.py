"""The check that an adapter writes as it was trained, and that it catches what it is there for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.torch import load_file

from engine.backends.catalogue import embedded_model
from engine.backends.llama.scoring import Scorer
from engine.errors import AdapterBroken
from tests.adapters import RANK
from trainer.adapters import gguf_lora
from trainer.adapters.gguf_lora import BaseShape, write_gguf_lora, write_gguf_lora_tensors
from trainer.adapters.parity import Parity, compare


@pytest.fixture
def parity(peft_folder: Path, trained_base: tuple[Any, Any], tmp_path: Path) -> Parity:
    adapter = tmp_path / "adapter.gguf"
    write_gguf_lora(peft_folder, adapter, embedded_model())
    model, tokenizer = trained_base
    return compare(embedded_model(), peft_folder, adapter, model=model, tokenizer=tokenizer).required()


def test_an_adapter_that_arrives_whole_passes(parity: Parity) -> None:
    assert parity.ok
    assert parity.moved
    assert parity.difference_base == pytest.approx(0.08, abs=0.03)
    assert parity.difference_tuned < parity.moved_transformers
    assert parity.apart < 0.2


def test_the_rows_of_queries_in_the_wrong_order_are_caught(
    peft_folder: Path, trained_base: tuple[Any, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gguf_lora, "PERMUTED", frozenset())
    monkeypatch.setattr(gguf_lora, "AS_THEY_ARE", frozenset({"llama"}))
    adapter = tmp_path / "adapter.gguf"
    write_gguf_lora(peft_folder, adapter, embedded_model())
    model, tokenizer = trained_base
    with pytest.raises(AdapterBroken, match="does not write as it was trained to"):
        compare(embedded_model(), peft_folder, adapter, model=model, tokenizer=tokenizer).required()


def test_an_adapter_that_changes_nothing_in_llama_cpp_is_caught(
    peft_folder: Path, trained_base: tuple[Any, Any], tmp_path: Path
) -> None:
    silent = {
        name: values * 0 for name, values in load_file(peft_folder / "adapter_model.safetensors").items()
    }
    adapter = tmp_path / "adapter.gguf"
    write_gguf_lora_tensors(silent, 8.0, RANK, BaseShape.of_gguf(embedded_model()), adapter)
    model, tokenizer = trained_base
    found = compare(embedded_model(), peft_folder, adapter, model=model, tokenizer=tokenizer)
    assert not found.ok
    assert found.moved_llama == 0.0
    assert "changes nothing" in found.sentence


def test_scoring_a_text_is_the_same_with_a_silent_adapter_and_with_none(
    peft_folder: Path, tmp_path: Path
) -> None:
    adapter = tmp_path / "adapter.gguf"
    write_gguf_lora(peft_folder, adapter, embedded_model())
    tokens = list(range(100, 130))
    with Scorer(embedded_model()) as scorer:
        base = scorer.logprobs(tokens)
        scorer.use(adapter)
        assert not np.array_equal(scorer.logprobs(tokens), base)
        scorer.use(None)
        assert np.array_equal(scorer.logprobs(tokens), base)
