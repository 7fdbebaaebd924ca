"""TRL's GRPOTrainer with our rollouts, our advantages and one shared forward pass a group.

Everything else is TRL's: the loss, the KL to the start, the optimiser, checkpoints. Four seams:

- `rollout_func` writes with `Writer`s, with this step's adapter over the weights;
- `_calculate_rewards` hands the texts to `score`, and TRL logs each reward under its name;
- behind `_generate_and_score_completions` TRL's advantages are replaced by `combine.advantages`;
- `_get_per_token_logps_and_entropies` runs a prompt once for its whole group (`shared`), where it can.

TRL repeats each prompt `group_size` times side by side, which is what makes a group. Called by `grpo`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
from datasets import Dataset
from torch import Tensor
from transformers import TrainerCallback
from trl import GRPOConfig, GRPOTrainer
from trl.models.utils import disable_gradient_checkpointing
from trl.trainer.utils import split_tensor_dict, use_adapter

from engine.errors import TrainingDiverged
from trainer.policy.base import Base
from trainer.policy.checkpoints import save_whole
from trainer.policy.foreign import Foreign
from trainer.policy.objective import Objective
from trainer.policy.policy import start_of
from trainer.policy.prompts import TrainingPrompt, order
from trainer.policy.rollout import Rollout, Writer
from trainer.policy.settings import PolicySettings
from trainer.policy.shared import can_share, lay_out, shared_logps
from trainer.policy.step_adapter import StepAdapter
from trainer.policy.watching import NOT_FINITE
from trainer.rewards.combine import Combined, advantages
from trainer.rewards.repetition import repeated_share
from trainer.rewards.score import Scored

PROBED = 4
"""Texts of a step that are measured beside the update: enough for a mean over their tokens, and each costs a
forward pass, and one of the start."""
BYTES_PER_TRAINED = 16
"""Of a checkpoint, for each trained number: itself, two moments of Adam, and air."""


class PolicyTrainer(GRPOTrainer):  # type: ignore[misc]
    """`adapter`: how the policy of a step reaches `writer`."""

    def __init__(
        self,
        base: Base,
        model: Foreign,
        args: GRPOConfig,
        settings: PolicySettings,
        *,
        objective: Objective,
        writer: Writer,
        adapter: StepAdapter,
        on_scored: Callable[[dict[str, list[float]], list[float]], None],
        callbacks: Sequence[TrainerCallback] = (),
    ) -> None:
        self._settings, self._objective = settings, objective
        self._writer, self._adapter, self._on_scored = writer, adapter, on_scored
        self._asked: list[TrainingPrompt] = []
        self._buffered_inputs: list[Foreign] | None = None
        self._seconds: dict[str, float] = {}
        self._left = 0.0
        self.rollouts: list[Rollout] = []
        self.scored = Scored({}, {}, [], [])
        self.combined = Combined([], {})
        self.probed: dict[str, float] = {}
        prompts, places = objective.prompts, order(len(objective.prompts), settings)
        rows = [
            {
                "prompt": [{"role": turn.role, "content": turn.content} for turn in prompts[at].messages],
                "at": at,
            }
            for at in places
        ]
        super().__init__(
            model=model,
            args=args,
            reward_funcs=[_named(name) for name in self._objective.weights],
            train_dataset=Dataset.from_list(rows),
            processing_class=base.tokenizer,
            rollout_func=self._roll_out,
            callbacks=list(callbacks),
        )
        alone = self.accelerator.num_processes == 1
        self._shares = settings.shared_prompt and alone and can_share(base.model)

    # What a step tells -------------------------------------------------------------------------

    def facts(self) -> dict[str, Any]:
        """The texts of this step in numbers, and the seconds of its parts."""
        completions = [each.completion for each in self.rollouts]
        update = self._seconds["total"] - self._seconds["rollout"] - self._seconds["reward"]
        return {
            # Not TRL's own `reward`: it is the plain sum, in which a reward of no weight would speak.
            "total": self._objective.worth(self.scored.rewards),
            "rewards": {name: fmean(values) for name, values in self.scored.rewards.items()},
            "advantages": {name: fmean(map(abs, values)) for name, values in self.combined.parts.items()},
            "words": fmean(len(each.words) for each in completions),
            "tokens": fmean(sum(each.own) for each in self.rollouts),
            "clipped": fmean(not each.ended for each in completions),
            "failed": fmean(self.scored.failed),
            "repetition": fmean(repeated_share(each.words) for each in completions),
            "mismatch": self.probed.get("mismatch"),
            "kl_probed": self.probed.get("kl"),
            "shared": self._shares,
            "seconds": self._seconds | {"update": update, "optimiser": time.perf_counter() - self._left},
        }

    def write_now(self, prompts: Sequence[TrainingPrompt]) -> list[Rollout]:
        """A text for each prompt with the policy as it is, the same seeds at every call."""
        return self._writer.write(prompts, 0, self._adapter_file())

    # Rollouts and rewards ----------------------------------------------------------------------

    def _roll_out(self, _prompts: list[Any], _trainer: GRPOTrainer) -> dict[str, Any]:
        start = time.perf_counter()
        self.rollouts = self._writer.write(
            self._asked, self.state.global_step + 1, self._adapter_file(), logprobs=self._probes
        )
        self._seconds = {"rollout": time.perf_counter() - start, "reward": 0.0, "total": 0.0}
        return {
            "prompt_ids": [each.prompt_ids for each in self.rollouts],
            "completion_ids": [each.completion_ids for each in self.rollouts],
            "env_mask": [each.own for each in self.rollouts],
            "logprobs": None,
        }

    @property
    def _probes(self) -> bool:
        every = self._settings.kl_every
        return every > 0 and int(self.state.global_step) % every == 0

    def _adapter_file(self) -> Path | None:
        return self._adapter.file(self.model, int(self.state.global_step))

    def _calculate_rewards(self, *_texts: Foreign) -> Tensor:
        start = time.perf_counter()
        self.scored = self._objective.score([each.completion for each in self.rollouts])
        groups = [place // self.num_generations for place in range(len(self.rollouts))]
        self.combined = advantages(
            {name: self.scored.rewards[name] for name in self._objective.weights},
            groups,
            weights=self._objective.weights,
            noise=self.scored.noise,
            failed=self.scored.failed,
            mode=self._settings.advantage,
            cap=self._settings.advantage_cap,
        )
        self._on_scored(self.scored.rewards, self.combined.total)
        self._seconds["reward"] = time.perf_counter() - start
        table = [self.scored.rewards[name] for name in self._objective.weights]
        rewards: Tensor = self.accelerator.gather(
            torch.tensor(table, device=self.accelerator.device).T.contiguous()
        )
        return rewards

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        self._asked = [self._objective.prompts[each["at"]] for each in inputs]
        output: dict[str, Any] = super()._generate_and_score_completions(inputs)
        total = torch.tensor(self.combined.total, dtype=torch.float32)
        output["advantages"] = total.to(output["advantages"])
        self.probed = self._probe(output) if self._probes else {}
        return output

    # The update --------------------------------------------------------------------------------

    def _prepare_inputs(self, generation_batch: Foreign) -> Foreign:
        """TRL's, without its shuffle: it would tear groups apart, and one update takes them all anyway."""
        if not self.model.training:
            return super()._prepare_inputs(generation_batch)
        every = self.args.steps_per_generation * self.num_iterations
        if self._step % every == 0 or self._buffered_inputs is None:
            batch = self._generate_and_score_completions(generation_batch)
            self._buffered_inputs = split_tensor_dict(batch, self.args.steps_per_generation)
        return self._buffered_inputs[self._step % self.args.steps_per_generation]

    def training_step(self, model: Foreign, inputs: Foreign, num_items_in_batch: Foreign) -> Tensor:
        """One micro-batch. Raises `TrainingDiverged` before a loss that is no number changes anything."""
        start = time.perf_counter()
        loss: Tensor = super().training_step(model, inputs, num_items_in_batch)
        if not torch.isfinite(loss).all():
            raise TrainingDiverged(NOT_FINITE.format(step=self.state.global_step + 1))
        self._left = time.perf_counter()
        self._seconds["total"] += self._left - start
        return loss

    def _get_per_token_logps_and_entropies(
        self,
        model: Foreign,
        input_ids: Tensor,
        attention_mask: Tensor,
        logits_to_keep: int,
        batch_size: int | None = None,
        compute_entropy: bool = False,
        compute_aux_loss: bool = False,
        **rest: Foreign,
    ) -> tuple[Tensor, Tensor | None, Tensor | None]:
        if not self._shares:
            return super()._get_per_token_logps_and_entropies(  # type: ignore[no-any-return]
                model,
                input_ids,
                attention_mask,
                logits_to_keep,
                batch_size,
                compute_entropy,
                compute_aux_loss,
                **rest,
            )
        rows = batch_size or len(input_ids)
        found = [
            self._shared(model, input_ids[at : at + rows], attention_mask[at : at + rows], logits_to_keep)
            for at in range(0, len(input_ids), rows)
        ]
        logps, entropies = (torch.cat(parts) for parts in zip(*found, strict=True))
        return logps, entropies, None

    def _shared(
        self, model: Foreign, ids: Tensor, mask: Tensor, columns: int, temperature: float | None = None
    ) -> tuple[Tensor, Tensor]:
        layout = lay_out(ids, mask, columns)
        with self.accelerator.autocast():
            return shared_logps(model, layout, (len(ids), columns), temperature or self.temperature)

    def _probe(self, output: Mapping[str, Any]) -> dict[str, float]:
        """On the first `PROBED` texts: how far the writer's numbers are from torch's (mean |difference| a
        token, at temperature 1; only shared passes can be asked for that), and the KL of a token to the
        start where the loss does not measure it."""
        some = slice(0, min(PROBED, self.num_generations))
        ids = torch.cat((output["prompt_ids"][some], output["completion_ids"][some]), 1)
        mask = torch.cat((output["prompt_mask"][some], output["completion_mask"][some]), 1)
        columns = output["completion_ids"].shape[1]
        own = (output["completion_mask"] * output.get("tool_mask", 1))[some].bool()
        found: dict[str, float] = {}
        with torch.no_grad(), disable_gradient_checkpointing(self.model, None):
            policy = self._logps(ids, mask, columns)
            if self._shares:
                found |= _mismatch(self.rollouts[some], policy)
            if self.beta != 0.0 or self._settings.kl_budget is None:
                return found
            if self._adapter.changes_nothing(int(self.state.global_step)):
                found["kl"] = 0.0
            else:
                with use_adapter(self.model, start_of(self.model)):
                    gap = (self._logps(ids, mask, columns) - policy)[own]
                found["kl"] = float((gap.exp() - gap - 1).mean())
        return found

    def _logps(self, ids: Tensor, mask: Tensor, columns: int) -> Tensor:
        """At temperature 1 where passes are shared, else at that of the rollouts, as TRL computes them."""
        if self._shares:
            return self._shared(self.model, ids, mask, columns, 1.0)[0]
        logps: Tensor = super()._get_per_token_logps_and_entropies(self.model, ids, mask, columns)[0]
        return logps

    # Checkpoints -------------------------------------------------------------------------------

    def _save_checkpoint(self, model: Foreign, trial: Foreign) -> None:
        """Without TRL's model card, which would tell of this machine; whole or not at all."""
        folder = Path(self.args.output_dir)
        checkpoint = folder / f"checkpoint-{self.state.global_step}"
        trained = sum(p.numel() for p in self.model.parameters() if p.requires_grad)

        def save() -> None:
            super(GRPOTrainer, self)._save_checkpoint(model, trial)
            (checkpoint / "README.md").unlink(missing_ok=True)

        save_whole(folder, checkpoint, save, trained * BYTES_PER_TRAINED)


def _mismatch(rollouts: Sequence[Rollout], policy: Tensor) -> dict[str, float]:
    gaps = [
        abs(told - float(policy[row, column]))
        for row, each in enumerate(rollouts)
        for column, told in enumerate(each.logprobs or ())
        if told is not None
    ]
    return {"mismatch": fmean(gaps)} if gaps else {}


def _named(name: str) -> Callable[..., list[float]]:
    """TRL wants a function a reward, for its name; the numbers come from `_calculate_rewards`."""

    def reward(**_columns: Foreign) -> list[float]:
        raise NotImplementedError

    reward.__name__ = name
    return reward
