"""`longwright train` and `longwright runs`: refusals in one sentence, the history, and one real short run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.commands.follow_run import follow
from engine.backends import adapters
from engine.home import Home
from engine.store import feedback
from engine.store.library import Library
from tests.adapters import put_adapter
from tests.commands.conftest import Ran
from trainer.runs.folder import RunFolder
from trainer.runs.lock import RunLock
from trainer.runs.settings import RunSettings

Longwright = Callable[..., Ran]


def one_sentence(ran: Ran) -> str:
    assert ran.code == 1, ran.err
    assert ran.out == ""
    assert len(ran.err.strip().splitlines()) == 1
    return ran.err


def finished_run(home: Home, base: str | None = None) -> RunFolder:
    run = RunFolder.create(home, RunSettings(steps=2, base=base))
    figure = {"value": 60.0, "interval": [50.0, 70.0], "count": 8}
    run.finish("prepare", {"records": 30, "sentence": "Thirty choices.", "preflight": {}})
    evidence = {"cv_accuracy": 0.6, "interval": [0.4, 0.8], "evidence_weight": 0.1}
    run.finish("reward_model", {"evidence": evidence | {"sentence": "Your taste counts 10 % so far."}})
    for step in (1, 2):
        run.events.append("step", step=step, seconds=4.0 + step, rewards={"length": 0.25 * step})
    change = {"value": -4.0, "interval": [-9.0, 1.0], "count": 8}
    measures = {
        "S_l": {"base": figure, "tuned": figure, "difference": change},
        "taste": {"base": figure, "tuned": figure},
    }
    run.finish("verdict", {"label": "unclear", "reason": "Too few texts.", "measures": measures})
    run.tell(state="done", stage="offered", step=2, adapter="my-taste-abc123")
    return run


def test_without_choices_training_is_refused_in_one_sentence(longwright: Longwright) -> None:
    assert "no choices" in one_sentence(longwright("train", "--steps", 2, "--json"))


def test_ties_alone_are_refused(longwright: Longwright, library: Library) -> None:
    for number in range(2):
        feedback.add(library, kind="ab", prompt=f"Storm {number}", text_a="one", text_b="two", choice="tie")
    assert "ties" in one_sentence(longwright("train"))


def test_a_second_run_is_refused(longwright: Longwright, home: Home) -> None:
    lock = RunLock(home, "abcd")
    assert lock.acquire()
    assert "abcd" in one_sentence(longwright("train", "--records", "none"))
    lock.release()


@pytest.mark.parametrize(
    "wrong",
    [
        ["--method", "dpo"],
        ["--records", "some"],
        ["--steps", 0],
        ["--group-size", 1],
        ["--advantage", "best"],
        ["--rollouts", "best"],
    ],
)
def test_wrong_options_are_wrong_usage(longwright: Longwright, wrong: list[object]) -> None:
    assert longwright("train", *wrong).code == 2


@pytest.mark.parametrize(
    "wrong", [["--base", "nobody"], ["--from", "nobody"], ["--project", "nobody"], ["--pretrain", "/nowhere"]]
)
def test_what_is_not_there_is_named(longwright: Longwright, wrong: list[str]) -> None:
    assert wrong[1].strip("/") in one_sentence(longwright("train", "--records", "none", *wrong))


def test_a_history_without_runs_says_how_to_begin(longwright: Longwright) -> None:
    assert "longwright train" in longwright("runs").out
    assert longwright("runs", "list", "--json").data == {"runs": []}


def test_a_finished_run_is_told_in_one_object(longwright: Longwright, home: Home) -> None:
    run = finished_run(home)
    told = longwright("runs", "show", run.id[:8], "--json").data
    assert (told["run"], told["adapter"], told["records"]) == (run.id, "my-taste-abc123", 30)
    assert told["reward_model"]["evidence_weight"] == 0.1
    assert (told["steps"], told["seconds_per_step"]) == (2, 5.5)
    assert told["rewards"] == {"length": [0.25, 0.5]}
    assert told["verdict"]["label"] == "unclear"
    assert longwright("runs", "list", "--json").data["runs"][0]["label"] == "unclear"


def test_a_run_from_a_folder_says_how_to_write_with_what_came_of_it(
    longwright: Longwright, home: Home, tmp_path: Path
) -> None:
    run = finished_run(home, base=str(tmp_path))
    shown = longwright("runs", "show", run.id).out
    assert f"longwright adapters export my-taste-abc123 MERGED --merged --base {tmp_path}" in shown
    assert "longwright serve MERGED" in shown
    assert "adapters use" not in shown


def test_a_finished_run_is_told_to_people(longwright: Longwright, home: Home) -> None:
    run = finished_run(home)
    shown = longwright("runs", "show", run.id).out
    assert "Unclear: Too few texts." in shown
    assert "-4.000 (-9.000 to 1.000)" in shown
    assert shown.count("Your taste counts") == shown.count("Your taste") == 1
    assert "longwright adapters use my-taste-abc123" in shown
    assert run.id in longwright("runs").out


def test_rewards_are_told_to_people_in_the_words_of_the_page(
    longwright: Longwright, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    run = RunFolder.create(home, RunSettings(steps=1))
    run.events.append("step", step=1, rewards={"length": 0.5, "format": 1.0, "personal": 0.25, "prior": 0.75})
    run.tell(state="done", step=1)
    rows = [line.split("  ")[0] for line in longwright("runs", "show", run.id).out.splitlines()]
    assert {"length", "form", "your taste", "general quality"} <= set(rows)
    assert set(longwright("runs", "show", run.id, "--json").data["rewards"]) == {
        *("length", "format", "personal", "prior")
    }
    follow(home, run)
    assert "length 0.50, form 1.00, your taste 0.25, general quality 0.75" in capsys.readouterr().err


def test_a_run_without_a_process_is_stopped_at_once(longwright: Longwright, home: Home) -> None:
    run = RunFolder.create(home, RunSettings())
    run.tell(state="running", pid=1)
    assert longwright("runs", "list", "--json").data["runs"][0]["state"] == "interrupted"
    assert longwright("runs", "stop", run.id, "--json").data["state"] == "stopped"
    assert longwright("runs", "pause", run.id, "--json").data["state"] == "paused"


@pytest.mark.parametrize(
    ("stage", "wish", "told"),
    [
        ("policy", ["stop"], "It stops after this step, and all of it is kept."),
        ("policy", ["stop", "--keep"], "It ends its practice after this step and goes on to the verdict."),
        (
            "verdict",
            ["stop"],
            "It stops as soon as this part of its work can be left, and what was learned is",
        ),
        (
            "verdict",
            ["pause"],
            "It rests as soon as this part of its work can be left, and what was learned is",
        ),
        ("verdict", ["stop", "--keep"], "Its practice is over already; it goes on to its end."),
        ("reward_model", ["stop", "--keep"], "It ends its practice after the first step and goes on to"),
    ],
)
def test_a_wish_is_answered_with_what_becomes_of_it_in_that_stage(
    longwright: Longwright, home: Home, stage: str, wish: list[str], told: str
) -> None:
    run = RunFolder.create(home, RunSettings())
    run.tell(state="running", stage=stage, pid=1)
    lock = RunLock(home, run.id)
    assert lock.acquire()
    verb, *options = wish
    assert f"running. {told}" in longwright("runs", verb, run.id, *options).out
    lock.release()


def test_a_run_that_is_not_there(longwright: Longwright) -> None:
    for verb in ("show", "stop", "pause", "resume", "remove", "blind"):
        assert "no training run" in one_sentence(longwright("runs", verb, "abc"))


def test_a_run_is_removed_with_its_texts(longwright: Longwright, home: Home) -> None:
    run = finished_run(home)
    assert longwright("runs", "remove", run.id[:8], "--json").data == {"run": run.id, "removed": True}
    assert not run.root.exists()


def test_the_run_of_a_tuned_model_in_use_is_removed_with_a_yes(longwright: Longwright, home: Home) -> None:
    run = finished_run(home)
    put_adapter(home, "my-taste-abc123", run=run.id)
    adapters.use(home, "my-taste-abc123")
    assert "--yes" in one_sentence(longwright("runs", "remove", run.id))
    assert "deleted" in longwright("runs", "remove", run.id, "--yes").out


def test_a_finished_run_cannot_be_resumed(longwright: Longwright, home: Home) -> None:
    assert "finished" in one_sentence(longwright("runs", "resume", finished_run(home).id))


@pytest.mark.timeout(900)
def test_a_short_real_run_ends_with_one_object(longwright: Longwright) -> None:
    options = ["--records", "none", "--steps", 1, "--group-size", 2, "--max-new-tokens", 32]
    ran = longwright("train", *options, "--json")
    assert ran.code == 0, ran.err
    told = ran.data
    assert (told["state"], told["steps"], told["records"]) == ("done", 1, 0)
    assert told["reward_model"]["evidence_weight"] == 0
    assert set(told["rewards"]) == {"length", "format", "prior"}
    assert told["verdict"]["label"] in ("unclear", "worse")
    assert "step 1 of 1" in ran.err
    assert longwright("adapters", "list", "--json").code == 0
