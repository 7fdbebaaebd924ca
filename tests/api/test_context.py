"""What a route answers when it fails."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.api import library
from app.api.context import Studio, install_errors, status_of
from engine.errors import BadInput, DiskFull, ModelLoadFailed, NodeLocked, NotFound


def test_an_unexpected_failure_is_said_and_not_shown(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("a secret path")

    monkeypatch.setattr("engine.store.projects.summaries", broken)
    app = FastAPI()
    install_errors(app)
    app.include_router(library.routes(studio), prefix="/api")
    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/api/library")
    assert answer.status_code == 500
    assert answer.json()["error"].startswith("Something unexpected happened")
    assert "secret" not in answer.text


def test_each_kind_of_error_has_its_status() -> None:
    told = [status_of(kind("x")) for kind in (BadInput, NotFound, NodeLocked, DiskFull, ModelLoadFailed)]
    assert told == [400, 404, 409, 503, 503]
