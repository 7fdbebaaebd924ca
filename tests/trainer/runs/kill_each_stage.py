"""A real run killed once in each stage, by hand:  python -m tests.trainer.runs.kill_each_stage [SEED]

Prints each kill and at the end whether the run completed and one whole tuned model was offered.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path

from engine.home import open_home
from engine.store.library import open_library
from tests.trainer.runs.choices import add_choices
from tests.trainer.runs.killing import TINY, faults, kill_in
from trainer.runs import client
from trainer.runs.report import report

STAGES = ("prepare", "pretrain", "reward_model", "policy", "policy", "verdict", "export", "parity", "offered")


def main(seed: int = 1) -> int:
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        home = open_home(Path(folder) / "home")
        library = open_library(home)
        add_choices(library, 36, 12)
        own = Path(folder) / "books"
        own.mkdir()
        nights = (f"In night {night} the keeper climbed the stairs and saw the sea." for night in range(60))
        (own / "book.md").write_text(" ".join(nights), encoding="utf-8")
        began = time.monotonic()
        run = client.start(home, library, TINY.model_copy(update={"pretrain": str(own)}))
        for stage in STAGES:
            kill = kill_in(home, run, stage, dice)
            print(f"{stage}: {'over before the kill' if kill is None else kill}", flush=True)
            if kill is not None:
                client.resume(home, run.id)
        client.wait(home, run)
        found = faults(home, run)
        print(f"{time.monotonic() - began:.0f} s in all; stages {report(home, run)['stages']}")
        print("; ".join(found) or "completed; one whole tuned model was offered")
        if found:
            print(run.log.read_text(encoding="utf-8")[-3000:])
        library.close()
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(*(int(argument) for argument in sys.argv[1:])))
