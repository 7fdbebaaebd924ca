"""Seconds a GRPO step, ours beside stock TRL, and whether both compute the same.

Stock is TRL's own GRPOTrainer with transformers' `generate`, in fp32 and, where the processor computes in
bf16, in bf16. All arms share base, adapter, requests, group size, LoRA and KL; no text may end early, so
each arm makes and learns from the same number of tokens. Each round takes one step in every arm, in
turning order, so that whatever else the machine does falls on all alike; ratios are taken within a round.
Called by `longwright bench train`, in a process that began with `quiet.settle()`.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from trainer.evaluation.bench_step import WEIGHTS, requests, score, stirred
from trainer.evaluation.stock import stock_step
from trainer.policy.base import Base, computes_in_half, load_base
from trainer.policy.foreign import Foreign
from trainer.policy.grpo import open_writer, run_grpo
from trainer.policy.hooks import Event, Hooks
from trainer.policy.objective import Objective
from trainer.policy.prompts import TrainingPrompt
from trainer.policy.rollout_llama import LlamaWriter
from trainer.policy.settings import PolicySettings

BAR_FP32 = 0.6
BAR_BF16 = 1.0


@dataclass(frozen=True)
class TrainBench:
    """`seconds`: arm -> median of a step. `parts`: of our step. `shared`: each of our steps ran a prompt
    once for its group, as runs do. Ratios: medians of the rounds' own; None where the processor does not
    compute in bf16."""

    model: str
    group_size: int
    prompts: int
    tokens: int
    rounds: int
    seconds: dict[str, float]
    parts: dict[str, float]
    shared: bool
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
        kl_every=0,
        kl_budget=None,
    )
    half = computes_in_half() or torch.cuda.is_available()
    bases = {"fp32": load_base(path, "float32")} | ({"bf16": load_base(path, "bfloat16")} if half else {})
    best = bases["bf16" if half else "fp32"]
    found: list[dict[str, float]] = []
    told: list[Event] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        writer = open_writer(best, settings, copies=folder)
        try:
            asked = requests(writer, settings)
            start = stirred(bases["fp32"], settings, folder / "start")
            arms = _arms(bases, best, settings, asked, writer, start, folder, told)
            _warm_up(arms)
            told.clear()
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
        parts={part: statistics.median(one["seconds"][part] for one in told) for part in told[0]["seconds"]},
        shared=all(one["shared"] for one in told),
        ratio_fp32=_ratio(found, "stock fp32"),
        ratio_bf16=_ratio(found, "stock bf16") if half else None,
    )


def _ratio(found: Sequence[dict[str, float]], arm: str) -> float:
    return statistics.median(one["ours"] / one[arm] for one in found)


def _warm_up(arms: dict[str, Callable[[], float]]) -> None:
    """One step of each that is not counted: the first one pays for libraries and memory."""
    for step in arms.values():
        step()


def _arms(
    bases: dict[str, Base],
    best: Base,
    settings: PolicySettings,
    asked: Sequence[TrainingPrompt],
    writer: LlamaWriter | Foreign,
    start: Path,
    folder: Path,
    told: list[Event],
) -> dict[str, Callable[[], float]]:
    """A function for each arm, which takes one step and says how many seconds it took, the optimiser's
    included."""

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
        told.append(events[0])
        return float(events[0]["seconds"]["total"] + events[0]["seconds"]["optimiser"])

    def stock(base: Base) -> Callable[[], float]:
        return lambda: stock_step(base, settings, asked, start, folder / "stock")

    return {f"stock {kind}": stock(base) for kind, base in bases.items()} | {"ours": ours}
