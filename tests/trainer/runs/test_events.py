"""The log of a run: nothing that was told is lost, and nothing torn is believed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from engine.errors import DiskFull
from trainer.runs.events import MOST_POINTS, EventLog, curves, steps, thin, watched


def log_of(tmp_path: Path) -> EventLog:
    return EventLog(tmp_path / "events.jsonl")


def test_what_was_appended_is_read_again_from_an_offset(tmp_path: Path) -> None:
    log = log_of(tmp_path)
    log.append("note", sentence="One.")
    first, offset = log.read()
    log.append("note", sentence="Zwei – 二.")
    second, _ = log.read(offset)
    assert [event.data["sentence"] for event in (*first, *second)] == ["One.", "Zwei – 二."]


def test_a_log_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    assert log_of(tmp_path).read(0) == ([], 0)


def test_a_torn_last_line_is_not_read_and_is_cut_off_by_the_next_process(tmp_path: Path) -> None:
    log = log_of(tmp_path)
    log.append("note", sentence="whole")
    with (tmp_path / "events.jsonl").open("ab") as file:
        file.write(b'{"at": 1, "kind": "no')
    events, offset = log.read()
    assert [event.data for event in events] == [{"sentence": "whole"}]
    log_of(tmp_path).append("note", sentence="next")
    assert [event.data["sentence"] for event in log.read(offset)[0]] == ["next"]
    assert all(json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines())


def test_a_spoilt_line_takes_no_other_with_it(tmp_path: Path) -> None:
    log = log_of(tmp_path)
    log.append("note", sentence="a")
    with (tmp_path / "events.jsonl").open("ab") as file:
        file.write(b"\x00\x00\n")
    log.append("note", sentence="b")
    assert [event.data["sentence"] for event in log.all("note")] == ["a", "b"]


def test_steps_that_came_again_after_a_resume_count_once(tmp_path: Path) -> None:
    log = log_of(tmp_path)
    for step, reward in [(1, 0.1), (2, 0.2), (3, 0.3), (2, 0.25), (3, 0.35)]:
        log.append("step", step=step, rewards={"length": reward}, kl=0.0)
    assert curves(log.all())["reward/length"] == [(1, 0.1), (2, 0.25), (3, 0.35)]
    assert [event.data["step"] for event in steps(log.all())] == [1, 2, 3]


def test_what_the_guards_saw_is_what_counts_up_to_the_checkpoint(tmp_path: Path) -> None:
    log = log_of(tmp_path)
    for step, value in [(1, None), (2, 0.5), (3, 0.4), (2, 0.6), (3, None)]:
        log.append("step", step=step, kl=step / 10)
        if value is not None:
            log.append("judged", step=step, value=value)
    assert watched(log.all(), 2) == [{"step": 1, "kl": 0.1}, {"step": 2, "kl": 0.2, "judged": 0.6}]
    assert watched(log.all(), 9)[2:] == [{"step": 3, "kl": 0.3}]
    assert watched(log.all(), 0) == []


@pytest.mark.parametrize("count", [1, 499, 500, 501, 1000, 12_345])
def test_a_curve_is_thinned_to_what_a_page_can_show(count: int) -> None:
    points = [(float(n), float(n % 7)) for n in range(count)]
    shown = thin(points)
    assert len(shown) <= MOST_POINTS
    assert shown[-1] == points[-1]
    assert [step for step, _ in shown] == sorted(step for step, _ in shown)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_disk_is_one_sentence() -> None:
    with pytest.raises(DiskFull, match="full"):
        EventLog(Path("/dev/full")).append("note", sentence="x" * 10_000)
