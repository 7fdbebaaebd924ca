"""The queue of questions and the list of answers, by the pages' own routes."""

from __future__ import annotations

import json

import pytest
from starlette.testclient import TestClient

from engine.home import Home
from engine.jobs.lock import WriterLock
from engine.store import feedback, jobs, projects, questions
from engine.store.library import Library
from engine.store.schema import Feedback, Project, Question


def ask(library: Library, book: Project | None = None, **columns: object) -> Question:
    texts = {"prompt": "A storm.", "text_a": "Rain fell.", "text_b": "Snow fell."}
    return questions.add(library, **{**texts, **columns}, project_id=book.id if book else None)


def test_an_empty_queue_offers_the_texts_to_write_pairs_for(client: TestClient, book: Project) -> None:
    told = client.get("/api/questions").json()
    assert (told["question"], told["waiting"], told["answered"]) == (None, 0, 0)
    assert told["projects"] == [{"id": book.id, "title": "The Well"}]


def test_a_text_sees_its_own_questions_and_those_of_no_text(
    client: TestClient, library: Library, book: Project
) -> None:
    other = projects.create(library, {}, "Other", "story", "en", 500)
    mine, nobodys, _ = ask(library, book), ask(library), ask(library, other)
    told = client.get("/api/questions", params={"project": book.id}).json()
    assert (told["question"]["id"], told["waiting"]) == (mine.id, 2)
    client.post(f"/api/questions/{mine.id}", json={"choice": "left"})
    assert client.get("/api/questions", params={"project": book.id}).json()["question"]["id"] == nobodys.id
    assert client.get("/api/questions").json()["waiting"] == 2


def test_an_answer_on_the_compare_page_touches_no_manuscript(
    client: TestClient, library: Library, book: Project
) -> None:
    asked = ask(library, book)
    told = client.post(f"/api/questions/{asked.id}", json={"choice": "right"}).json()
    assert told["version"] is None
    row = feedback.get(library, told["answer"])
    assert row.choice != asked.shown_left
    assert client.post(f"/api/questions/{asked.id}", json={"choice": "up"}).status_code == 422


def test_pairs_that_are_being_written_are_told_of_and_leave_no_draft_behind(
    client: TestClient, home: Home, library: Library, book: Project
) -> None:
    job = jobs.submit(library, book.id, "pairs", {"requests": []})
    with WriterLock(home.root) as lock:
        assert lock.acquire()
        assert client.get("/api/questions").json()["writing"]["id"] == job.id
        assert client.get("/api/desk", params={"project": book.id}).json()["draft"]["id"] == job.id
    jobs.ask(library, job.id, "pause")
    assert client.get("/api/desk", params={"project": book.id}).json()["draft"]["can_resume"] is True
    jobs.ask(library, job.id, "stop")
    assert client.get("/api/questions").json()["writing"]["can_resume"] is True
    assert client.get("/api/desk", params={"project": book.id}).json()["draft"] is None


@pytest.fixture
def rows(library: Library, book: Project) -> list[Feedback]:
    return [
        feedback.add(library, kind="thumb", choice="up", prompt="Storm.", text_a="Rain.", project_id=book.id),
        feedback.add(library, kind="ab", choice="tie", prompt="Storm.", text_a="Rain.", text_b="Snow."),
        feedback.add(library, kind="rating", rating=4, prompt="Storm.", text_a="Rain fell."),
    ]


@pytest.mark.parametrize(
    ("filters", "kinds"),
    [
        ({}, ["rating", "ab", "thumb"]),
        ({"kind": "ab"}, ["ab"]),
        ({"choice": "up"}, ["thumb"]),
        ({"shown": 2}, ["rating", "ab"]),
        ({"deleted": True}, []),
    ],
)
def test_the_list_filters(
    client: TestClient, rows: list[Feedback], filters: dict[str, object], kinds: list[str]
) -> None:
    told = client.get("/api/answers", params=filters).json()
    assert [row["kind"] for row in told["answers"]] == kinds


def test_one_text_shows_its_own_answers(client: TestClient, rows: list[Feedback], book: Project) -> None:
    told = client.get("/api/answers", params={"project": book.id}).json()
    assert [(row["kind"], row["project"]) for row in told["answers"]] == [("thumb", "The Well")]


def test_an_answer_is_opened_corrected_deleted_and_brought_back(
    client: TestClient, library: Library, rows: list[Feedback]
) -> None:
    pair = rows[1].id
    assert client.get(f"/api/answers/{pair}").json()["text_b"] == "Snow."
    client.post(f"/api/answers/{pair}", json={"choice": "b", "note": "The colder one."})
    row = feedback.get(library, pair)
    assert (row.choice, row.note) == ("b", "The colder one.")
    assert client.post(f"/api/answers/{pair}", json={"choice": "up"}).status_code == 400
    client.post(f"/api/answers/{pair}/delete", json={})
    told = client.get("/api/answers").json()
    assert (told["count"], told["deleted"]) == (2, 1)
    client.post(f"/api/answers/{pair}/undelete", json={})
    assert client.get("/api/answers").json()["count"] == 3


def test_what_goes_out_as_a_file_comes_in_again(client: TestClient, library: Library) -> None:
    questions.answer(library, ask(library).id, "a")
    out = client.get("/export-answers/preferences.jsonl")
    assert "preferences.jsonl" in out.headers["content-disposition"]
    (line,) = [json.loads(line) for line in out.text.splitlines()]
    assert (line["prompt"], line["chosen"]) == ("A storm.", "Rain fell.")
    mixed = out.text + '{"prompt": "Night.", "chosen": "Dark.", "rejected": "Light."}\n{"prompt": 1}\n'
    told = client.post("/api/answers-file", json={"name": "mine.jsonl", "text": mixed}).json()
    assert (told["added"], told["known"], [one["line"] for one in told["problems"]]) == (1, 1, [3])


def test_a_file_without_a_usable_line_is_refused(client: TestClient, library: Library) -> None:
    answer = client.post("/api/answers-file", json={"name": "mine.jsonl", "text": "{}\nnothing"})
    assert answer.status_code == 400
    assert "mine.jsonl" in answer.json()["error"]
    assert feedback.count(library) == 0
