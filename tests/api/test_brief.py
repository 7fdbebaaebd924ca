"""The brief, saved field by field, by the page's own route."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from engine.drafting.settings import DraftSettings
from engine.jobs.brief_fields import LABELS, form_of
from engine.store import models, outline, projects
from engine.store.library import Library
from engine.store.schema import Project

Save = Callable[..., Response]


@pytest.fixture
def save(client: TestClient, book: Project) -> Save:
    """One field, saved from a window that had read `base`."""

    def post(field: str, value: object, **base: object) -> Response:
        return client.post(f"/api/brief/{book.id}", json={"field": field, "value": value, **base})

    return post


def stored(library: Library, book: Project) -> dict[str, Any]:
    return form_of(projects.get(library, book.id))


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("title", "  The  Dry Well ", "The Dry Well"),
        ("kind", "story", "story"),
        ("premise", "A boy keeps it.\nAlone.", "A boy keeps it.\nAlone."),
        ("audience", "children", "children"),
        ("style", "", ""),
        ("language", "deutsch", "de"),
        ("goal", 1200, 1200),
        ("think", "off", "off"),
        ("parallel", 4, 4),
        ("context", 4096, 4096),
    ],
)
def test_a_field_is_stored_alone(
    save: Save, library: Library, book: Project, field: str, value: object, kept: object
) -> None:
    before = stored(library, book)
    assert save(field, value, base=before[field]).json() == {"value": kept}
    assert stored(library, book) == before | {field: kept}


def test_what_the_model_sees_goes_back_to_what_is_usual(save: Save, library: Library, book: Project) -> None:
    save("context", 16384, base=0)
    assert projects.get(library, book.id).settings["context"] == 16384
    assert save("context", 0, base=16384).json() == {"value": 0}
    assert projects.get(library, book.id).settings["context"] is None


def test_a_new_length_is_spread_over_the_outline(save: Save, library: Library, book: Project) -> None:
    save("goal", 1500, base=900)
    assert sum(row.target for row in outline.leaves(library, book.id)) == 1500
    assert projects.get(library, book.id).brief["goal_words"] == 1500


@pytest.mark.parametrize("field", ["title", "premise", "audience"])
def test_a_window_that_read_older_words_is_refused(
    save: Save, library: Library, book: Project, field: str
) -> None:
    old = stored(library, book)[field]
    save(field, "Theirs", base=old)
    refused = save(field, "Mine", base=old)
    assert refused.status_code == 409
    assert refused.json() == {
        "error": f"“{LABELS[field]}” was changed in another window: it says “Theirs” there. "
        "Choose which one counts.",
        "theirs": "Theirs",
    }
    assert stored(library, book)[field] == "Theirs"
    assert save(field, "Mine", base="Theirs").json() == {"value": "Mine"}


def test_a_stale_window_may_save_what_is_stored_already(save: Save, library: Library, book: Project) -> None:
    save("goal", 1000, base=900)
    assert save("goal", 1000, base=900).json() == {"value": 1000}


def test_an_old_window_leaves_the_other_fields_alone(save: Save, library: Library, book: Project) -> None:
    save("premise", "Another story.", base=stored(library, book)["premise"])
    save("goal", 1200, base=900)
    save("audience", "children", base="")
    now = stored(library, book)
    assert (now["premise"], now["goal"], now["audience"]) == ("Another story.", 1200, "children")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("goal", 0, "cannot be written"),
        ("goal", None, "cannot be written"),
        ("goal", 1500.5, "“1,500.5” is no length. Give it as a number of words, such as 3,000."),
        ("goal", 100_000_000, "more than one project can hold"),
        ("premise", "  ", "what the text is about"),
        ("title", " ", "cannot be empty"),
        ("language", "Klingonese?", "no language Longwright knows"),
        ("kind", "poem", "cannot be chosen"),
        ("think", "sometimes", "cannot be chosen"),
        ("parallel", 65, "Between 1 and 64"),
        ("context", 100, "less than some 400 words in sight"),
        ("model", "nowhere", "no model called nowhere"),
    ],
)
def test_what_cannot_be_used_changes_nothing_and_is_one_sentence(
    save: Save, library: Library, book: Project, field: str, value: object, sentence: str
) -> None:
    before = stored(library, book)
    refused = save(field, value, base=before[field])
    assert refused.status_code in (400, 404)
    assert sentence in refused.json()["error"]
    assert refused.json()["error"].endswith(".")
    assert stored(library, book) == before


def test_a_model_that_is_gone_does_not_stand_in_the_way_of_the_brief(
    save: Save, library: Library, book: Project
) -> None:
    projects.update(
        library, book.id, settings=DraftSettings(model="gone", parallel=2).model_dump(mode="json")
    )
    assert save("audience", "children", base="").status_code == 200
    assert save("model", "gone", base="gone").json() == {"value": "gone"}
    models.add(library, "newer", "server", "http://127.0.0.1:1/v1")
    assert save("model", "newer", base="gone").json() == {"value": "newer"}
    assert DraftSettings.model_validate(projects.get(library, book.id).settings).parallel == 2
