"""A training as its page shows it, in a writer's words: its state, its curves, its samples, its verdict.

Pure reading of the run's folder. What a run calls rewards is here length, writing and form; the Kullback-
Leibler divergence is the distance from the original model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.api.tuned import entry_view
from engine.backends import adapters
from engine.errors import NotFound
from engine.home import Home
from trainer.evaluation.verdict import GUARDS
from trainer.runs.events import Event, curves
from trainer.runs.folder import RESTING, RunFolder
from trainer.runs.report import report, summary

MOST_POINTS = 400
"""Of a curve that is sent whole; the page asks again for a whole one when it holds 500."""

STATES = {
    "waiting": "Starting…",
    "running": "Training",
    "paused": "Paused",
    "stopped": "Stopped; what was learned so far is kept",
    "failed": "Failed; what was learned so far is kept",
    "interrupted": "Cut off; what was saved is kept",
    "done": "Finished",
}
CURVES = {
    "reward/length": "length",
    "reward/personal": "writing",
    "reward/prior": "general",
    "reward/format": "form",
    "kl": "distance",
    "words": "words",
    "repetition": "repetition",
    "loss": "loss",
}


def history_view(home: Home, run: RunFolder) -> dict[str, Any]:
    """A line of the history."""
    told = summary(home, run)
    return {
        "run": run.id,
        "state": told["state"],
        "words": words_of(told["state"], told["sentence"]),
        "step": told["step"],
        "steps": told["steps"],
        "label": told["label"],
        "tuned": told["adapter"],
        "created_at": told["created_at"],
        "method": run.settings.method,
    }


def words_of(state: str, sentence: str) -> str:
    """How a training stands; what it waits for or why it failed goes first."""
    return sentence if sentence and state in ("waiting", "failed") else STATES.get(state, state)


def news_view(home: Home, run: RunFolder, offset: int) -> dict[str, Any]:
    """What came behind `offset` of the log; from 0, everything, its curves thinned."""
    state = history_view(home, run)
    events, end = run.events.read(offset)
    return {
        **state,
        "busy": state["state"] not in RESTING,
        "offset": end,
        "stage": stage_of(events),
        "notes": [event.data["sentence"] for event in events if event.kind == "note"],
        "curves": curves_view(events, MOST_POINTS if offset == 0 else len(events)),
        "samples": [sample_view(event) for event in events if event.kind == "sample"],
        "seconds": [event.data["seconds"] for event in events if event.kind == "step"][-20:],
    }


def stage_of(events: Sequence[Event]) -> str | None:
    """What the training does now, in its own words; None when these events do not say."""
    started = [event for event in events if event.kind == "stage" and event.data["state"] == "started"]
    return str(started[-1].data["words"]) if started else None


def curves_view(events: Sequence[Event], most: int) -> dict[str, list[list[float]]]:
    """The curves of the page, by its own names."""
    found = curves(events, max(2, most))
    return {
        name: [[step, round(value, 5)] for step, value in found[kept]]
        for kept, name in CURVES.items()
        if kept in found
    }


def sample_view(event: Event) -> dict[str, Any]:
    """One of the requests that are written again and again."""
    return {name: event.data[name] for name in ("step", "key", "prompt", "base", "tuned")}


def folder_view(home: Home, run: RunFolder) -> dict[str, Any]:
    """What came of a training: what it learned from, its verdict, the tuned model, the blind comparison."""
    told = report(home, run)
    learned = run.result("reward_model") or {}
    preflight = told["preflight"] or {}
    return {
        "run": run.id,
        "records": told["records"],
        "sentence": preflight.get("sentence", ""),
        "worst_step": preflight.get("seconds_of_worst_step"),
        "memory_bytes": preflight.get("memory_bytes"),
        "taste": {**told["reward_model"], "likes": learned.get("likes", [])}
        if told["reward_model"]
        else None,
        "settings": settings_view(run),
        "verdict": verdict_view(told["verdict"]) if told["verdict"] else None,
        "tuned": tuned_view(home, told["adapter"]) if told["adapter"] else None,
        "blind": told["blind"],
    }


def settings_view(run: RunFolder) -> dict[str, Any]:
    """What was chosen at the start, as far as the page tells of it."""
    chosen = run.settings
    return {
        "method": chosen.method,
        "records": chosen.records,
        "steps": chosen.steps,
        "texts": chosen.group_size,
        "base": (run.result("prepare") or {}).get("base") or chosen.base,
        "start_from": chosen.from_adapter,
    }


def tuned_view(home: Home, name: str) -> dict[str, Any] | None:
    """The tuned model of a run, and whether it writes now; None when it was removed since."""
    try:
        entry = adapters.get(home, name)
    except NotFound:
        return None
    now = adapters.in_use(home, entry.base_hash)
    return {**entry_view(entry), "in_use": now is not None and now.name == entry.name}


def verdict_view(verdict: dict[str, Any]) -> dict[str, Any]:
    """Better, unclear or worse, why, and each measure with its interval; those not measured are left out."""
    measures = verdict["measures"]
    told = [("taste", "liked better, judged by your choices", "%", 1)]
    told += [(guard.name, guard.words, guard.unit, guard.sign) for guard in GUARDS]
    rows = [_row(words, unit, sign, measures[name]) for name, words, unit, sign in told if name in measures]
    return {"label": verdict["label"], "reason": verdict["reason"], "measures": rows}


def _row(words: str, unit: str, sign: int, told: dict[str, Any]) -> dict[str, Any]:
    return {"words": words, "unit": unit, "sign": sign, "base": told["base"], "tuned": told["tuned"]}
