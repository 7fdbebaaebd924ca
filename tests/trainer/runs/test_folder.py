"""A run's folder: half-written files are never seen, and a run is found by the beginning of its id."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from engine.errors import BadInput, LibraryDamaged, NotFound
from engine.home import Home
from trainer.runs import client
from trainer.runs.files import read_json, write_json
from trainer.runs.folder import RunFolder, all_runs, get_run
from trainer.runs.lock import RunLock, holder
from trainer.runs.material import write_lines
from trainer.runs.settings import RunSettings


def test_a_new_run_waits_with_its_settings(home: Home) -> None:
    run = RunFolder.create(home, RunSettings(steps=3, seed=7))
    again = get_run(home, run.id[:6])
    assert again.settings == RunSettings(steps=3, seed=7)
    assert (again.state.state, again.state.steps, again.wish) == ("waiting", 3, "run")


def test_a_change_of_state_is_kept_and_told(home: Home) -> None:
    run = RunFolder.create(home, RunSettings())
    run.tell(state="running", stage="prepare")
    run.tell(step=1)
    run.tell(state="failed", sentence="The disk is full.")
    assert run.state.sentence == "The disk is full."
    assert [event.data["state"] for event in run.events.all("state")] == ["waiting", "running", "failed"]


def test_a_stage_result_is_there_whole_or_not_at_all(home: Home) -> None:
    run = RunFolder.create(home, RunSettings())
    assert run.result("verdict") is None
    (run.root / "stages").mkdir()
    (run.root / "stages" / ".verdict.json.17").write_text('{"lab')
    assert run.result("verdict") is None
    run.finish("verdict", {"label": "unclear"})
    assert run.result("verdict") == {"label": "unclear"}


def test_what_a_kill_leaves_of_an_erased_run_is_still_listed_and_can_be_erased(home: Home) -> None:
    run = RunFolder.create(home, RunSettings())
    write_lines(run.data / "learned.jsonl", [{"chosen": "Rain fell."}])
    (run.data / "learned.jsonl").unlink()  # as far as a killed process came
    assert [one.id for one in all_runs(home)] == [run.id]
    run.erase()
    assert not run.root.exists()


def test_runs_are_listed_newest_first_and_a_stranger_is_no_run(home: Home) -> None:
    first = RunFolder.create(home, RunSettings())
    second = RunFolder.create(home, RunSettings())
    second.tell(created_at=first.state.created_at + 1)
    (home.runs / "vllm").mkdir()
    assert [run.id for run in all_runs(home)] == [second.id, first.id]
    with pytest.raises(NotFound):
        get_run(home, "zz")
    with pytest.raises(NotFound):
        get_run(home, "")


def test_a_beginning_that_fits_two_runs_is_not_guessed(home: Home) -> None:
    for name in ("ab01", "ab02"):
        made = RunFolder.create(home, RunSettings())
        made.root.rename(home.runs / name)
    with pytest.raises(BadInput, match="Several"):
        get_run(home, "ab")


def test_a_spoilt_run_file_is_one_sentence(home: Home) -> None:
    run = RunFolder.create(home, RunSettings())
    (run.root / "run.json").write_text("{")
    with pytest.raises(LibraryDamaged, match=run.id):
        _ = run.state


@pytest.mark.parametrize("notes", ["{", "[]", '{"state": "done"}', '{"settings": {"of_a_later_release": 1}}'])
def test_a_run_that_cannot_be_read_hides_no_other_and_can_be_removed(home: Home, notes: str) -> None:
    spoilt, other = RunFolder.create(home, RunSettings()), RunFolder.create(home, RunSettings())
    (spoilt.root / "run.json").write_text(notes)
    assert [run.id for run in all_runs(home)] == [other.id]
    assert get_run(home, other.id[:8]).settings == RunSettings()
    client.remove(home, spoilt.id)
    assert not spoilt.root.exists()


def test_what_a_later_release_wrote_is_one_sentence(home: Home) -> None:
    run = RunFolder.create(home, RunSettings())
    write_json(run.root / "run.json", {"settings": {"of_a_later_release": 1}})
    with pytest.raises(LibraryDamaged, match=f"longwright runs remove {run.id}"):
        _ = run.settings


def test_files_are_replaced_whole(tmp_path: Path) -> None:
    write_json(tmp_path / "deep" / "file.json", {"a": "é"})
    assert read_json(tmp_path / "deep" / "file.json") == {"a": "é"}
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["file.json"]


def test_only_one_run_holds_the_lock_and_a_released_one_names_nobody(home: Home) -> None:
    first, second = RunLock(home, "one"), RunLock(home, "two")
    assert holder(home) is None
    assert first.acquire()
    assert holder(home) == "one"
    first.release()
    assert holder(home) is None
    assert second.acquire()
    assert holder(home) == "two"
    second.release()


@pytest.mark.parametrize(
    "bad", [{"steps": 0}, {"group_size": 1}, {"method": "ppo"}, {"unknown": 1}, {"seed": -1}]
)
def test_settings_out_of_range_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RunSettings.model_validate(bad)
