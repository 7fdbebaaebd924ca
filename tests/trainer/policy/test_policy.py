"""The adapter that a base is trained with."""

from __future__ import annotations

import torch

from trainer.policy.base import Base
from trainer.policy.grpo import unload
from trainer.policy.policy import with_adapter
from trainer.policy.settings import PolicySettings


def test_the_adapter_lies_on_every_linear_layer_but_the_head(base: Base) -> None:
    model = with_adapter(base, PolicySettings())
    try:
        trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
        layers = base.model.config.num_hidden_layers
        assert len(trained) == 7 * 2 * layers
        assert {p.dtype for p in trained.values()} == {torch.float32}
        assert not any("lm_head" in name for name in trained)
    finally:
        unload(base, model)
