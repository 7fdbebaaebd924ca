"""What may be chosen about one fine-tune of the policy, and the defaults.

Plain values only, kept with the run as JSON. Knows nothing of torch, so that the page and the command
line can read it. Read by every module beside it, by `trainer.runs` and by `longwright train`.
"""

from __future__ import annotations

import math
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

RolloutChoice = Literal["auto", "llama", "hf", "vllm"]


class PolicySettings(BaseModel):
    """How the policy is trained.

    One step writes `prompts_per_step` x `group_size` texts and changes the adapter once.
    `max_new_tokens`: room of one text; thinking has its own room, `think_tokens`, beside it.
    `guided`: the rollout sets the think and answer tags, as drafting does; else the policy writes them.
    `kl_beta` pulls towards the start in every step (0, as in LongWriter-Zero: no such pull, and no pass of
    the start beside each of the policy); `kl_budget` ends the run where the mean KL of a token passes it
    (None: never), measured in every `kl_every`th step (0: in none). `micro_batch`: texts in one forward
    pass, None for what memory holds.
    `loss`: `grpo` counts each text once, as the paper does; `dapo` each token, so that texts
    which are too long drown the rest (entropy rose from 2.6 to 3.0 nats in 25 steps). `fixed_length`: no
    text may end by itself (measurements). `shared_prompt`: one pass a group.
    `rollouts`: what writes the texts (`rollout_way`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: int = Field(default=40, ge=1, le=10_000)
    group_size: int = Field(default=8, ge=2, le=64)
    prompts_per_step: int = Field(default=2, ge=1, le=64)
    max_new_tokens: int = Field(default=256, ge=8, le=16_384)
    seed: int = Field(default=0, ge=0, le=2**31 - 1)

    think: Literal["on", "off"] = "off"
    think_tokens: int = Field(default=96, ge=8, le=8_000)
    guided: bool = True
    temperature: float = Field(default=0.9, gt=0, le=2)
    rollouts: RolloutChoice = "auto"
    fixed_length: bool = False

    learning_rate: float = Field(default=1e-4, gt=0, le=1e-2)
    warmup_steps: int = Field(default=0, ge=0)
    lora_rank: int = Field(default=16, ge=1, le=256)
    lora_alpha: int = Field(default=32, ge=1, le=512)
    max_grad_norm: float = Field(default=1.0, gt=0)
    loss: Literal["grpo", "dapo", "dr_grpo"] = "grpo"
    advantage: Literal["evidence", "paper", "sum"] = "evidence"
    advantage_cap: float = Field(default=3.0, gt=0)

    kl_beta: float = Field(default=0.0, ge=0, le=1)
    kl_budget: float | None = Field(default=0.5, gt=0)
    kl_every: int = Field(default=5, ge=0)
    entropy_floor: float | None = Field(default=0.3, ge=0)
    repetition_ceiling: float | None = Field(default=0.5, gt=0, le=1)
    judge_every: int = Field(default=10, ge=1)

    gradient_checkpointing: Literal["auto", "on", "off"] = "auto"
    micro_batch: int | None = Field(default=None, ge=1)
    shared_prompt: bool = True

    save_every: int = Field(default=5, ge=1)
    keep_checkpoints: int = Field(default=2, ge=1)
    general_share: float = Field(default=0.4, ge=0, le=1)

    @model_validator(mode="after")
    def _micro_batch_divides(self) -> PolicySettings:
        if self.micro_batch is not None and self.completions_per_step % self.micro_batch:
            raise ValueError("micro_batch must divide group_size x prompts_per_step.")
        return self

    @property
    def checkpoints_kept(self) -> int:
        """So many that one is left from before a guard's first bad measurement (`guards`: it speaks on the
        mean of the last three, and after the judge's second fall in a row)."""
        reach = max(3 * self.kl_every, 3 * self.judge_every)
        return max(self.keep_checkpoints, math.ceil(reach / self.save_every) + 1)

    @property
    def completions_per_step(self) -> int:
        """Texts that one step writes."""
        return self.group_size * self.prompts_per_step

    @property
    def room(self) -> int:
        """Most tokens of one completion, thinking and tags included."""
        return self.max_new_tokens + (self.think_tokens + 32 if self.think == "on" else 0)
