"""What every room's tests share: a home of their own, an offline process, the embedded model.

Fixtures of one room live in that room's conftest.py.
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
