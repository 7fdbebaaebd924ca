"""What llama.cpp keeps of a text while a model writes: the cache of attention, the state of recurrent layers.

Follows llama.cpp's own sums (`llama_hparams` and `llama_model::create_memory`); where a make is special, it
says a little too much and never too little. Knows header fields, not files. Called by `gguf`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

Field = Callable[[str, Any], Any]
"""A field of the model's architecture, or what stands for it where the header has none."""

CACHE_NUMBER, STATE_NUMBER = 2, 4
"""Bytes: half precision in the cache, single in the state."""


class Kept(NamedTuple):
    """Bytes: for each token of the pool, and for each text that may run at once, whatever its length."""

    token: int
    text: int


def kept(of: Field, heads_kv: tuple[int, ...], heads: int, key: int, value: int) -> Kept:
    """`heads_kv` for each layer; `key` and `value` are lengths of one head."""
    attends = _attends(of, heads_kv)
    row = key + value
    if of("attention.key_length_mla", 0):  # the values lie in the keys (DeepSeek, GLM-4.7-Flash, Kimi)
        row = key + int(of("attention.indexer.key_length", 0))
    cached = sum(count for count, whole in zip(heads_kv, attends, strict=True) if whole)
    state = _state_numbers(of, heads, key) * _recurrent_layers(of, attends)
    return Kept(cached * row * CACHE_NUMBER, state * STATE_NUMBER)


def _attends(of: Field, heads_kv: tuple[int, ...]) -> list[bool]:
    """The layers with a cache: of Qwen3-Next and Qwen3.5 one in four, whatever heads the others claim; of
    Granite 4, LFM2, Jamba and their like those that have heads."""
    recurrent = of("attention.recurrent_layers", None)
    if isinstance(recurrent, list) and len(recurrent) == len(heads_kv):
        return [not flag for flag in recurrent]
    interval = max(int(of("full_attention_interval", 1)), 1)
    return [bool(count) and number % interval == 0 for number, count in enumerate(heads_kv, 1)]


def _recurrent_layers(of: Field, attends: list[bool]) -> int:
    """Those without a cache; all where each has both (Falcon-H1). Layers that are nothing but a feed-forward
    net (Nemotron-H, which tells its widths layer by layer) have no state."""
    if all(attends):
        return len(attends)
    widths = of("feed_forward_length", 0)
    plain = [bool(width) for width in widths] if isinstance(widths, list) else [False] * len(attends)
    if all(plain):
        plain = [False] * len(attends)
    return sum(not whole and not net for whole, net in zip(attends, plain, strict=False))


def _state_numbers(of: Field, heads: int, key: int) -> int:
    """Numbers of one recurrent layer for one text: `n_embd_r` + `n_embd_s` of llama.cpp."""
    embedding, taps = int(of("embedding_length", 0)), max(int(of("ssm.conv_kernel", 0)) - 1, 0)
    inner, state = int(of("ssm.inner_size", 0)), int(of("ssm.state_size", 0))
    if of("wkv.head_size", 0):  # RWKV
        return embedding * (int(of("token_shift_count", 2)) + int(of("wkv.head_size", 0)))
    if of("shortconv.l_cache", 0):  # LFM2
        return embedding * (int(of("shortconv.l_cache", 0)) - 1)
    if of("kda.head_dim", 0):  # Kimi-Linear
        delta = int(of("kda.head_dim", 0))
        return heads * delta * (3 * (taps or 3) + delta)
    if not inner and of("full_attention_interval", 0):  # MiniMax-01
        return heads * key * key
    return taps * (inner + 2 * int(of("ssm.group_count", 0)) * state) + state * inner
