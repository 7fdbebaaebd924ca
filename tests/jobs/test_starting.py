"""A writer process for who waits, and the sentence when there is none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from engine.home import Home
from engine.jobs import starting, submitting, watching
from engine.store.library import Library
from tests.jobs.conftest import make_project


@pytest.fixture
def no_writer(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """No writer process can be started."""
    broken = home.root / "no-python"
    Path(broken).write_text("#!/bin/sh\nexit 7\n", encoding="utf-8")
    broken.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(broken))


@pytest.mark.usefixtures("no_writer")
def test_a_job_that_waits_in_vain_is_told_of_as_failed(home: Home, library: Library) -> None:
    job = submitting.submit_draft(library, make_project(library, [60]).id)
    *_, last = watching.watch(home, library, job.id)
    assert last.state == "failed"
    assert "did not start" in (last.error or "")


@pytest.mark.usefixtures("no_writer")
def test_a_writer_that_cannot_start_is_one_sentence(home: Home) -> None:
    with pytest.raises(starting.WriterDidNotStart, match="did not start"):
        starting.ensure_writer(home)
