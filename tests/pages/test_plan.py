"""What the form of the Plan page is filled with, without a browser."""

from __future__ import annotations

import pytest

from app.api.context import Studio
from app.pages.plan import filled, model_choices
from engine.backends import catalogue
from engine.drafting.settings import DraftSettings
from engine.home import Home
from engine.jobs.brief_fields import LABELS
from engine.planning.brief import read_brief
from engine.store import models, planned, projects
from engine.store.library import Library


@pytest.fixture
def studio(home: Home, library: Library) -> Studio:
    return Studio(home, library)


@pytest.fixture
def project_id(library: Library) -> str:
    return planned.begin(library, read_brief("A well.", kind="story", goal_words=600, outline="# A\n# B")).id


def test_every_field_gets_its_value(studio: Studio, project_id: str) -> None:
    values = dict(zip(LABELS, filled(studio, project_id), strict=True))
    assert (values["kind"], values["premise"], values["goal"]) == ("story", "A well.", 600)
    assert values["model"]["value"] == catalogue.EMBEDDED
    assert values["context"]["value"] == 0


def test_a_context_that_was_chosen_elsewhere_is_offered(studio: Studio, project_id: str) -> None:
    settings = DraftSettings(context=6000).model_dump(mode="json")
    projects.update(studio.library, project_id, settings=settings)
    shown = dict(zip(LABELS, filled(studio, project_id), strict=True))["context"]
    assert shown["value"] == 6000
    assert not [name for name, _ in shown["choices"] if "token" in name]
    assert ("Some 4,500 words", 6000) in shown["choices"]


def test_a_model_that_was_added_later_can_be_chosen(studio: Studio, project_id: str) -> None:
    models.add(studio.library, "newer", "server", "http://127.0.0.1:1/v1")
    offered = dict(zip(LABELS, filled(studio, project_id), strict=True))["model"]["choices"]
    assert ("newer", "newer") in offered


def test_a_model_that_is_gone_is_shown_and_said_to_be_gone(studio: Studio, project_id: str) -> None:
    settings = DraftSettings(model="gone").model_dump(mode="json")
    projects.update(studio.library, project_id, settings=settings)
    shown = dict(zip(LABELS, filled(studio, project_id), strict=True))["model"]
    assert shown["value"] == "gone"
    assert shown["choices"][-1] == ("gone (not there now)", "gone")


def test_the_built_in_model_is_called_so_once(studio: Studio) -> None:
    names = [name for _, name in model_choices(studio, catalogue.EMBEDDED)]
    assert names == [catalogue.EMBEDDED]
