"""What is told of a step is plain numbers, and gradients that are none stop before the weights."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch
from transformers import TrainerControl

from engine.errors import TrainingDiverged
from trainer.policy.hooks import Event, Hooks
from trainer.policy.watching import Watching

STATE = SimpleNamespace(global_step=4)


def test_a_gradient_that_is_no_number_is_stopped() -> None:
    model = torch.nn.Linear(2, 1)
    model(torch.ones(1, 2)).sum().backward()
    Watching(Hooks()).on_pre_optimizer_step(None, STATE, TrainerControl(), model=model)
    assert model.weight.grad is not None
    model.weight.grad[0, 1] = math.inf
    with pytest.raises(TrainingDiverged, match="step 5"):
        Watching(Hooks()).on_pre_optimizer_step(None, STATE, TrainerControl(), model=model)


def test_an_event_holds_numbers_or_none() -> None:
    events: list[Event] = []
    watching = Watching(Hooks(on_event=events.append))
    watching.facts = lambda: {"kl_probed": 0.3, "words": 12.0}
    logs = {"loss": 0.5, "grad_norm": math.nan, "entropy": 2.0}
    watching.on_log(None, STATE, TrainerControl(), logs)
    watching.on_log(None, STATE, TrainerControl(), {"train_runtime": 3.0})
    assert len(events) == 1
    assert events[0]["grad_norm"] is None
    assert events[0]["kl"] == 0.3
    assert "kl_probed" not in events[0]


def test_a_wish_to_rest_asks_for_a_checkpoint_and_an_end() -> None:
    control = TrainerControl()
    watching = Watching(Hooks(rest=lambda: "keep"))
    watching.on_step_end(None, STATE, control)
    assert (watching.stopped, control.should_save, control.should_training_stop) == ("keep", True, True)
