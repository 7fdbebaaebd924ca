"""Settings that cannot work are refused before anything is loaded."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from trainer.policy.guards import FALLS, LOOK_BACK
from trainer.policy.settings import PolicySettings


def test_a_micro_batch_must_divide_a_step() -> None:
    with pytest.raises(ValidationError, match="micro_batch"):
        PolicySettings(group_size=8, prompts_per_step=1, micro_batch=3)


def test_a_group_of_one_cannot_be_compared() -> None:
    with pytest.raises(ValidationError):
        PolicySettings(group_size=1)


def test_thinking_has_room_of_its_own() -> None:
    plain = PolicySettings(max_new_tokens=100, think="off")
    assert plain.room == 100
    assert plain.model_copy(update={"think": "on", "think_tokens": 40}).room == 172


@pytest.mark.parametrize("chosen", [{}, {"save_every": 1}, {"judge_every": 20}, {"kl_every": 0}])
def test_a_checkpoint_from_before_a_guards_first_bad_measurement_is_left(chosen: dict[str, int]) -> None:
    settings = PolicySettings(**chosen)  # type: ignore[arg-type]
    newest = 200
    oldest = newest - settings.save_every * (settings.checkpoints_kept - 1)
    assert oldest <= newest - LOOK_BACK * settings.kl_every
    assert oldest <= newest - (FALLS + 1) * settings.judge_every
