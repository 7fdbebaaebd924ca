"""The process that lets the writer's reward model look at the waiting questions.

    python -m trainer.preferences.rank --home DIR

The page must not load such a model: it starts this process, which measures the questions that were not looked
at yet with the reward model of the newest run, keeps the margins in `cache/questions.json`, and ends.
Without a fitted reward model there is nothing to do. A file that cannot be read counts as none: it can be
made again. Started by `look`; read through `margins`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import engine
from engine.home import Home, log_to_file, open_home
from engine.store import questions
from engine.store.library import open_library
from engine.store.schema import Question
from trainer.preferences.queue import Margin

MOST_AT_ONCE = 60
MODEL_FILE = "model.npz"

_looking: list[subprocess.Popen[bytes]] = []


def margins(home: Home) -> dict[str, Margin]:
    """What the reward model said of the questions it looked at, by their ids."""
    model = newest_model(home)
    if model is None:
        return {}
    try:
        kept = json.loads(_file(home).read_text(encoding="utf-8"))
        if kept["model"] != str(model):
            return {}
        return {key: Margin(float(mean), float(spread)) for key, (mean, spread) in kept["margins"].items()}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def look(home: Home, waiting: Sequence[Question]) -> None:
    """Start the process if there are questions that the reward model has not seen; at most one at a time."""
    _looking[:] = [process for process in _looking if process.poll() is None]
    known = margins(home)
    if _looking or newest_model(home) is None or all(question.id in known for question in waiting):
        return
    with (home.logs / "questions.console.log").open("wb") as output:
        _looking.append(
            subprocess.Popen(
                [sys.executable, "-m", "trainer.preferences.rank", "--home", str(home.root)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=Path(engine.__path__[0]).parent,
            )
        )


def newest_model(home: Home) -> Path | None:
    """The folder of the reward model that was fitted last, in any run."""
    found = [path.parent for path in home.runs.glob(f"*/reward_model/**/{MODEL_FILE}")]
    return max(found, key=lambda folder: (folder / MODEL_FILE).stat().st_mtime, default=None)


def measure(home: Home) -> int:
    """Look at the questions that were not looked at yet; returns how many."""
    folder = newest_model(home)
    if folder is None:
        return 0
    from trainer.reward_model.embedding import Embedder
    from trainer.reward_model.model import RewardModel

    library = open_library(home)
    try:
        waiting = questions.waiting(library)
    finally:
        library.close()
    known = {one.id: margin for one in waiting if (margin := margins(home).get(one.id))}
    fresh = [one for one in waiting if one.id not in known][:MOST_AT_ONCE]
    if fresh:
        model = RewardModel.load(folder, Embedder.load())
        means, spreads = model.compare(
            [one.prompt for one in fresh], [one.text_a for one in fresh], [one.text_b for one in fresh]
        )
        for one, mean, spread in zip(fresh, means, spreads, strict=True):
            known[one.id] = Margin(float(mean), float(spread))
    _keep(home, folder, {key: (margin.mean, margin.spread) for key, margin in known.items()})
    return len(fresh)


def _keep(home: Home, folder: Path, found: dict[str, Any]) -> None:
    partial = home.cache / f"questions.{os.getpid()}.part"
    partial.write_text(json.dumps({"model": str(folder), "margins": found}), encoding="utf-8")
    os.replace(partial, _file(home))


def _file(home: Home) -> Path:
    return home.cache / "questions.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of the process; returns the exit code."""
    parser = argparse.ArgumentParser(prog="longwright-rank", description="Order the waiting questions.")
    parser.add_argument("--home", type=Path, required=True, help="folder of the library")
    home = open_home(parser.parse_args(arguments).home)
    log_to_file(home, "questions")
    measure(home)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
