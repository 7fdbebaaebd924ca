"""Saving, comparing and bringing back by the page's own routes."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from app.api.words import NO_SEED
from engine.jobs.progress import DraftResult
from engine.store import jobs, outline, versions
from engine.store.library import Library
from engine.store.schema import Project


def first_of(library: Library, book: Project) -> str:
    return outline.leaves(library, book.id)[0].node.id


def test_a_save_names_the_version_that_the_next_one_starts_from(
    client: TestClient, library: Library, book: Project
) -> None:
    first = first_of(library, book)
    saved = client.post(f"/api/section/{first}", json={"text": "One two.", "base": None}).json()
    assert saved == {"version": outline.get(library, first).version_id, "words": 2}
    again = client.post(f"/api/section/{first}", json={"text": "One two three.", "base": saved["version"]})
    assert again.json()["words"] == 3


def test_a_stale_save_is_409_and_names_both_texts(
    client: TestClient, library: Library, book: Project
) -> None:
    first = first_of(library, book)
    client.post(f"/api/section/{first}", json={"text": "Theirs.", "base": None})
    refused = client.post(f"/api/section/{first}", json={"text": "Mine.", "base": None})
    assert refused.status_code == 409
    told = refused.json()
    assert versions.text_of(library, told["kept"]).text == "Mine."
    assert versions.text_of(library, told["current"]).text == "Theirs."
    assert told["error"].endswith("your text is kept beside it as a version.")


def test_a_save_into_a_removed_section_is_409_and_says_where_the_text_is(
    client: TestClient, library: Library, book: Project
) -> None:
    first = first_of(library, book)
    outline.remove(library, first)
    refused = client.post(f"/api/section/{first}", json={"text": "Mine.", "base": None})
    assert refused.status_code == 409
    told = refused.json()
    assert told["gone"] is True
    assert "was removed in another window; your text is kept" in told["error"]
    outline.restore(library, first)
    assert versions.text_of(library, told["kept"]).text == "Mine."
    assert versions.current_text(library, first) == "Mine."


def test_emptying_needs_to_be_confirmed(client: TestClient, library: Library, book: Project) -> None:
    first = first_of(library, book)
    base = client.post(f"/api/section/{first}", json={"text": "Words.", "base": None}).json()["version"]
    assert client.post(f"/api/section/{first}", json={"text": " ", "base": base}).status_code == 400
    sure = client.post(f"/api/section/{first}", json={"text": "", "base": base, "confirm": True})
    assert sure.status_code == 200
    assert versions.current_text(library, first) == ""


def test_versions_come_newest_first_in_a_writers_words(
    client: TestClient, library: Library, book: Project
) -> None:
    first = first_of(library, book)
    base = client.post(f"/api/section/{first}", json={"text": "Old.", "base": None}).json()["version"]
    client.post(f"/api/section/{first}", json={"text": "New.", "base": base})
    client.post(f"/api/version/{base}/restore", json={})
    told = client.get(f"/api/section/{first}/versions").json()
    assert [version["name"] for version in told["versions"]] == ["Brought back", "Your edit", "Your edit"]
    assert told["current"] == told["versions"][0]["id"]


def test_a_comparison_tells_words_apart(client: TestClient, library: Library, book: Project) -> None:
    first = first_of(library, book)
    old = client.post(f"/api/section/{first}", json={"text": "The old well.", "base": None}).json()["version"]
    new = client.post(f"/api/section/{first}", json={"text": "The deep well.", "base": old}).json()["version"]
    told = client.get("/api/compare", params={"old": old, "new": new}).json()
    assert [(change["kind"], change["text"].strip()) for change in told["changes"]] == [
        ("same", "The"), ("removed", "old"), ("added", "deep"), ("same", "well."),
    ]  # fmt: skip


def test_an_unknown_section_is_404_with_a_sentence(client: TestClient) -> None:
    answer = client.post("/api/section/nowhere", json={"text": "x", "base": None})
    assert answer.status_code == 404
    assert "no section nowhere" in answer.json()["error"]


def test_a_request_without_text_is_refused_without_details(client: TestClient) -> None:
    answer = client.post("/api/section/nowhere", json={"base": None})
    assert answer.status_code == 422
    assert list(answer.json()) == ["error"]


def test_what_the_model_saw_is_none_without_a_draft(
    client: TestClient, library: Library, book: Project
) -> None:
    assert client.get(f"/api/section/{first_of(library, book)}/seen").json() == {"version": None}


def test_what_the_model_saw_comes_with_its_thinking(
    client: TestClient, library: Library, book: Project
) -> None:
    first = first_of(library, book)
    draft = versions.open_draft(library, first, "draft", "tiny", 7, {}, {"parts": []}, None)
    versions.append(library, [(draft.id, "think", "A plan."), (draft.id, "text", "Text.")])
    told = client.get(f"/api/section/{first}/seen").json()["version"]
    assert (told["model"], told["seed"], told["think"]) == ("tiny", 7, "A plan.")


@pytest.mark.parametrize(("taken", "said"), [(True, ""), (False, NO_SEED)])
def test_a_seed_that_brings_no_text_back_is_called_so_once_the_draft_has_found_it(
    client: TestClient, library: Library, book: Project, taken: bool, said: str
) -> None:
    first = first_of(library, book)
    job = jobs.submit(library, book.id, "draft", {})
    jobs.claim(library, "1-test", lease_seconds=600)
    versions.open_draft(library, first, "draft", "tiny", 7, {}, {"parts": []}, job.id)
    assert client.get(f"/api/section/{first}/seen").json()["version"]["without_seed"] == ""
    jobs.finish(library, job.id, "1-test", "stopped", DraftResult(takes_seed=taken).model_dump(mode="json"))
    assert client.get(f"/api/section/{first}/seen").json()["version"]["without_seed"] == said


def test_what_the_model_saw_is_told_for_each_version_that_it_wrote(
    client: TestClient, library: Library, book: Project
) -> None:
    first, second, _third = (row.node.id for row in outline.leaves(library, book.id))
    for think in ("An older plan.", "A newer plan."):
        draft = versions.open_draft(library, first, "draft", "tiny", 7, {}, {"parts": []}, None)
        versions.append(library, [(draft.id, "think", think), (draft.id, "text", f"{think} Text.")])
        versions.seal(library, draft.id, "complete", 3)
    older = versions.history(library, first)[0]
    told = client.get(f"/api/section/{first}/seen", params={"version": older.id}).json()["version"]
    assert (told["id"], told["think"]) == (older.id, "An older plan.")
    mine = client.post(f"/api/section/{second}", json={"text": "My own words.", "base": None}).json()[
        "version"
    ]
    refusals = (
        (second, older.id, "belongs to another section."),
        (second, mine, "No model wrote such a version of this section."),
        (first, "nowhere", "There is no version nowhere in this library."),
    )
    for section, version, said in refusals:
        refused = client.get(f"/api/section/{section}/seen", params={"version": version})
        assert refused.status_code == 404
        assert refused.json()["error"].endswith(said)


def test_notes_of_a_stale_window_are_refused(client: TestClient, library: Library, book: Project) -> None:
    first = first_of(library, book)
    assert (
        client.post(f"/api/section/{first}/beat", json={"beat": "New.", "base": "It is cut."}).status_code
        == 200
    )
    refused = client.post(f"/api/section/{first}/beat", json={"beat": "Mine.", "base": "It is cut."})
    assert refused.status_code == 409
    assert refused.json()["theirs"] == "New."
    assert outline.get(library, first).beat == "New."
