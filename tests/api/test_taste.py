"""What the writer thinks of a section, by the page's own routes."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from engine.store import feedback, jobs, outline, questions, versions
from engine.store.library import Library
from engine.store.schema import Project, Version

TEXT = "Rain fell on the harbour all night and nobody slept until the bell had rung."
PROMPT = {"messages": [{"role": "user", "content": "The rope, 14 words."}]}


@pytest.fixture
def section(library: Library, book: Project) -> str:
    return outline.leaves(library, book.id)[0].node.id


def drafted(
    library: Library, section: str, text: str = TEXT, origin: str = "draft", job: str | None = None
) -> Version:
    version = versions.open_draft(library, section, origin, "tiny", 7, {}, PROMPT, job, target_words=9)
    versions.append(library, [(version.id, "text", text)])
    return versions.seal(library, version.id, "complete", 14, keep_current=origin == "variant")


def test_a_section_without_a_draft_asks_for_nothing(
    client: TestClient, library: Library, section: str
) -> None:
    told = client.get(f"/api/taste/{section}").json()
    assert (told["generated"], told["rateable"], told["question"], told["edits"]) == (
        None,
        False,
        None,
        False,
    )
    versions.save_edit(library, section, "My own.", None)
    told = client.get(f"/api/taste/{section}").json()
    assert (told["generated"], told["rateable"]) == (None, False)


def test_a_thumb_with_reasons_is_shown_and_taken_back(
    client: TestClient, library: Library, section: str
) -> None:
    version = drafted(library, section).id
    given = {"version": version, "choice": "down", "reasons": ["vague"]}
    told = client.post(f"/api/taste/{section}/thumb", json=given).json()
    assert (told["generated"], told["thumb"], told["reasons"]) == (version, "down", ["vague"])
    told = client.post(f"/api/taste/{section}/thumb", json={"version": version, "choice": None}).json()
    assert (told["thumb"], told["reasons"]) == (None, [])


def test_edited_text_takes_stars_but_no_thumb(client: TestClient, library: Library, section: str) -> None:
    version = drafted(library, section).id
    edit = versions.save_edit(library, section, TEXT + " Then dawn.", version).id
    told = client.post(f"/api/taste/{section}/rating", json={"version": edit, "stars": 4}).json()
    assert (told["generated"], told["rating"]) == (None, 4)
    wrong = client.post(f"/api/taste/{section}/rating", json={"version": edit, "stars": 9})
    assert wrong.status_code == 400


def test_edits_are_noted_only_with_consent(client: TestClient, library: Library, section: str) -> None:
    base = drafted(library, section).id
    much = TEXT + " Ada lit the lamp and went out to look for the boat."
    saved = client.post(f"/api/section/{section}", json={"text": much, "base": base}).json()
    assert feedback.all(library) == []
    assert client.post("/api/taste-edits", json={"on": True}).json() == {"edits": True}
    client.post(f"/api/section/{section}", json={"text": much + " Soon.", "base": saved["version"]})
    (row,) = feedback.all(library)
    assert (row.kind, row.text_a, row.text_b) == ("edit", TEXT, much + " Soon.")


def test_leaving_a_text_that_was_written_again_says_that_it_is_better(
    client: TestClient, library: Library, section: str
) -> None:
    old = drafted(library, section)
    drafted(library, section, "Snow came down on the well and on the rope and on Mira too.", "regenerate")
    assert client.get(f"/api/taste/{section}").json()["again"] is True
    assert client.post(f"/api/taste/{section}/kept", json={}).json() == {"noted": True}
    assert client.get(f"/api/taste/{section}").json()["again"] is False
    client.post(f"/api/version/{old.id}/restore", json={})
    assert [(row.kind, row.choice) for row in feedback.all(library)] == [("regeneration", "a")]


def test_two_variants_are_blind_and_the_chosen_one_comes_onto_the_page(
    client: TestClient, library: Library, book: Project, section: str
) -> None:
    mine = versions.save_edit(library, section, "My own.", None)
    job = jobs.submit(library, book.id, "draft", {})
    drafted(library, section, TEXT, "variant", job.id)
    drafted(library, section, "Snow came instead.", "variant", job.id)
    question = client.get(f"/api/taste/{section}").json()["question"]
    assert question.keys() == {"id", "title", "prompt", "left", "right"}
    assert client.get(f"/api/taste/{section}").json()["question"] == question
    told = client.post(f"/api/questions/{question['id']}", json={"choice": "right", "take": True}).json()
    assert versions.current_text(library, section) == question["right"]["text"]
    assert outline.get(library, section).version_id == told["version"] != mine.id
    (row,) = feedback.all(library)
    chosen = row.text_a if row.choice == "a" else row.text_b
    assert (chosen, row.shown_left == row.choice) == (question["right"]["text"], False)
    assert client.get(f"/api/taste/{section}").json()["question"] is None


@pytest.mark.parametrize("choice", ["tie", "skip"])
def test_a_tie_leaves_the_page_as_it_is(
    client: TestClient, library: Library, book: Project, section: str, choice: str
) -> None:
    versions.save_edit(library, section, "My own.", None)
    asked = questions.add(
        library, prompt="p", text_a="One.", text_b="Two.", node_id=section, source="variant"
    )
    told = client.post(f"/api/questions/{asked.id}", json={"choice": choice, "take": True}).json()
    assert told["version"] is None
    assert versions.current_text(library, section) == "My own."
    client.post(f"/api/questions/{asked.id}/take-back", json={})
    assert feedback.all(library) == []
