"""Seconds a GRPO step, ours beside stock TRL, and whether both compute the same.

Stock is TRL's own GRPOTrainer with transformers' `generate`, in fp32 and, where the processor computes in
bf16, in bf16. All arms share base, adapter, requests, group size, LoRA and KL; no text may end early, so
each arm makes and learns from the same number of tokens. Each round takes one step in every arm, in
turning order, so that whatever else the machine does falls on all alike; ratios are taken within a round.
Called by `longwright bench train`, in a process that began with `quiet.settle()`.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from datasets import Dataset
from transformers import TrainerCallback
from transformers.trainer_callback import PrinterCallback
from trl import GRPOConfig, GRPOTrainer

from trainer.policy.base import Base, computes_in_half, load_base, with_adapter
from trainer.policy.foreign import Foreign
from trainer.policy.grpo import common, open_writer, run_grpo, unload
from trainer.policy.hooks import Event, Hooks
from trainer.policy.objective import Objective
from trainer.policy.pool import load_pool
from trainer.policy.prompts import TrainingPrompt, of_pool, pack
from trainer.policy.rollout_llama import LlamaWriter
from trainer.policy.settings import PolicySettings
from trainer.rewards.completion import Completion
from trainer.rewards.length import length_reward
from trainer.rewards.score import Scored

BAR_FP32 = 0.6
BAR_BF16 = 1.0
WEIGHTS = {"length": 0.5, "variety": 0.5}
STIR = 0.01
"""Spread of the adapter's B at the start: a fresh one changes nothing and would cost llama.cpp nothing."""


@dataclass(frozen=True)
class TrainBench:
    """`seconds`: arm -> median of a step. `parts`: of our step. Ratios: medians of the rounds' own;
    None where the processor does not compute in bf16."""

    model: str
    group_size: int
    prompts: int
    tokens: int
    rounds: int
    seconds: dict[str, float]
    parts: dict[str, float]
    ratio_fp32: float
    ratio_bf16: float | None
    bar_fp32: float = BAR_FP32
    bar_bf16: float = BAR_BF16

    @property
    def reached(self) -> bool:
        """Both bars."""
        return self.ratio_fp32 <= self.bar_fp32 and (
            self.ratio_bf16 is None or self.ratio_bf16 < self.bar_bf16
        )


def run(
    path: Path,
    name: str,
    *,
    group_size: int = 8,
    prompts: int = 1,
    tokens: int = 128,
    rounds: int = 3,
    seed: int = 0,
    on_round: Callable[[int, int], None] = lambda _number, _rounds: None,
) -> TrainBench:
    """Measure a GGUF or a folder. Raises what loading and training raise."""
    settings = PolicySettings(
        steps=1,
        group_size=group_size,
        prompts_per_step=prompts,
        micro_batch=group_size,
        max_new_tokens=tokens,
        fixed_length=True,
        seed=seed,
        temperature=1.0,
        kl_every=1000,
        kl_budget=None,
    )
    half = computes_in_half() or torch.cuda.is_available()
    bases = {"fp32": load_base(path, "float32")} | ({"bf16": load_base(path, "bfloat16")} if half else {})
    best = bases["bf16" if half else "fp32"]
    found: list[dict[str, float]] = []
    parts: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        writer = open_writer(best, settings)
        try:
            asked = requests(writer, settings)
            start = stirred(bases["fp32"], settings, folder / "start")
            arms = _arms(bases, best, settings, asked, writer, start, folder, parts)
            _warm_up(arms)
            parts.clear()
            for number in range(rounds):
                on_round(number + 1, rounds)
                names = list(arms)
                turn = number % len(names)
                found.append({arm: arms[arm]() for arm in names[turn:] + names[:turn]})
        finally:
            writer.close()
    return TrainBench(
        model=name,
        group_size=group_size,
        prompts=prompts,
        tokens=tokens,
        rounds=rounds,
        seconds={arm: statistics.median(one[arm] for one in found) for arm in found[0]},
        parts={part: statistics.median(one[part] for one in parts) for part in parts[0]},
        ratio_fp32=_ratio(found, "stock fp32"),
        ratio_bf16=_ratio(found, "stock bf16") if half else None,
    )


def _ratio(found: Sequence[dict[str, float]], arm: str) -> float:
    return statistics.median(one["ours"] / one[arm] for one in found)


def _warm_up(arms: dict[str, Callable[[], float]]) -> None:
    """The first step of a process pays for libraries and memory; ours and the cheapest stock show the way."""
    arms["ours"]()


def _arms(
    bases: dict[str, Base],
    best: Base,
    settings: PolicySettings,
    asked: Sequence[TrainingPrompt],
    writer: LlamaWriter | Foreign,
    start: Path,
    folder: Path,
    parts: list[dict[str, float]],
) -> dict[str, Callable[[], float]]:
    """A function for each arm, which takes one step and says how many seconds it took."""

    def ours() -> float:
        events: list[Event] = []
        run_grpo(
            settings,
            best,
            Objective(asked, score, WEIGHTS),
            folder / "ours",
            writer=writer,
            start=start,
            hooks=Hooks(on_event=events.append),
        )
        parts.append(events[0]["seconds"])
        return float(events[0]["seconds"]["total"])

    def stock(base: Base) -> Callable[[], float]:
        return lambda: stock_step(base, settings, asked, start, folder / "stock")

    return {f"stock {kind}": stock(base) for kind, base in bases.items()} | {"ours": ours}


def stock_step(
    base: Base, settings: PolicySettings, asked: Sequence[TrainingPrompt], start: Path, folder: Path
) -> float:
    """Seconds of one step of TRL's own trainer."""
    base.model.config._attn_implementation = "sdpa"  # noqa: SLF001
    from peft import PeftModel

    model = PeftModel.from_pretrained(base.model, str(start), is_trainable=True)
    rows = [
        {"prompt": [{"role": turn.role, "content": turn.content} for turn in one.messages], "at": place}
        for place, one in enumerate(asked)
    ]
    clock = _StepClock()
    trainer = GRPOTrainer(
        model=model,
        args=stock_config(
            settings, base, folder, generation_kwargs={"min_new_tokens": settings.max_new_tokens}
        ),
        reward_funcs=[_stock_length(asked), _stock_variety],
        train_dataset=Dataset.from_list(rows),
        processing_class=base.tokenizer,
        callbacks=[clock],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    unload(base, model)
    return clock.seconds


def stock_config(
    settings: PolicySettings, base: Base, folder: Path, generation_kwargs: dict[str, int] | None = None
) -> GRPOConfig:
    """TRL's settings for the same step, with one group a pass."""
    options = common(settings, base) | {"save_strategy": "no"}
    return GRPOConfig(
        output_dir=str(folder),
        max_steps=settings.steps,
        per_device_train_batch_size=settings.micro_batch,
        gradient_accumulation_steps=settings.completions_per_step // (settings.micro_batch or 1),
        num_generations=settings.group_size,
        max_completion_length=settings.max_new_tokens,
        temperature=settings.temperature,
        beta=settings.kl_beta,
        loss_type=settings.loss,
        reward_weights=list(WEIGHTS.values()),
        shuffle_dataset=False,
        gradient_checkpointing=False,
        generation_kwargs=generation_kwargs,
        **options,
    )


class _StepClock(TrainerCallback):  # type: ignore[misc]
    """Seconds between the beginning and the end of the last step."""

    seconds = 0.0

    def on_step_begin(self, *_args: Foreign, **_rest: Foreign) -> None:
        self._began = time.perf_counter()

    def on_step_end(self, *_args: Foreign, **_rest: Foreign) -> None:
        self.seconds = time.perf_counter() - self._began


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
        "variety": [_variety(each.answer) for each in completions],
    }
    return Scored(rewards, {}, [False] * len(completions), [])


def _variety(text: str) -> float:
    words = text.lower().split()
    return len(set(words)) / max(len(words), 1)


def _stock_variety(completions: list[list[dict[str, str]]], **_columns: Foreign) -> list[float]:
    return [_variety(each[0]["content"]) for each in completions]


def _stock_length(asked: Sequence[TrainingPrompt]) -> Callable[..., list[float]]:
    def length(completions: list[list[dict[str, str]]], at: list[int], **_columns: Foreign) -> list[float]:
        return [
            length_reward(len(each[0]["content"].split()), asked[place].low, asked[place].high)
            for each, place in zip(completions, at, strict=True)
        ]

    return length
