"""The client's side of a run, without a process: states, wishes, refusals."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

import pytest

from engine.backends import adapters
from engine.errors import BadInput, RunBusy
from engine.home import Home
from engine.store.library import Library
from tests.adapters import put_adapter
from tests.jobs.conftest import wait_until
from trainer.runs import client
from trainer.runs.desk import RunDesk
from trainer.runs.folder import RunFolder
from trainer.runs.lock import RunLock
from trainer.runs.material import write_lines
from trainer.runs.process import serve
from trainer.runs.report import report, summary
from trainer.runs.settings import RunSettings
from trainer.runs.stage import Stage


@pytest.fixture
def run(home: Home) -> RunFolder:
    return RunFolder.create(home, RunSettings(steps=4))


def test_a_run_without_its_process_is_called_interrupted(home: Home, run: RunFolder) -> None:
    assert client.state_of(home, run) == "waiting"
    run.tell(state="running", pid=1)
    assert client.state_of(home, run) == "interrupted"
    lock = RunLock(home, run.id)
    assert lock.acquire()
    assert client.state_of(home, run) == "running"
    lock.release()


def test_a_run_that_never_got_a_process_is_interrupted_after_a_while(home: Home, run: RunFolder) -> None:
    before = run.state
    run._write(run.settings, type(before)(**{**before.__dict__, "changed_at": time.time() - 60}))
    assert client.state_of(home, run) == "interrupted"


@pytest.mark.parametrize(("ask", "state"), [(client.pause, "paused"), (client.stop, "stopped")])
def test_a_run_without_a_process_rests_at_once(
    home: Home, run: RunFolder, ask: type[client.pause], state: str
) -> None:
    run.tell(state="running", pid=1)
    ask(home, run.id)
    assert client.state_of(home, run) == state


def test_a_finished_run_has_nothing_left_to_do(home: Home, run: RunFolder) -> None:
    run.tell(state="done")
    for ask in (client.pause, client.stop, client.resume):
        with pytest.raises(BadInput, match="finished"):
            ask(home, run.id)


@pytest.mark.parametrize("ask", [client.pause, client.stop, client.resume, partial(client.stop, keep=True)])
def test_a_run_that_finishes_while_it_is_asked_to_rest_stays_finished(
    home: Home, run: RunFolder, monkeypatch: pytest.MonkeyPatch, ask: Callable[[Home, str], RunFolder]
) -> None:
    run.tell(state="running", pid=1)
    monkeypatch.setattr(RunFolder, "ask", lambda asked, _wish: asked.tell(state="done"))
    with pytest.raises(BadInput, match="finished"):
        ask(home, run.id)
    assert run.state.state == "done"


def test_a_removed_run_leaves_none_of_its_texts_and_keeps_its_tuned_model(home: Home, run: RunFolder) -> None:
    put_adapter(home, "mine", run=run.id)
    write_lines(run.data / "learned.jsonl", [{"chosen": "Rain fell."}])
    run.finish("verdict", {"label": "unclear"})
    run.tell(state="done", adapter="mine")
    client.remove(home, run.id[:8])
    assert client.all(home) == []
    assert list(home.runs.iterdir()) == []
    assert adapters.get(home, "mine").problem is None


def test_the_run_of_a_tuned_model_in_use_is_removed_only_with_a_yes(home: Home, run: RunFolder) -> None:
    put_adapter(home, "mine", run=run.id)
    run.tell(state="done", adapter="mine")
    adapters.use(home, "mine")
    with pytest.raises(BadInput, match="mine, which writes your drafts now"):
        client.remove(home, run.id)
    assert client.all(home)
    client.remove(home, run.id, confirmed=True)
    assert client.all(home) == []
    assert adapters.in_use(home, "abc") is not None


def test_a_run_that_is_going_is_not_removed(home: Home, run: RunFolder) -> None:
    lock = RunLock(home, run.id)
    assert lock.acquire()
    run.tell(state="running", pid=1)
    with pytest.raises(BadInput, match="going on"):
        client.remove(home, run.id)
    lock.release()
    client.remove(home, run.id)
    assert client.all(home) == []


def test_two_runs_at_once_are_refused(home: Home, library: Library, run: RunFolder) -> None:
    lock = RunLock(home, "abcd")
    assert lock.acquire()
    run.tell(state="paused")
    with pytest.raises(RunBusy, match="abcd"):
        client.start(home, library, RunSettings())
    with pytest.raises(RunBusy, match="abcd"):
        client.resume(home, run.id)
    assert run.state.state == "paused"
    assert len(client.all(home)) == 1
    lock.release()


def test_following_gives_every_event_until_the_run_rests(home: Home, run: RunFolder) -> None:
    def slow(desk: RunDesk) -> dict[str, object]:
        for step in (1, 2, 3):
            desk.run.events.append("step", step=step, seconds=0.5, rewards={"length": step / 10})
            time.sleep(0.05)
        return {}

    thread = threading.Thread(
        target=serve, args=(home, run, threading.Event(), [Stage("policy", "Practising", slow)])
    )
    thread.start()
    wait_until(lambda: client.state_of(home, run) != "waiting")
    kinds = [event.kind for event in client.follow(home, run, poll_seconds=0.02)]
    thread.join()
    assert kinds.count("step") == 3
    assert client.wait(home, run) == "done"
    told = report(home, run)
    assert (told["steps"], told["seconds_per_step"]) == (3, 0.5)
    assert told["rewards"] == {"length": [0.1, 0.3]}
    assert summary(home, run)["state"] == "done"
