"""The way from PEFT to llama.cpp: names, order, alpha, and everything that is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from gguf import GGUFReader
from safetensors.torch import load_file, save_file

from engine.backends.catalogue import embedded_model
from engine.errors import AdapterBroken
from trainer.adapters.gguf_lora import BaseShape, effective_alpha, write_gguf_lora, write_gguf_lora_tensors

CONFIG = {"r": 4, "lora_alpha": 8, "peft_type": "LORA"}
TINY = BaseShape("llama", layers=1, heads=2, heads_kv=(1,))
Q_A = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"
Q_B = "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight"


def tiny(**more: object) -> dict[str, Any]:
    """One layer's query projection: 8 inputs, 8 rows in 2 heads, rank 4."""
    rows = np.arange(8, dtype=np.float32)[:, None] * np.ones((1, 4), dtype=np.float32)
    return {Q_A: np.ones((4, 8), dtype=np.float32), Q_B: rows, **more}


def written(path: Path) -> dict[str, Any]:
    """llama.cpp's names and numbers."""
    return {tensor.name: tensor.data for tensor in GGUFReader(path).tensors}


def test_every_layer_of_a_real_adapter_arrives(peft_folder: Path, tmp_path: Path) -> None:
    write_gguf_lora(peft_folder, tmp_path / "a.gguf", embedded_model())
    made = written(tmp_path / "a.gguf")
    assert len(made) == len(load_file(peft_folder / "adapter_model.safetensors")) == 30 * 7 * 2
    assert made["blk.29.ffn_down.weight.lora_a"].shape == (4, 1536)
    fields = GGUFReader(tmp_path / "a.gguf").fields
    assert fields["adapter.lora.alpha"].contents() == 8.0
    assert fields["general.type"].contents() == "adapter"


def test_a_config_tells_as_much_as_the_gguf_itself(
    peft_folder: Path, trained_base: tuple[Any, Any], tmp_path: Path
) -> None:
    config = trained_base[0].config.to_dict()
    assert BaseShape.of_config(config) == BaseShape.of_gguf(embedded_model())
    write_gguf_lora(peft_folder, tmp_path / "a.gguf", embedded_model())
    write_gguf_lora(peft_folder, tmp_path / "b.gguf", config)
    assert (tmp_path / "a.gguf").read_bytes() == (tmp_path / "b.gguf").read_bytes()


def test_the_rows_of_queries_are_put_into_llama_cpps_order(tmp_path: Path) -> None:
    write_gguf_lora_tensors(tiny(), 8.0, 4, TINY, tmp_path / "a.gguf")
    assert written(tmp_path / "a.gguf")["blk.0.attn_q.weight.lora_b"][:, 0].tolist() == [
        0, 2, 1, 3, 4, 6, 5, 7
    ]  # fmt: skip


@pytest.mark.parametrize("make", ["qwen2", "qwen3", "gemma3"])
def test_other_makes_keep_the_order_of_their_rows(tmp_path: Path, make: str) -> None:
    write_gguf_lora_tensors(tiny(), 8.0, 4, BaseShape(make, 1, 2, (1,)), tmp_path / "a.gguf")
    rows = written(tmp_path / "a.gguf")["blk.0.attn_q.weight.lora_b"][:, 0]
    assert rows.tolist() == list(range(8))


def test_mistral_is_a_llama_to_llama_cpp() -> None:
    config = {"model_type": "mistral", "num_hidden_layers": 2, "num_attention_heads": 8}
    assert BaseShape.of_config(config) == BaseShape("llama", 2, 8, (8, 8))


def test_names_with_the_adapters_own_name_and_torch_tensors_are_read_too(tmp_path: Path) -> None:
    tensors = {
        name.replace(".weight", ".default.weight"): torch.tensor(values).bfloat16()
        for name, values in tiny().items()
    }
    write_gguf_lora_tensors(tensors, 8.0, 4, TINY, tmp_path / "a.gguf")
    assert set(written(tmp_path / "a.gguf")) == {"blk.0.attn_q.weight.lora_a", "blk.0.attn_q.weight.lora_b"}


def test_the_root_of_rslora_is_put_into_alpha() -> None:
    assert effective_alpha(CONFIG) == 8.0
    assert effective_alpha(CONFIG | {"use_rslora": True}) == 16.0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"use_dora": True}, "DoRA"),
        ({"modules_to_save": ["lm_head"]}, "whole layers"),
        ({"alpha_pattern": {"q_proj": 4}}, "alpha"),
        ({"bias": "all"}, "biases"),
        ({"use_rslora": True, "rank_pattern": {"q_proj": 8}}, "rsLoRA"),
        ({"lora_alpha": 0}, "alpha"),
    ],
)
def test_what_llama_cpp_cannot_hold_is_refused_by_name(more: dict[str, Any], said: str) -> None:
    with pytest.raises(AdapterBroken, match=said):
        effective_alpha(CONFIG | more)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("base_model.model.lm_head.lora_A.weight", "words themselves"),
        ("base_model.model.model.embed_tokens.lora_embedding_A", "more than plain LoRA"),
        ("base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector", "more than plain LoRA"),
        ("base_model.model.model.layers.7.self_attn.q_proj.lora_A.weight", "no layer"),
        ("base_model.model.model.layers.0.self_attn.v_proj.lora_A.weight", "halves"),
    ],
)
def test_tensors_that_have_no_place_are_refused_and_nothing_is_written(
    tmp_path: Path, name: str, said: str
) -> None:
    with pytest.raises(AdapterBroken, match=said):
        write_gguf_lora_tensors(tiny(**{name: np.ones((4, 8))}), 8.0, 4, TINY, tmp_path / "a.gguf")
    assert list(tmp_path.iterdir()) == []


def test_a_nan_never_reaches_the_writer(tmp_path: Path) -> None:
    broken = tiny()
    broken[Q_A][0, 0] = np.nan
    with pytest.raises(AdapterBroken, match="NaN"):
        write_gguf_lora_tensors(broken, 8.0, 4, TINY, tmp_path / "a.gguf")


def test_a_rank_other_than_the_one_named_and_an_unknown_make_are_refused(tmp_path: Path) -> None:
    with pytest.raises(AdapterBroken, match="rank"):
        write_gguf_lora_tensors(tiny(), 8.0, 5, TINY, tmp_path / "a.gguf")
    with pytest.raises(AdapterBroken, match="bloom"):
        write_gguf_lora_tensors(tiny(), 8.0, 4, BaseShape("bloom", 1, 2, (2,)), tmp_path / "a.gguf")


def test_a_damaged_folder_is_one_sentence(peft_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(peft_folder, tmp_path / "peft"))
    weights = folder / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(AdapterBroken, match="weights cannot be read"):
        write_gguf_lora(folder, tmp_path / "a.gguf", embedded_model())
    (folder / "adapter_config.json").write_text(json.dumps({"r": 4}))
    with pytest.raises(AdapterBroken, match="settings cannot be read"):
        write_gguf_lora(folder, tmp_path / "a.gguf", embedded_model())


def test_ranks_may_differ_where_the_settings_say_so(tmp_path: Path) -> None:
    folder = tmp_path / "peft"
    folder.mkdir()
    save_file({name: torch.tensor(values) for name, values in tiny().items()},
              folder / "adapter_model.safetensors")  # fmt: skip
    (folder / "adapter_config.json").write_text(json.dumps(CONFIG | {"r": 16, "rank_pattern": {"q_proj": 4}}))
    write_gguf_lora(folder, tmp_path / "a.gguf", TINY)
    assert (tmp_path / "a.gguf").exists()
