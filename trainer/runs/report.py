"""A run in one object: what `train --json`, `runs show` and the run history tell.

Read from the run's folder alone, so it is the same while the run goes on, after it, and after the
tuned model was removed. Called by the verbs and the Train page.
"""

from __future__ import annotations

from statistics import median
from typing import Any

from engine.home import Home
from trainer.runs import blind
from trainer.runs.client import state_of
from trainer.runs.events import steps
from trainer.runs.folder import RunFolder

FIRST_AND_LAST = 0.1
"""The first and the last reward are means over this share of the steps: one step alone is noise."""


def summary(home: Home, run: RunFolder) -> dict[str, Any]:
    """One line of the run history."""
    state = run.state
    verdict = blind.verdict(run) or {}
    return {
        "run": run.id,
        "state": state_of(home, run),
        "stage": state.stage,
        "step": state.step,
        "steps": state.steps,
        "label": verdict.get("label", ""),
        "adapter": state.adapter,
        "created_at": state.created_at,
        "sentence": state.sentence,
    }


def report(home: Home, run: RunFolder) -> dict[str, Any]:
    """Everything that came of a run so far; what is not there yet is empty or None."""
    prepared = run.result("prepare") or {}
    reward_model = run.result("reward_model") or {}
    done = steps(run.events.all("step"))
    seconds = [step.data["seconds"] for step in done if step.data.get("seconds")]
    return {
        **summary(home, run),
        "settings": run.settings.model_dump(mode="json"),
        "records": prepared.get("records"),
        "preflight": prepared.get("preflight"),
        "sentence": run.state.sentence or prepared.get("sentence", ""),
        "reward_model": reward_model.get("evidence") or {},
        "steps": len(done),
        "seconds_per_step": round(median(seconds), 3) if seconds else None,
        "rewards": _first_and_last(run),
        "verdict": blind.verdict(run),
        "blind": blind.result(run).as_json(),
        "stages": {
            event.data["name"]: event.data.get("seconds")
            for event in run.events.all("stage")
            if event.data["state"] == "finished"
        },
    }


def _first_and_last(run: RunFolder) -> dict[str, list[float]]:
    values: dict[str, list[float]] = {}
    for step in steps(run.events.all("step")):
        for name, value in (step.data.get("rewards") or {}).items():
            values.setdefault(name, []).append(float(value))
    found = {}
    for name, series in values.items():
        size = max(1, round(FIRST_AND_LAST * len(series)))
        found[name] = [round(sum(part) / size, 4) for part in (series[:size], series[-size:])]
    return found
