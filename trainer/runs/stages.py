"""The stages of a run, in order. Each lies in a module of its own; nothing heavy is imported here.

Read by `trainer.runs.process` alone: the studio and the command line know a run by its folder.
"""

from __future__ import annotations

from trainer.runs import (
    stage_offer,
    stage_policy,
    stage_prepare,
    stage_pretrain,
    stage_reward_model,
    stage_verdict,
)
from trainer.runs.stage import Stage

STAGES = (
    Stage("prepare", "Sorting your choices and measuring one step", stage_prepare.work),
    Stage("pretrain", "Reading your own texts", stage_pretrain.work, stage_pretrain.needed),
    Stage("reward_model", "Learning what you like", stage_reward_model.work),
    Stage("policy", "Practising", stage_policy.work),
    Stage("verdict", "Comparing it with the model it came from", stage_verdict.work),
    Stage("export", "Packing the tuned model", stage_offer.export),
    Stage("parity", "Checking that it writes as it was taught", stage_offer.parity),
    Stage("offered", "Putting it on the list", stage_offer.offer),
)
