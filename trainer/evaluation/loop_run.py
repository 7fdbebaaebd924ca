"""The whole loop once, in a folder of its own: choices, import, training run, judgement.

What the program is told is a file of choices, as a writer would import them; everything between is
what a writer would do with the command line. The folder keeps what was made (`choices.jsonl`, the
library with its run, `base.json`, `report.json`), so an interrupted experiment goes on where it was,
and the writer's own library is never touched. Called by `longwright eval taste`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.backends import catalogue, tuning
from engine.backends.gguf import content_hash
from engine.backends.llama import LlamaBackend
from engine.errors import BadInput, TrainingError
from engine.home import Home, open_home
from engine.store.library import open_library
from trainer.evaluation.taste_loop import Arm, LoopPlan, draft_arm, judge, save_choices, write_choices
from trainer.preferences import jsonl
from trainer.preferences.importing import import_file
from trainer.runs import client
from trainer.runs.folder import RunFolder
from trainer.runs.report import report as report_of
from trainer.runs.settings import RunSettings

PARALLEL = 8
CHOICES, PLAN, BASE, REPORT = "choices.jsonl", "plan.json", "base.json", "report.json"

Tell = Callable[[str], None]


def close_the_loop(folder: Path, plan: LoopPlan, settings: RunSettings, tell: Tell) -> dict[str, Any]:
    """Run everything that is not done yet and return the report.

    Raises `BadInput` when the folder holds another plan, `TrainingError` when the run did not finish.
    """
    home = open_home(folder / "home")
    _keep_plan(folder, plan)
    seconds: dict[str, float] = {}
    choices = folder / CHOICES
    if not choices.exists():
        seconds["choices"] = _timed(lambda: _make_choices(home, plan, choices, tell))
    run = _run(home, choices, settings, tell)
    seconds["run"] = _finish(home, run, tell)
    judgement = _judge(home, run, plan, folder, tell)
    told = report_of(home, run)
    result = {"plan": asdict(plan), "seconds": seconds, "judgement": judgement, **_facts(told)}
    (folder / REPORT).write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")
    return result


def _keep_plan(folder: Path, plan: LoopPlan) -> None:
    kept = folder / PLAN
    mine = json.dumps(asdict(plan))
    if kept.exists() and kept.read_text(encoding="utf-8") != mine:
        raise BadInput(f"{folder.name} holds an experiment with other settings; take another folder.")
    kept.write_text(mine, encoding="utf-8")


def _make_choices(home: Home, plan: LoopPlan, path: Path, tell: Tell) -> None:
    with _embedded(home) as backend:
        made = write_choices(backend, plan, lambda done, of: tell(f"choices: {done} of {of} texts drafted"))
    save_choices(made, path)


def _run(home: Home, choices: Path, settings: RunSettings, tell: Tell) -> RunFolder:
    """The experiment's one run: found again, or started on the imported choices."""
    found = client.all(home)
    if found:
        return client.resume(home, found[0].id) if found[0].state.state != "done" else found[0]
    library = open_library(home)
    try:
        imported = import_file(library, choices.name, jsonl.read(choices))
        tell(f"{len(imported.added)} choices imported")
        return client.start(home, library, settings)
    finally:
        library.close()


def _finish(home: Home, run: RunFolder, tell: Tell) -> float:
    """Wait for the run; its seconds from the first event to the last."""
    for event in client.follow(home, run):
        if event.kind == "step":
            tell(f"step {event.data['step']}: {_short(event.data.get('rewards') or {})}")
    if client.state_of(home, run) != "done":
        raise TrainingError(f"The run did not finish: {run.state.sentence}")
    state = run.state
    return round(state.changed_at - state.created_at, 1)


def _judge(home: Home, run: RunFolder, plan: LoopPlan, folder: Path, tell: Tell) -> dict[str, Any]:
    name = run.state.adapter
    if name is None:
        raise TrainingError("The run left no tuned model that could be judged.")
    kept = folder / BASE
    with _embedded(home) as backend:
        if not kept.exists():
            base = draft_arm(backend, plan, None, lambda done, of: tell(f"base: {done} of {of} texts"))
            kept.write_text(json.dumps(asdict(base)), encoding="utf-8")
        base = Arm(**json.loads(kept.read_text(encoding="utf-8")))
        tuning.tune(backend, home, name)
        tuned = draft_arm(
            backend, plan, backend.info.tuning, lambda done, of: tell(f"tuned: {done} of {of} texts")
        )
    (folder / "tuned.json").write_text(json.dumps(asdict(tuned)), encoding="utf-8")
    return judge(plan, base, tuned).as_json()


def _embedded(home: Home) -> LlamaBackend:
    path = catalogue.embedded_model()
    digest = content_hash(path, home.cache)
    return LlamaBackend(path, name=catalogue.EMBEDDED, parallel=PARALLEL, content_hash=digest)


def _timed(work: Callable[[], None]) -> float:
    start = time.monotonic()
    work()
    return round(time.monotonic() - start, 1)


def _short(rewards: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in rewards.items())


def _facts(told: Mapping[str, Any]) -> dict[str, Any]:
    wanted = ("run", "adapter", "records", "reward_model", "steps", "seconds_per_step", "rewards", "verdict")
    return {key: told[key] for key in wanted}
