"""The routes of the studio by plain HTTP, over a library of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.api import (
    answers,
    brief,
    desk,
    exports,
    library,
    measures,
    models,
    plan,
    questions,
    sections,
    taste,
    training,
    tuned,
)
from app.api.context import Studio, install_errors
from engine.home import Home
from engine.planning.brief import read_brief
from engine.store import planned
from engine.store.library import Library
from engine.store.schema import Project

OUTLINE = "# The Well\n## Morning\n### The rope\nIt is cut.\n### The bucket\n## Evening\n### The letter\n"


@pytest.fixture
def studio(home: Home, library: Library) -> Studio:
    return Studio(home, library)


@pytest.fixture
def client(studio: Studio) -> Iterator[TestClient]:
    app = FastAPI()
    install_errors(app)
    app.include_router(training.outcome_routes(studio), prefix="/api")
    for room in (desk, sections, plan, brief, library, measures, taste, questions, answers, tuned, training):
        app.include_router(room.routes(studio), prefix="/api")
    app.include_router(models.routes(studio, models.Downloads(studio)), prefix="/api")
    app.include_router(exports.routes(studio))
    app.include_router(answers.download_routes(studio))
    with TestClient(app) as opened:
        yield opened


@pytest.fixture
def book(library: Library) -> Project:
    """A novel of 900 words in three sections, without text."""
    brief = read_brief("A girl keeps the only well.", kind="novel", goal_words=900, outline=OUTLINE)
    return planned.begin(library, brief, title="The Well")
