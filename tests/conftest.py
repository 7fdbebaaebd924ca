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

from engine.home import Home, open_home
from engine.store.library import Library, open_library

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

SAME_SERVER = ("tests/vllm", "tests/backends/test_protocol.py")
"""What uses the session's vLLM server stays together: it is started once."""


def pytest_configure(config: pytest.Config) -> None:
    """A half of xdist takes its share of the cores, and with it every process it starts."""
    told = getattr(config, "workerinput", None)
    if told is None or not hasattr(os, "sched_setaffinity"):
        return
    cores = sorted(os.sched_getaffinity(0))
    number, count = int(told["workerid"].removeprefix("gw")), int(told["workercount"])
    if len(cores) >= count:
        os.sched_setaffinity(0, cores[number::count])


def pytest_itemcollected(item: pytest.Item) -> None:
    """A file stays on one half."""
    file = item.nodeid.partition("::")[0]
    item.add_marker(pytest.mark.xdist_group("vllm" if file.startswith(SAME_SERVER) else file))


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
