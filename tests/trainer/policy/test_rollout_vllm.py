"""What a run's own vLLM server may take of the memory. The server itself: `tests/vllm/test_rollouts.py`."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch

from trainer.policy.base import Base
from trainer.policy.rollout_vllm import OWN_TOKENS, memory_arguments
from trainer.policy.settings import PolicySettings

A_TOKEN = 2 * 30 * 3 * 64 * 2
"""Bytes of one token in the embedded model's cache: 30 layers, three heads for keys, 64 numbers each."""


def cache_of(base: Base, settings: PolicySettings, context: int) -> int:
    name, size, *_ = memory_arguments(base, settings, context)
    assert name == "--kv-cache-memory-bytes"
    return int(size)


def test_the_cache_holds_all_texts_of_a_step_with_their_prompts(base: Base) -> None:
    settings = PolicySettings(group_size=8, prompts_per_step=2, max_new_tokens=500)
    assert cache_of(base, settings, 2048) == (16 * (500 + 512) + OWN_TOKENS) * A_TOKEN


def test_the_cache_holds_one_text_of_full_length(base: Base) -> None:
    settings = PolicySettings(group_size=2, prompts_per_step=1, max_new_tokens=8)
    assert cache_of(base, settings, 8192) == (8192 + OWN_TOKENS) * A_TOKEN


@dataclass(frozen=True)
class _OnGpu:
    """A base on a GPU, as far as its memory goes."""

    model: object
    parameters: int
    device: torch.device


@pytest.mark.parametrize(("parameters", "share"), [(7_000_000_000, "0.22"), (90_000_000_000, "1.0")])
def test_a_gpu_is_shared_with_the_trainer(
    base: Base, monkeypatch: pytest.MonkeyPatch, parameters: int, share: str
) -> None:
    monkeypatch.setattr("torch.cuda.mem_get_info", lambda _device: (60_000_000_000, 80_000_000_000))
    settings = PolicySettings(group_size=2, prompts_per_step=1, max_new_tokens=8)
    told = memory_arguments(_OnGpu(base.model, parameters, torch.device("cuda")), settings, 8192)  # type: ignore[arg-type]
    assert told[2:] == ("--gpu-memory-utilization", share)
