"""Processes of our own: what they print is kept, and they do not hang on their starter."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from engine.processes import program_stamp, start_detached
from tests.studio_process import wait_for


def test_what_a_process_prints_goes_to_its_console_anew_or_behind_what_is_there(tmp_path: Path) -> None:
    console = tmp_path / "console.log"
    console.write_text("before\n")
    assert start_detached("platform", ["--terse"], console, append=True).wait(60) == 0
    first, *printed = console.read_text().splitlines()
    assert (first, len(printed)) == ("before", 1)
    assert start_detached("platform", ["--terse"], console).wait(60) == 0
    assert console.read_text().splitlines() == printed


@pytest.mark.skipif(os.name == "nt", reason="Windows has no sessions")
def test_a_process_has_a_session_of_its_own(tmp_path: Path) -> None:
    process = start_detached("http.server", ["0", "--bind", "127.0.0.1"], tmp_path / "console.log")
    try:
        assert os.getsid(process.pid) == process.pid != os.getsid(0)
    finally:
        process.terminate()
        process.wait(60)


def test_a_process_that_ended_leaves_no_zombie_though_nobody_asks_for_it(tmp_path: Path) -> None:
    process = start_detached("platform", [], tmp_path / "console.log")
    wait_for(lambda: not psutil.pid_exists(process.pid), "the process is gone")


def test_a_console_that_cannot_be_written_starts_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="missing"):
        start_detached("platform", [], tmp_path / "missing" / "console.log")


def test_the_programs_stamp_changes_with_an_update_and_with_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    source = tmp_path / "jobs" / "writer.py"
    source.write_text("old")
    before = program_stamp(tmp_path)
    (tmp_path / "notes.txt").write_text("no source")
    assert program_stamp(tmp_path) == before
    os.utime(source, ns=(before + 1, before + 1))
    assert program_stamp(tmp_path) != before
