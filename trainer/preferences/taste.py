"""What is known of the writer's taste between two runs: a reward model of all choices so far.

    python -m trainer.preferences.taste --home DIR

The page must not load such a model: it starts this process, which learns from the choices when there are
enough new ones or one that it learned from was deleted or changed, looks at the waiting questions that it
has not seen yet, and ends. What it leaves lies in `cache/taste`: the reward model, how good it is
(`evidence.json`), which choices it learned from (`learned.json`) and by how much it likes the one text of
each question better (`margins.json`). A file that cannot be read counts as none: all can be made again.
Called by the Compare and the Train page through `look`, `margins` and `evidence`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.home import Home, log_to_file, open_home
from engine.processes import start_detached
from engine.store import jobs, questions
from engine.store.library import Library, open_library
from engine.store.schema import Question
from trainer.preferences.collect import collect
from trainer.preferences.queue import Margin
from trainer.preferences.record import PreferenceRecord, content_key
from trainer.runs.lock import holder

if TYPE_CHECKING:
    from trainer.reward_model.embedding import Embedder

FEWEST = 10
"""Choices from which on something can be measured."""
NEW, NEW_SHARE = 5, 0.1
"""It learns anew when so many choices, and so large a share of them, came."""
MOST_AT_ONCE = 60
MODEL_FILE, EVIDENCE, LEARNED, MARGINS = "model.npz", "evidence.json", "learned.json", "margins.json"

_looking: list[subprocess.Popen[bytes]] = []
"""The process that this one started, while it is at work."""


def evidence(home: Home) -> dict[str, Any] | None:
    """How well the reward model knows the writer: `trainer.reward_model.crossval.Evidence` as JSON, with
    `likes`, what it has learned in words. None before it was fitted."""
    return _read(home, EVIDENCE)


def margins(home: Home) -> dict[str, Margin]:
    """What the reward model said of the questions it looked at, by their ids."""
    kept = _read(home, MARGINS)
    if kept is None or kept["of"] != _stamp(home):
        return {}
    return {key: Margin(float(mean), float(spread)) for key, (mean, spread) in kept["margins"].items()}


def look(home: Home, library: Library, waiting: Sequence[Question] = ()) -> None:
    """Start the process if there is something for it to do and the machine is free; never two at once."""
    _looking[:] = [process for process in _looking if process.poll() is None]
    if _looking or holder(home) or any(job.state == "running" for job in jobs.all(library, active_only=True)):
        return
    known = margins(home)
    unseen = _stamp(home) is not None and any(question.id not in known for question in waiting)
    if unseen or _due(home, collect(library).records):
        _looking.append(_start(home))


def learn_and_look(home: Home) -> None:
    """The work of the process."""
    library = open_library(home)
    try:
        records, waiting = collect(library).records, questions.waiting(library)
    finally:
        library.close()
    due = _due(home, records)
    if due and len(records) < FEWEST:
        shutil.rmtree(_folder(home))  # what was learned from choices that are gone
        return
    known = {} if due else margins(home)
    fresh = [question for question in waiting if question.id not in known][:MOST_AT_ONCE]
    if not due and (not fresh or _stamp(home) is None):
        return
    from trainer.reward_model.embedding import Embedder

    embedder = Embedder.load()
    if due:
        _learn(home, records, embedder)
    found = {key: margin for key, margin in known.items() if key in {question.id for question in waiting}}
    _write(home, MARGINS, _measured(home, found, fresh, embedder))


def _learn(home: Home, records: Sequence[PreferenceRecord], embedder: Embedder) -> None:
    from trainer.reward_model.learn import learn

    learned = learn(records, embedder)
    learned.model.save(_folder(home))
    told = {**learned.evidence.as_json(), "likes": learned.model.likes(), "records": len(records)}
    _write(home, EVIDENCE, told)
    _write(home, LEARNED, {"records": sorted(_marks(records))})


def _measured(
    home: Home, known: dict[str, Margin], fresh: Sequence[Question], embedder: Embedder
) -> dict[str, Any]:
    from trainer.reward_model.model import RewardModel

    found = {key: (margin.mean, margin.spread) for key, margin in known.items()}
    if fresh:
        means, spreads = RewardModel.load(_folder(home), embedder).compare(
            [one.prompt for one in fresh], [one.text_a for one in fresh], [one.text_b for one in fresh]
        )
        for one, mean, spread in zip(fresh, means, spreads, strict=True):
            found[one.id] = (float(mean), float(spread))
    return {"of": _stamp(home), "margins": found}


def _due(home: Home, records: Sequence[PreferenceRecord]) -> bool:
    """Whether to learn anew: enough choices came, or one that was learned from is not there as it was.

    A single deleted choice is enough, since it must not go on speaking; counting alone would take five
    deleted and five added for no change.
    """
    now, learned = _marks(records), _learned(home)
    enough = max(NEW, NEW_SHARE * len(learned))
    return bool(learned - now) or (len(now) >= FEWEST and len(now - learned) >= enough)


def _learned(home: Home) -> set[str]:
    """The marks of the choices that the reward model there learned from; none where there is no model."""
    kept = _read(home, LEARNED)
    return set() if kept is None or evidence(home) is None or _stamp(home) is None else set(kept["records"])


def _marks(records: Sequence[PreferenceRecord]) -> set[str]:
    """Each choice by its id and a digest of what it says: a corrected one counts as gone and come."""
    return {f"{one.id} {content_key(one.group, one.chosen, one.rejected, one.tie)}" for one in records}


def _stamp(home: Home) -> float | None:
    """Which reward model lies there: the time of its file; None for none."""
    try:
        return (_folder(home) / MODEL_FILE).stat().st_mtime
    except OSError:
        return None


def _start(home: Home) -> subprocess.Popen[bytes]:
    arguments = ["--home", str(home.root)]
    return start_detached("trainer.preferences.taste", arguments, home.logs / "taste.console.log")


def _read(home: Home, name: str) -> dict[str, Any] | None:
    try:
        kept = json.loads((_folder(home) / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return kept if isinstance(kept, dict) else None


def _write(home: Home, name: str, told: dict[str, Any]) -> None:
    partial = _folder(home) / f"{name}.{os.getpid()}.part"
    partial.parent.mkdir(parents=True, exist_ok=True)
    partial.write_text(json.dumps(told), encoding="utf-8")
    os.replace(partial, _folder(home) / name)


def _folder(home: Home) -> Path:
    return home.cache / "taste"


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of the process; returns the exit code."""
    parser = argparse.ArgumentParser(prog="longwright-taste", description="Learn from the choices so far.")
    parser.add_argument("--home", type=Path, required=True, help="folder of the library")
    home = open_home(parser.parse_args(arguments).home)
    log_to_file(home, "taste")
    if hasattr(os, "nice"):
        os.nice(10)
    learn_and_look(home)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
