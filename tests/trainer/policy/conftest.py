"""What the fine-tune's tests share: a random model of a few thousand numbers, and the embedded one.

The process is settled before torch is imported, as the trainer's own process is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from trainer.policy.foreign import Foreign
from trainer.policy.quiet import settle

settle()

from engine.backends.catalogue import embedded_model  # noqa: E402
from trainer.policy.base import Base, load_base  # noqa: E402
from trainer.policy.grpo import open_writer  # noqa: E402
from trainer.policy.rollout_llama import LlamaWriter  # noqa: E402
from trainer.policy.settings import PolicySettings  # noqa: E402

TINY = PolicySettings(
    steps=2, group_size=4, prompts_per_step=1, max_new_tokens=24, save_every=1, kl_beta=0.02
)


@pytest.fixture(scope="session")
def base() -> Base:
    """The embedded model, loaded for training in the processor's own way."""
    return load_base(embedded_model())


@pytest.fixture(scope="session")
def writer(base: Base) -> Iterator[LlamaWriter]:
    """llama.cpp with the embedded model."""
    opened = open_writer(base, TINY.model_copy(update={"rollouts": "llama"}))
    assert isinstance(opened, LlamaWriter)
    yield opened
    opened.close()


@pytest.fixture
def tiny_model() -> Foreign:
    """A llama of two layers with random numbers, its attention ready for shared passes."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from trainer.policy.shared import NAME

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=61,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=128,
        attn_implementation=NAME,
    )
    return LlamaForCausalLM(config)


@pytest.fixture
def embedded() -> Path:
    """The embedded model's file."""
    return embedded_model()
