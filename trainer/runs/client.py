"""The studio's and the command line's side of training: start, watch, pause, stop, resume, remove.

It loads no model; it checks what can be checked at once, makes the run's folder and starts the process
that does the work. A run that calls itself running while no process holds its lock is interrupted,
and is called so at once.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator

from engine.backends import adapters
from engine.errors import BadInput, RunBusy, TrainingError
from engine.home import Home
from engine.processes import start_detached
from engine.store.library import Library
from trainer.runs.events import Event
from trainer.runs.folder import RESTING, RunFolder, all_runs, get_run
from trainer.runs.lock import BUSY, holder
from trainer.runs.settings import RunSettings

POLL_SECONDS = 0.25
START_SECONDS = 60.0
"""Longest wait for a new process to take the lock; importing what it needs takes a second or two."""
FIRST_SECONDS = 5.0


class RunDidNotStart(TrainingError):
    """The process of a run ended before it could begin."""


def start(home: Home, library: Library, settings: RunSettings) -> RunFolder:
    """Begin a run; it goes on whatever becomes of the caller.

    Raises RunBusy, RunDidNotStart, and what `trainer.runs.preflight.look_ahead` raises for records,
    base, adapter or texts that cannot be used; then no run was made.
    """
    from trainer.runs.preflight import look_ahead

    _refuse_busy(home)
    look_ahead(home, library, settings)
    run = RunFolder.create(home, settings)
    try:
        _launch(home, run)
    except RunBusy:
        shutil.rmtree(run.root)
        raise
    return run


def all(home: Home) -> list[RunFolder]:  # noqa: A001
    """The runs of a home, the newest first."""
    return all_runs(home)


def get(home: Home, key: str) -> RunFolder:
    """The run of that id or beginning of an id. Raises NotFound, BadInput when several fit."""
    return get_run(home, key)


def state_of(home: Home, run: RunFolder) -> str:
    """The run's state as a person should see it: `interrupted` when its process is gone."""
    state = run.state
    if state.state in RESTING or holder(home) == run.id:
        return state.state
    if state.state == "waiting" and not state.pid and time.time() - state.changed_at < FIRST_SECONDS:
        return state.state
    # Between reading the state and looking at the lock the process may have finished.
    state = run.state
    return state.state if state.state in RESTING else "interrupted"


def pause(home: Home, key: str) -> RunFolder:
    """Ask a run to save and rest; one without a process rests at once. Raises BadInput for a finished one."""
    return _ask(home, get_run(home, key), "pause")


def stop(home: Home, key: str, *, keep: bool = False) -> RunFolder:
    """Ask a run to save and stop. With `keep` it ends the learning at this step and goes on to judge
    and keep what was learned; a run without a process is set going again for that.

    Raises BadInput for a finished run; with `keep`, what `resume` raises, too.
    """
    run = get_run(home, key)
    if not keep:
        return _ask(home, run, "stop")
    _refuse_done(run)
    run.ask("keep")
    if _rests(home, run):
        _refuse_busy(home)
        _again(home, run)
    return run


def resume(home: Home, key: str) -> RunFolder:
    """Set a paused, stopped, failed or interrupted run going again, from the last whole checkpoint.

    One that is going goes on. Raises RunBusy, BadInput for a finished run, RunDidNotStart.
    """
    run = get_run(home, key)
    _refuse_done(run)
    run.ask("run")
    if _rests(home, run):
        _refuse_busy(home)
        _again(home, run)
    return run


def remove(home: Home, key: str, *, confirmed: bool = False) -> RunFolder:
    """Delete a run's folder and with it every text it learned from or wrote; its tuned model stays.

    Raises NotFound, BadInput for one that is going, or whose tuned model is in use and not `confirmed`.
    """
    run = get_run(home, key)
    if run.is_readable:
        _refuse_needed(home, run, confirmed)
    run.erase()
    return run


def _refuse_needed(home: Home, run: RunFolder, confirmed: bool) -> None:
    if state_of(home, run) not in RESTING:
        raise BadInput(f"This training is going on: stop it with `longwright runs stop {run.id}` first.")
    name = run.state.adapter
    if not confirmed and any(now.name == name for now in adapters.all_in_use(home).values()):
        raise BadInput(
            f"{name}, which writes your drafts now, came of this run, and only the run knows what it learned "
            "from. To remove the run all the same, say so: --yes."
        )


def follow(
    home: Home, run: RunFolder, *, offset: int = 0, poll_seconds: float = POLL_SECONDS
) -> Iterator[Event]:
    """The run's events as they come, until it rests and all of them were seen."""
    while True:
        resting = state_of(home, run) in RESTING
        events, offset = run.events.read(offset)
        yield from events
        if resting and not events:
            return
        if not resting:
            time.sleep(poll_seconds)


def wait(home: Home, run: RunFolder, *, poll_seconds: float = POLL_SECONDS) -> str:
    """Wait until the run rests; the state it rests in."""
    while (state := state_of(home, run)) not in RESTING:
        time.sleep(poll_seconds)
    return state


def _ask(home: Home, run: RunFolder, wish: str) -> RunFolder:
    _refuse_done(run)
    run.ask("stop" if wish == "stop" else "pause")
    if _rests(home, run):
        run.tell(state="stopped" if wish == "stop" else "paused")
    return run


def _rests(home: Home, run: RunFolder) -> bool:
    """Whether no process works on it. Raises BadInput for one that finished while the wish was written."""
    resting = state_of(home, run) in RESTING
    _refuse_done(run)
    return resting


def _refuse_done(run: RunFolder) -> None:
    if run.state.state == "done":
        raise BadInput("This training is finished; there is nothing left to do in it.")


def _refuse_busy(home: Home) -> None:
    busy = holder(home)
    if busy is not None:
        raise RunBusy(
            f"A training run is going on already ({busy or 'just started'}): wait for it, or stop it with "
            f"`longwright runs stop {busy}` first."
        )


def _again(home: Home, run: RunFolder) -> None:
    before = run.state
    run.tell(state="waiting", sentence="", pid=0)
    try:
        _launch(home, run)
    except RunBusy:
        run.tell(state=before.state, sentence=before.sentence)
        raise


def _launch(home: Home, run: RunFolder) -> None:
    """Start the process and wait until it holds the lock (or is through already)."""
    arguments = [run.id, "--home", str(home.root)]
    try:
        process = start_detached("trainer.runs.process", arguments, run.log, append=True)
    except OSError as error:
        raise RunDidNotStart(f"The training did not start: {error.strerror or error}.") from error
    deadline = time.monotonic() + START_SECONDS
    while holder(home) != run.id:
        code = process.poll()
        if code == 0:
            return
        if code == BUSY:
            _refuse_busy(home)
            raise RunBusy("Another training run was going on at that moment; try again.")
        if code is not None or time.monotonic() > deadline:
            sentence = f"The training did not start; the reason is in {run.log}."
            run.tell(state="failed", sentence=sentence)
            raise RunDidNotStart(sentence)
        time.sleep(0.05)
