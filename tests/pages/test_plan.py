"""The form of the Plan page, without a browser."""

from __future__ import annotations

import pytest

from app.api.context import Studio
from app.pages.plan import FIELDS, form_of, save_form
from engine.drafting.settings import DraftSettings
from engine.errors import BadInput
from engine.home import Home
from engine.planning.brief import read_brief
from engine.store import outline, planned, projects
from engine.store.library import Library


@pytest.fixture
def studio(home: Home, library: Library) -> Studio:
    return Studio(home, library)


@pytest.fixture
def project_id(library: Library) -> str:
    return planned.begin(library, read_brief("A well.", kind="story", goal_words=600, outline="# A\n# B")).id


def test_what_the_form_shows_is_what_it_saves(studio: Studio, project_id: str) -> None:
    before = projects.get(studio.library, project_id)
    values = dict(zip(FIELDS, form_of(studio, project_id), strict=True))
    save_form(studio, project_id, values)
    after = projects.get(studio.library, project_id)
    assert after.brief == before.brief
    assert (after.title, after.goal_words, after.kind) == (before.title, before.goal_words, before.kind)


def test_a_new_goal_and_new_settings_are_stored_and_spread(studio: Studio, project_id: str) -> None:
    values = dict(zip(FIELDS, form_of(studio, project_id), strict=True))
    save_form(
        studio, project_id, values | {"goal": 800, "think": "off", "parallel": 4, "audience": "children"}
    )
    after = projects.get(studio.library, project_id)
    assert after.brief["audience"] == "children"
    assert after.brief["goal_words"] == after.goal_words == 800
    assert sum(row.target for row in outline.leaves(studio.library, project_id)) == 800
    settings = DraftSettings.model_validate(after.settings)
    assert (settings.think, settings.parallel) == ("off", 4)


@pytest.mark.parametrize(
    "wrong", [{"goal": 0}, {"goal": -5}, {"goal": 100_000_000}, {"goal": None}, {"premise": "  "}]
)
def test_what_cannot_be_planned_changes_nothing(
    studio: Studio, project_id: str, wrong: dict[str, object]
) -> None:
    values = dict(zip(FIELDS, form_of(studio, project_id), strict=True))
    with pytest.raises(BadInput):
        save_form(studio, project_id, values | {"title": "Changed"} | wrong)
    assert projects.get(studio.library, project_id).title != "Changed"
