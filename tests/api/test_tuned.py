"""Choosing a tuned model for drafting, and going back, by the page's own routes."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from engine.backends import adapters
from engine.backends.catalogue import embedded_model
from engine.backends.gguf import content_hash
from engine.home import Home
from engine.store import outline, projects, versions
from engine.store.library import Library
from engine.store.schema import Project
from tests.adapters import put_adapter


@pytest.fixture
def base(home: Home) -> str:
    return content_hash(embedded_model(), home.cache)


def test_without_tuned_models_there_is_nothing_to_choose(client: TestClient, book: Project) -> None:
    told = client.get("/api/tuned", params={"project": book.id}).json()
    assert (told["tuned"], told["in_use"]) == ([], None)


def test_a_tuned_model_is_chosen_with_its_strength_and_left_again(
    client: TestClient, home: Home, book: Project, base: str
) -> None:
    put_adapter(home, "mine", base_hash=base, records=40, verdict={"label": "better", "reason": "It is."})
    put_adapter(home, "of-another", base_hash="other")
    told = client.post("/api/tuned", json={"project": book.id, "name": "mine", "strength": 0.5}).json()
    assert [(one["name"], one["label"], one["records"]) for one in told["tuned"]] == [("mine", "better", 40)]
    assert (told["in_use"], told["strength"]) == ("mine", 0.5)
    assert adapters.in_use(home, base) == adapters.InUse("mine", 0.5)
    told = client.post("/api/tuned", json={"project": book.id, "name": None}).json()
    assert told["in_use"] is None
    assert adapters.in_use(home, base) is None


def test_one_that_was_found_worse_needs_a_yes(
    client: TestClient, home: Home, book: Project, base: str
) -> None:
    put_adapter(home, "poor", base_hash=base, offered=False, verdict={"label": "worse", "reason": "No."})
    asked = {"project": book.id, "name": "poor"}
    assert client.post("/api/tuned", json=asked).status_code == 400
    assert client.post("/api/tuned", json={**asked, "sure": True}).json()["in_use"] == "poor"


def test_what_is_chosen_here_overrules_a_texts_own_choice(
    client: TestClient, home: Home, library: Library, book: Project, base: str
) -> None:
    put_adapter(home, "mine", base_hash=base)
    projects.update(library, book.id, settings={"adapter": "mine", "adapter_scale": 0.25})
    told = client.get("/api/tuned", params={"project": book.id}).json()
    assert (told["in_use"], told["strength"]) == ("mine", 0.25)
    assert client.post("/api/tuned", json={"project": book.id}).json()["in_use"] is None
    assert projects.get(library, book.id).settings["adapter"] is None


def test_a_version_tells_which_tuned_model_wrote_it(
    client: TestClient, library: Library, book: Project
) -> None:
    first = outline.leaves(library, book.id)[0].node.id
    for sampling in ({"adapter": "mine", "adapter_scale": 0.5}, {"adapter": None}, {}):
        draft = versions.open_draft(library, first, "draft", "tiny", 7, sampling, {"parts": []}, None)
        versions.append(library, [(draft.id, "text", "Text.")])
        versions.seal(library, draft.id, "complete", 1)
    told = client.get(f"/api/section/{first}/versions").json()["versions"]
    assert [(one["tuned"], one["strength"]) for one in told] == [(None, None), (None, None), ("mine", 0.5)]
