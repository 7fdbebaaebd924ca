"""The process of one training run: takes the home's training lock and works through the stages.

    python -m trainer.runs.process RUN --home DIR

It is started detached by `trainer.runs.client` and outlives the studio and the terminal. SIGTERM and
SIGINT make it save where it is and rest (`paused`); it may be killed at any moment, then the run is
resumed from the last finished stage and the last checkpoint. The boundary of the trainer: any
exception becomes the state `failed` with one sentence, and the trace goes to the run's log.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from engine.errors import LongwrightError
from engine.home import Home, open_home
from engine.store.library import open_library
from trainer.policy.quiet import settle
from trainer.runs import workshop
from trainer.runs.desk import Leave, RunDesk
from trainer.runs.folder import RunFolder, get_run
from trainer.runs.lock import BUSY, RunLock
from trainer.runs.stage import Stage, run_stages

log = logging.getLogger("longwright.trainer")


def serve(home: Home, run: RunFolder, leaving: threading.Event, stages: Sequence[Stage]) -> int:
    """Be the process of `run` until it rests; the exit code."""
    lock = RunLock(home, run.id)
    if not lock.acquire():
        return BUSY
    try:
        _work(home, run, leaving, stages)
    finally:
        lock.release()
    return 0


def _work(home: Home, run: RunFolder, leaving: threading.Event, stages: Sequence[Stage]) -> None:
    """Run the stages to a state the run can rest in; the one broad `except` of the trainer."""
    try:
        run.tell(state="running", pid=os.getpid(), sentence="")
        library = open_library(home)
        desk = RunDesk(home, library, run, run.settings, leaving)
        try:
            run_stages(desk, stages)
        finally:
            workshop.clear(desk)
            library.close()
        _rest(run, "done", "")
    except Leave as leave:
        _rest(run, leave.state, "")
    except LongwrightError as error:
        log.warning("run %s failed", run.id, exc_info=error)
        _rest(run, "failed", str(error))
    except Exception as error:
        log.error("run %s failed unexpectedly", run.id, exc_info=error)
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        _rest(
            run, "failed", f"Something unexpected stopped the training ({reason}); what it had saved is kept."
        )


def _rest(run: RunFolder, state: str, sentence: str) -> None:
    """Write how the run came to rest. Where even that cannot be stored, it shows as interrupted."""
    try:
        run.tell(state=state, sentence=sentence)
    except LongwrightError as error:
        log.error("the end of run %s could not be stored", run.id, exc_info=error)


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of the process; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="longwright-trainer", description="The process of one training run."
    )
    parser.add_argument("run", help="the run's id")
    parser.add_argument("--home", type=Path, required=True, help="folder of the library")
    chosen = parser.parse_args(arguments)
    settle()
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    leaving = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda _number, _frame: leaving.set())
    from trainer.runs.stages import STAGES  # behind the variables that its libraries read

    home = open_home(chosen.home)
    return serve(home, get_run(home, chosen.run), leaving, STAGES)


if __name__ == "__main__":
    raise SystemExit(main())
