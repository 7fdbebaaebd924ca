"""Folders of trainings as their process leaves them, for pages that only read them."""

from __future__ import annotations

import math
from typing import Any

from engine.home import Home
from trainer.evaluation.intervals import Interval
from trainer.evaluation.verdict import Measure, Taste, judge
from trainer.runs import blind
from trainer.runs.folder import RunFolder
from trainer.runs.settings import RunSettings

EVIDENCE: dict[str, Any] = {
    "records": 88,
    "pairs": 80,
    "groups": 20,
    "cv_accuracy": 0.71,
    "interval": [0.61, 0.8],
    "evidence_weight": 0.35,
    "sentence": "Your taste counts 35 % so far: it gets 71 % of your choices right on requests that it had "
    "not seen (80 choices).",
}


def practising(home: Home, steps: int = 24, of: int = 60, **settings: object) -> RunFolder:
    """A training whose process is gone, with `steps` steps in its log."""
    run = RunFolder.create(home, RunSettings.model_validate({"steps": of, **settings}))
    prepared = {"records": 88, "prompts": 20, "base": "smollm2-135m", "base_hash": "abc", "sentence": ""}
    outlook = {
        "sentence": "88 choices are enough for a clear taste, such as pace or dialogue, not for a fine one."
    }
    run.finish(
        "prepare", prepared | {"preflight": {**outlook, "seconds_of_worst_step": 11.5, "memory_bytes": 2.1e9}}
    )
    run.finish("reward_model", {"evidence": EVIDENCE, "likes": ["short sentences", "more dialogue"]})
    run.events.append("stage", name="policy", state="started", words="Practising")
    run.events.append("note", sentence="One step takes at most 12 s here, all 60 some 12 min.")
    for step in range(1, steps + 1):
        practise(run, step)
    sample(run, max(1, steps // 2))
    sample(run, steps)
    run.tell(state="running", stage="policy", step=steps)
    return run


def practise(run: RunFolder, step: int) -> None:
    """One more step in the log."""
    wave, grown = math.sin(step * 2.3) * 0.05, 1 - math.exp(-step / 20)
    run.events.append(
        "step",
        step=step,
        seconds=9.5,
        rewards={
            "length": 0.4 + 0.5 * grown + wave,
            "personal": -0.2 + grown - wave,
            "format": 0.7 + 0.2 * grown,
        },
        kl=0.04 * grown + abs(wave) / 9,
        words=70 + 60 * grown,
        repetition=max(0.0, 0.06 - 0.05 * grown),
        loss=wave,
    )


def sample(run: RunFolder, step: int) -> None:
    """The same four requests, written again."""
    for key in ("one", "two", "three", "four"):
        base = f"The rain, which had been falling over the roofs of the town, would not end ({key})."
        tuned = f"Rain fell. No one came. “Why?” she said. That was step {step} ({key})."
        run.events.append("sample", step=step, key=key, prompt=f"A scene, {key}.", base=base, tuned=tuned)


def judged(run: RunFolder, adapter: str, better: bool = True) -> None:
    """The training comes to its end with a verdict and a blind comparison of two pairs."""
    rate = Interval(0.68, 0.57, 0.79, 40) if better else Interval(0.5, 0.38, 0.62, 40)
    taste = Taste(rate, Interval(0.72, 0.62, 0.8, 80), 0.35, 88)
    length = Measure(
        Interval(71.2, 64.0, 78.1, 40), Interval(80.4, 74.9, 86.0, 40), Interval(9.2, 2.1, 16.0, 40)
    )
    whole = Measure(
        Interval(0.94, 0.9, 0.98, 40), Interval(0.95, 0.91, 0.99, 40), Interval(0.01, -0.03, 0.05, 40)
    )
    verdict = judge({"S_l": length, "format_rate": whole}, taste)
    run.finish("policy", {"steps": run.state.step, "ended": "", "peft": "peft"})
    run.finish("verdict", verdict.as_json())
    pairs = [
        blind.Pair(str(n), f"A scene, {n}.", f"Base text {n}.", f"Tuned text {n}.", f"A scene, {n}.")
        for n in range(2)
    ]
    blind.lay_out(run, pairs, 2, seed=1)
    run.tell(state="done", adapter=adapter, sentence="")
