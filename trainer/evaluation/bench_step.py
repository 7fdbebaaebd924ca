"""One step of practice to be compared: its requests, its adapter, its rewards, the same for every arm.

Two cheap rewards, so that time goes into texts and update alone. Called by `bench_train`, `stock` and
`same_as_stock`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import torch

from trainer.policy.base import Base
from trainer.policy.foreign import Foreign
from trainer.policy.grpo import unload
from trainer.policy.policy import with_adapter
from trainer.policy.pool import load_pool
from trainer.policy.prompts import TrainingPrompt, of_pool, pack
from trainer.policy.rollout_llama import LlamaWriter
from trainer.policy.settings import PolicySettings
from trainer.rewards.completion import Completion
from trainer.rewards.length import length_reward
from trainer.rewards.score import Scored

WEIGHTS = {"length": 0.5, "variety": 0.5}
STIR = 0.01
"""Spread of the adapter's B at the start: a fresh one changes nothing and would cost llama.cpp nothing."""


def requests(writer: LlamaWriter | Foreign, settings: PolicySettings) -> list[TrainingPrompt]:
    """The first English requests of the pool, packed as drafting packs them."""
    pool = of_pool(load_pool(), "en")[: settings.prompts_per_step]
    return [pack(one, writer.backend, settings, random.Random(settings.seed)) for one in pool]


def stirred(base: Base, settings: PolicySettings, folder: Path) -> Path:
    """A PEFT folder whose adapter changes the base a little."""
    model = with_adapter(base, settings)
    torch.manual_seed(settings.seed)
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=STIR)
    model.save_pretrained(str(folder))
    unload(base, model)
    return folder


def score(completions: Sequence[Completion]) -> Scored:
    """Two cheap rewards: the length, and the share of different words."""
    rewards = {
        "length": [length_reward(len(each.words), each.low, each.high) for each in completions],
        "variety": [variety(each.answer) for each in completions],
    }
    return Scored(rewards, {}, [False] * len(completions), [])


def variety(text: str) -> float:
    """The share of different words."""
    words = text.lower().split()
    return len(set(words)) / max(len(words), 1)
