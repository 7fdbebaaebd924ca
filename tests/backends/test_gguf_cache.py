"""What a text costs in the cache, for the makes of model that keep less than their heads suggest.

The figures are what llama.cpp 0.3.36 of the Python package reports or computes (`llama_hparams`).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.backends import gguf, memory
from tests.backends.test_gguf import write_model

HYBRID = {
    "qwen35.full_attention_interval": 4,
    "qwen35.attention.key_length": 256,
    "qwen35.attention.value_length": 256,
    "qwen35.ssm.conv_kernel": 4,
    "qwen35.ssm.inner_size": 4096,
    "qwen35.ssm.state_size": 128,
    "qwen35.ssm.group_count": 16,
}
LATENT = {
    "deepseek2.attention.key_length": 576,
    "deepseek2.attention.value_length": 512,
    "deepseek2.attention.key_length_mla": 192,
    "deepseek2.attention.value_length_mla": 128,
}


def facts(path: Path, **fields: object) -> gguf.GgufMetadata:
    return gguf.read_metadata(write_model(path / "m.gguf", **fields))


def test_of_qwen35_one_layer_in_four_has_a_cache_and_the_others_a_state(tmp_path: Path) -> None:
    read = facts(tmp_path, architecture="qwen35", layers=32, heads_kv=4, more=HYBRID)
    assert read.kv_bytes_per_token == 8 * 4 * 512 * 2
    assert read.state_bytes == 24 * (3 * (4096 + 2 * 16 * 128) + 128 * 4096) * 4


def test_layers_named_as_recurrent_have_no_cache(tmp_path: Path) -> None:
    more = HYBRID | {"qwen35.attention.recurrent_layers": [True, False, True, True]}
    read = facts(tmp_path, architecture="qwen35", layers=4, heads_kv=4, more=more)
    assert read.kv_bytes_per_token == 1 * 4 * 512 * 2


def test_where_the_values_lie_in_the_keys_they_are_not_counted_again(tmp_path: Path) -> None:
    read = facts(tmp_path, architecture="deepseek2", layers=3, heads_kv=1, more=LATENT)
    assert read.kv_bytes_per_token == 3 * 576 * 2
    assert read.state_bytes == 0


def test_lfm2_has_a_short_memory_in_the_layers_without_heads(tmp_path: Path) -> None:
    more = {"lfm2.shortconv.l_cache": 3, "lfm2.feed_forward_length": 64}
    read = facts(tmp_path, architecture="lfm2", layers=4, heads_kv=[0, 2, 0, 2], key_length=8, more=more)
    assert read.kv_bytes_per_token == 4 * 16 * 2
    assert read.state_bytes == 2 * 32 * 2 * 4


def test_a_layer_that_is_only_a_feed_forward_net_has_neither(tmp_path: Path) -> None:
    more = {f"nemotron_h.ssm.{key}": 4 for key in ("conv_kernel", "inner_size", "state_size", "group_count")}
    more["nemotron_h.feed_forward_length"] = [0, 64, 0, 64]
    read = facts(
        tmp_path, architecture="nemotron_h", layers=4, heads_kv=[0, 0, 2, 0], key_length=8, more=more
    )
    assert read.kv_bytes_per_token == 2 * 16 * 2
    assert read.state_bytes == 1 * (3 * (4 + 2 * 16) + 16) * 4


@pytest.mark.parametrize("heads", [4, [4, 0]])
def test_kv_heads_that_are_not_told_are_those_of_the_layer(tmp_path: Path, heads: int | list[int]) -> None:
    read = facts(tmp_path, heads=heads, key_length=8)
    assert read.kv_bytes_per_token == (8 if heads == 4 else 4) * 16 * 2


def test_the_state_counts_for_every_text_and_the_cache_once(tmp_path: Path) -> None:
    read = facts(tmp_path, architecture="qwen35", layers=32, heads_kv=4, more=HYBRID)
    one, four = memory.estimate(read, 8192, 1), memory.estimate(read, 8192, 4)
    assert one.kv_cache == read.kv_bytes_per_token * 8192 + read.state_bytes
    assert four.kv_cache - one.kv_cache == 3 * read.state_bytes
