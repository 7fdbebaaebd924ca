"""What a guided rollout must be, whichever backend wrote it."""

from __future__ import annotations

from trainer.policy.prompts import TrainingPrompt
from trainer.policy.rollout import Rollout
from trainer.policy.rollout_engine import TellsIds


def expect_the_plan_alone_is_own(backend: TellsIds, prompt: TrainingPrompt, rollout: Rollout) -> None:
    """The text is conditioned on the plan with its tags, and of these the policy wrote the plan."""
    raw = rollout.completion.raw
    lead = raw[: raw.index("<answer>\n") + len("<answer>\n")]
    ids = backend.prompt_ids(prompt.messages, lead)
    assert (rollout.prompt_ids + rollout.completion_ids)[: len(ids)] == ids
    assert rollout.own[0] == 0
    assert 0 < sum(rollout.own) < len(rollout.own)
    assert rollout.completion.think in raw
