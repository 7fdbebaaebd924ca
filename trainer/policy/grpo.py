"""The reinforcement learning run: from a base, requests and rewards to an adapter.

`run_grpo` opens the writer of the rollouts, and lets `trainer.PolicyTrainer` take
`settings.steps` steps. Everything it leaves lies in `folder`: `checkpoint-N/`, and `peft/` when it ended.
An event of a step has: step, loss, grad_norm, learning_rate, entropy, kl; rewards and advantages by
name (means; means of magnitudes); total (the rewards by their weights); words, tokens, clipped, failed,
repetition (means over the texts); mismatch; shared (a prompt ran once for its group); seconds (rollout,
reward, update, their total, and behind them the optimiser). What was not measured is None.
Called by `trainer.runs` and the benchmark, in a process that began with `quiet.settle()`.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from transformers.trainer_callback import PrinterCallback
from trl import GRPOConfig

from engine.backends.llama.quick_copy import quick_copy
from engine.home import Home, open_home
from trainer.policy.base import Base, free_memory
from trainer.policy.checkpoints import find_checkpoint, sound_checkpoint, step_of, take_adapter
from trainer.policy.foreign import Foreign
from trainer.policy.guards import Guards
from trainer.policy.hooks import Hooks, Trained
from trainer.policy.objective import Objective
from trainer.policy.policy import keep_start, with_adapter
from trainer.policy.prompts import TrainingPrompt
from trainer.policy.rollout import Writer
from trainer.policy.rollout_hf import HfWriter
from trainer.policy.rollout_llama import LlamaWriter
from trainer.policy.rollout_vllm import VllmWriter
from trainer.policy.rollout_way import context_for, way_of
from trainer.policy.settings import PolicySettings
from trainer.policy.step_adapter import StepAdapter
from trainer.policy.trainer import PolicyTrainer
from trainer.policy.watching import Watching

SHARE_OF_MEMORY = 0.3
"""Of what is free, for what one forward pass keeps for its backward pass."""
KEPT_PER_LAYER = (18, 5)
"""Numbers a token keeps in a layer with an adapter: so many hidden and so many inner vectors (measured)."""


def open_writer(
    base: Base,
    settings: PolicySettings,
    model: Foreign = None,
    *,
    copies: Path | None = None,
    home: Home | None = None,
) -> Writer:
    """The writer that the settings name (`rollout_way`); the plain one needs `model`.

    `copies`: a folder for a copy of the model that writes faster; None for the very file that drafts. `home`:
    where a server keeps its own, None for the usual one.
    """
    way = way_of(base.path, settings.rollouts)
    if way == "vllm":
        return VllmWriter(base, settings, context_for(settings), home or open_home())
    if way == "hf":
        return HfWriter(base, model, settings, context_for(settings))
    path = base.path if copies is None else quick_copy(base.path, copies)
    return LlamaWriter(path, settings, context_for(settings))


def run_grpo(
    settings: PolicySettings,
    base: Base,
    objective: Objective,
    folder: Path,
    *,
    writer: Writer | None = None,
    start: Path | None = None,
    checkpoint: Path | None = None,
    hooks: Hooks | None = None,
    guards: Guards | None = None,
) -> Trained:
    """Train. `start`: a PEFT folder to go on from; `checkpoint`: where a run was cut short; `guards`: those
    that know the steps before it.

    `writer` stays open when it was given.
    Raises `TrainingDiverged`, `TrainingError`, `DiskFull`, `ModelError`s; the last checkpoint stays.
    """
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    hooks = hooks or Hooks()
    watching = Watching(hooks, guards or Guards(settings), settings.judge_every)
    model = with_adapter(base, settings, start)
    if start is not None and settings.kl_beta == 0:  # with a beta TRL keeps it itself
        keep_start(model)
    given = writer
    writer = given or open_writer(base, settings, model)
    before = writer.follow(settings, model)
    trainer = PolicyTrainer(
        base,
        model,
        config_of(settings, base, prompts_tokens(objective.prompts, writer), folder),
        settings,
        objective=objective,
        writer=writer,
        adapter=StepAdapter(base.path, folder / "rollout", fresh=start is None, form=writer.takes),
        on_scored=hooks.on_scored,
        callbacks=[watching],
    )
    trainer.remove_callback(PrinterCallback)
    watching.facts, watching.write = trainer.facts, trainer.write_now
    watching.rollouts = lambda: trainer.rollouts
    try:
        trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
        return finished(folder, trainer.state.global_step, watching, began)
    finally:
        writer.follow(before, base.model)
        if given is None:
            writer.close()
        unload(base, model)
        gc.collect()


def finished(folder: Path, steps: int, watching: Watching, began: float) -> Trained:
    """What a training left behind; its adapter is taken out of the last checkpoint, or of the last that was
    sound where a guard ended it."""
    checkpoint = kept = find_checkpoint(folder)
    if watching.stopped == "guard" and watching.guards is not None:
        kept = sound_checkpoint(folder, watching.guards.sound)
    peft = None
    if kept is not None and watching.stopped != "pause":
        peft = folder / "peft"
        take_adapter(kept, peft)
    seconds = time.monotonic() - began
    return Trained(
        steps=steps,
        stopped=watching.stopped,
        sentence=watching.sentence,
        peft=peft,
        kept=steps if kept is None else step_of(kept),
        checkpoint=checkpoint,
        seconds=seconds,
    )


def unload(base: Base, model: Foreign) -> None:
    """Take the adapter off again: the base is as it was loaded, for whoever uses it next."""
    model.unload()
    base.model.__dict__.pop("forward", None)  # TRL's and accelerate's wrappers
    base.model.activation_checkpointing_disable()
    base.model.disable_input_require_grads()  # TRL's, where it checkpoints


def config_of(settings: PolicySettings, base: Base, prompt_tokens: int, folder: Path) -> GRPOConfig:
    """Our settings as TRL's. The update takes all texts of a step at once, in micro-batches."""
    per_pass = micro_batch(settings, base, prompt_tokens)
    tokens = prompt_tokens + per_pass * settings.room
    return GRPOConfig(
        output_dir=str(folder),
        max_steps=settings.steps,
        per_device_train_batch_size=per_pass,
        gradient_accumulation_steps=settings.completions_per_step // per_pass,
        num_generations=settings.group_size,
        max_completion_length=settings.room,
        temperature=settings.temperature,
        beta=settings.kl_beta,
        loss_type=settings.loss,
        scale_rewards="group",
        shuffle_dataset=False,
        gradient_checkpointing=checkpoints_gradients(settings, base, tokens),
        **common(settings, base),
    )


def common(settings: PolicySettings, base: Base) -> dict[str, Any]:
    """What all trainings beside each other share."""
    return {
        "learning_rate": settings.learning_rate,
        "warmup_steps": settings.warmup_steps,
        "lr_scheduler_type": "constant_with_warmup",
        "max_grad_norm": settings.max_grad_norm,
        "seed": settings.seed,
        "use_cpu": base.device.type == "cpu",
        "bf16": base.half,
        "save_strategy": "steps",
        "save_steps": settings.save_every,
        "save_total_limit": settings.checkpoints_kept,
        "logging_steps": 1,
        "report_to": "none",
        "disable_tqdm": True,
        "dataloader_pin_memory": False,
        "remove_unused_columns": False,
    }


def prompts_tokens(prompts: Sequence[TrainingPrompt], writer: Writer) -> int:
    """Tokens of the longest prompt."""
    return max(writer.backend.prompt_tokens(each.messages) for each in prompts)


def bytes_per_token(base: Base) -> int:
    """What the forward pass of one token keeps for the backward pass."""
    config = base.model.config.get_text_config()
    hidden, inner = KEPT_PER_LAYER
    numbers = hidden * config.hidden_size + inner * config.intermediate_size
    return int(config.num_hidden_layers * numbers * base.dtype.itemsize)


def room_for(base: Base) -> float:
    """Bytes that one forward pass may keep."""
    return SHARE_OF_MEMORY * free_memory(base.device)


def micro_batch(settings: PolicySettings, base: Base, prompt_tokens: int) -> int:
    """Texts in one pass: the most that memory holds, whole groups where it can; divides a step evenly."""
    if settings.micro_batch is not None:
        return settings.micro_batch
    room = room_for(base) / bytes_per_token(base)
    total, group = settings.completions_per_step, settings.group_size
    sizes = [size for size in range(total, 0, -1) if total % size == 0]
    whole = [
        size
        for size in sizes
        if size % group == 0 and size // group * prompt_tokens + size * settings.room <= room
    ]
    part = [size for size in sizes if size <= group and prompt_tokens + size * settings.room <= room]
    return next(iter([*whole, *part]), 1)


def checkpoints_gradients(settings: PolicySettings, base: Base, tokens: int) -> bool:
    """Compute the forward pass of so many tokens twice instead of keeping it: by need."""
    if settings.gradient_checkpointing != "auto":
        return settings.gradient_checkpointing == "on"
    return tokens * bytes_per_token(base) > room_for(base)
