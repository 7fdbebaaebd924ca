"""Running `longwright` inside the test process: its exit code and both streams."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import typer

from app.cli import app
from app.commands.boundary import run
from engine.home import Home
from engine.store.library import Library
from tests.jobs.conftest import Office


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        """The one JSON object, last on standard output."""
        return json.loads(self.out.strip().splitlines()[-1])


@pytest.fixture
def longwright(home: Home, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    def ran(*arguments: object) -> Ran:
        capsys.readouterr()
        code = run(typer.main.get_command(app), [str(argument) for argument in arguments])
        streams = capsys.readouterr()
        return Ran(code, streams.out, streams.err)

    return ran


@pytest.fixture
def office(home: Home, library: Library) -> Iterator[Office]:
    """A writer inside this process, with a fake model."""
    made = Office(home, library)
    yield made
    made.leaving.set()
    made.rest()
