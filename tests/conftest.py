"""What every room's tests share: a home of their own, an offline process, the embedded model.

Fixtures of one room live in that room's conftest.py. `make test` runs two halves beside each other
(pytest-xdist): a file stays whole, so that what its tests share is made once, and each half keeps to cores
of its own, because two pools of threads on the same cores slow each other down many times over.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from engine.home import Home, open_home
from engine.store.library import Library, open_library

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

SAME_SERVER = ("tests/vllm", "tests/backends/test_protocol.py")
"""What uses the session's vLLM server stays together: it is started once."""


class _FilesStayWhole(LoadFileScheduling):
    """The `xdist_group` marks do nothing here: xdist 3.8 puts the group into an item's id, which pytest 9.2
    does not take over."""

    def _split_scope(self, nodeid: str) -> str:
        return "vllm" if nodeid.startswith(SAME_SERVER) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    """How the halves share the files."""
    return _FilesStayWhole(config, log)


def pytest_configure(config: pytest.Config) -> None:
    """A half of xdist takes its share of the cores, and with it every process it starts."""
    told = getattr(config, "workerinput", None)
    if told is None or not hasattr(os, "sched_setaffinity"):
        return
    cores = sorted(os.sched_getaffinity(0))
    number, count = int(told["workerid"].removeprefix("gw")), int(told["workercount"])
    if len(cores) >= count:
        os.sched_setaffinity(0, cores[number::count])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty home; `LONGWRIGHT_HOME` points at it, so that child processes find it too."""
    monkeypatch.setenv("LONGWRIGHT_HOME", str(tmp_path / "home"))
    return open_home(tmp_path / "home")


@pytest.fixture
def library(home: Home) -> Iterator[Library]:
    """An open, empty library in `home`."""
    opened = open_library(home)
    yield opened
    opened.close()
