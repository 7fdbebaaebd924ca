"""The Write page as a whole, and following a draft piece by piece."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from starlette.testclient import TestClient

from engine.home import Home
from engine.jobs.lock import WriterLock
from engine.store import jobs, outline, projects, versions
from engine.store.library import Library
from engine.store.schema import Project


def follow(client: TestClient, book: Project, **asked: object) -> dict[str, Any]:
    answer = client.get("/api/follow", params={"project": book.id, **asked})
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def test_the_desk_tells_asked_got_and_what_is_left(
    client: TestClient, library: Library, book: Project
) -> None:
    leaves = outline.leaves(library, book.id)
    versions.save_edit(library, leaves[0].node.id, "One two three.", None)
    outline.lock(library, leaves[1].node.id)
    told = client.get("/api/desk", params={"project": book.id}).json()
    assert told["project"]["words"] == 3
    assert told["project"]["target_words"] == told["project"]["goal_words"] == 900
    assert told["project"]["unfinished"] == 1
    assert [row["depth"] for row in told["outline"]] == [0, 1, 1, 0, 1]
    assert told["draft"] is None


def test_a_half_draft_that_the_writer_changed_can_be_drafted_on_from_the_page(
    client: TestClient, library: Library, book: Project
) -> None:
    def left() -> int:
        return int(client.get("/api/desk", params={"project": book.id}).json()["project"]["unfinished"])

    first, *others = (row.node.id for row in outline.leaves(library, book.id))
    for other in others:
        outline.lock(library, other)
    draft = versions.open_draft(library, first, "draft", "m", 1, {}, {}, None)
    versions.append(library, [(draft.id, "text", "The rope was cut")])
    versions.seal(library, draft.id, "stopped", 4)
    assert left() == 1
    versions.save_edit(library, first, "The rope was cut at noon.", draft.id)
    assert left() == 1
    versions.save_edit(library, first, "Rope " * 290, outline.get(library, first).version_id)
    assert left() == 0


def test_a_draft_is_followed_from_where_the_page_is(
    client: TestClient, library: Library, book: Project
) -> None:
    first = outline.leaves(library, book.id)[0].node.id
    job = jobs.submit(library, book.id, "draft", {})
    jobs.claim(library, "me")
    draft = versions.open_draft(library, first, "draft", "tiny", 0, {}, {}, job.id)
    versions.append(library, [(draft.id, "text", "One two ")])
    told = follow(client, book, section=first)["section"]
    assert (told["reset"], told["sealed"]) == (True, False)
    versions.append(
        library, [(draft.id, "think", "hm"), (draft.id, "text", "three."), (draft.id, "cut", "three.")]
    )
    after = follow(client, book, section=first, version=draft.id, after=told["after"])
    assert [(one["channel"], one["text"]) for one in after["section"]["pieces"]] == [
        ("think", "hm"), ("text", "three."), ("cut", "three."),
    ]  # fmt: skip
    assert after["live"] == [{"section": first, "words": 2}]
    versions.seal(library, draft.id, "complete", 2)
    sealed = follow(client, book, section=first, version=draft.id, after=after["section"]["after"])["section"]
    assert (sealed["sealed"], sealed["text"]) == (True, "One two ")


def test_a_text_counts_until_the_one_that_takes_its_place_is_finished(
    client: TestClient, library: Library, book: Project
) -> None:
    first, second, _third = (row.node.id for row in outline.leaves(library, book.id))
    versions.save_edit(library, first, "One two three.", None)
    job = jobs.submit(library, book.id, "draft", {})
    jobs.claim(library, "me")
    again = versions.open_draft(library, first, "regenerate", "tiny", 0, {}, {}, job.id)
    new = versions.open_draft(library, second, "draft", "tiny", 0, {}, {}, job.id)
    versions.append(library, [(again.id, "text", "Four "), (new.id, "text", "Five six ")])
    assert follow(client, book)["live"] == [{"section": second, "words": 2}]


def test_a_page_that_has_the_text_does_not_get_it_again(
    client: TestClient, library: Library, book: Project
) -> None:
    first = outline.leaves(library, book.id)[0].node.id
    saved = versions.save_edit(library, first, "Long text.", None)
    told = follow(client, book, section=first, version=saved.id, after=0, sealed=True)["section"]
    assert (told["version"], told["text"]) == (saved.id, None)
    newer = versions.save_edit(library, first, "Newer text.", saved.id)
    told = follow(client, book, section=first, version=saved.id, after=0, sealed=True)["section"]
    assert (told["version"], told["reset"], told["text"]) == (newer.id, True, "Newer text.")


def test_a_removed_section_is_told_as_none(client: TestClient, library: Library, book: Project) -> None:
    first = outline.leaves(library, book.id)[0].node.id
    outline.remove(library, first)
    assert follow(client, book, section=first)["section"] is None


def test_a_draft_whose_process_is_gone_can_be_resumed(
    client: TestClient, library: Library, book: Project
) -> None:
    jobs.submit(library, book.id, "draft", {})
    jobs.claim(library, "a process that died")
    draft = follow(client, book)["draft"]
    assert (draft["state"], draft["busy"], draft["can_resume"]) == ("interrupted", False, True)
    assert "every word is kept" in draft["sentence"]


def test_a_draft_is_not_cut_off_while_the_writer_that_has_it_may_be_waking(
    client: TestClient, home: Home, library: Library, book: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = jobs.submit(library, book.id, "draft", {})
    jobs.claim(library, "asleep", lease_seconds=-1)
    with WriterLock(home.root) as lock:
        assert lock.acquire()
        assert follow(client, book)["draft"]["state"] == "running"
        assert client.get("/api/library").json()["projects"][0]["state"] == "Being written"
        jobs.renew(library, job.id, "asleep")
        assert follow(client, book)["draft"]["state"] == "running"
        jobs.renew(library, job.id, "asleep", lease_seconds=-1)
        monkeypatch.setattr("engine.jobs.watching.WAKING_SECONDS", 0.0)
        assert follow(client, book)["draft"]["state"] == "interrupted"


def test_a_second_draft_of_a_book_is_refused_with_a_sentence(
    client: TestClient, library: Library, book: Project
) -> None:
    jobs.submit(library, book.id, "draft", {})
    answer = client.post("/api/draft", json={"project": book.id})
    assert answer.status_code == 409
    assert "already" in answer.json()["error"]


def test_a_locked_section_is_not_drafted(client: TestClient, library: Library, book: Project) -> None:
    first = outline.leaves(library, book.id)[0].node.id
    outline.lock(library, first)
    answer = client.post("/api/draft", json={"project": book.id, "sections": [first]})
    assert answer.status_code == 409
    assert "locked" in answer.json()["error"]


def test_a_waiting_draft_can_be_stopped_without_a_writer(
    client: TestClient, library: Library, book: Project
) -> None:
    job = jobs.submit(library, book.id, "draft", {})
    assert client.post(f"/api/draft/{job.id}/stop", json={}).status_code == 200
    assert jobs.get(library, job.id).state == "stopped"


def test_an_interrupted_draft_says_so_and_can_be_stopped_from_the_page(
    client: TestClient, library: Library, book: Project
) -> None:
    job = jobs.submit(library, book.id, "draft", {})
    jobs.claim(library, "a process that died", lease_seconds=-1)
    refused = client.post("/api/draft", json={"project": book.id})
    assert refused.status_code == 409
    assert "is interrupted already: resume it or stop it first" in refused.json()["error"]
    assert client.post(f"/api/draft/{job.id}/stop", json={}).status_code == 200
    assert follow(client, book)["draft"]["state"] == "stopped"


def test_a_writing_that_cannot_start_is_one_sentence_and_can_be_resumed(
    client: TestClient, home: Home, book: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = home.root / "no-python"
    broken.write_text("#!/bin/sh\nexit 7\n", encoding="utf-8")
    broken.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(broken))
    refused = client.post("/api/draft", json={"project": book.id})
    assert refused.status_code == 503
    assert "did not start" in refused.json()["error"]
    draft = follow(client, book)["draft"]
    assert (draft["state"], draft["can_resume"]) == ("failed", True)
    assert draft["sentence"] == refused.json()["error"]
    again = client.post(f"/api/draft/{draft['id']}/resume")
    assert again.json()["error"] == draft["sentence"]
    assert follow(client, book)["draft"]["can_resume"] is True


def test_a_program_that_is_gone_is_one_sentence(
    client: TestClient, home: Home, book: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(home.root / "not-there"))
    refused = client.post("/api/draft-outline", json={"project": book.id})
    assert (refused.status_code, "did not start" in refused.json()["error"]) == (503, True)


def test_a_draft_that_waits_while_no_writer_lives_gets_one(
    client: TestClient, home: Home, library: Library, book: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = jobs.submit(library, book.id, "draft", {})
    with WriterLock(home.root) as lock:
        assert lock.acquire()
        assert follow(client, book)["draft"]["state"] == "queued"
    monkeypatch.setattr(sys, "executable", str(home.root / "not-there"))
    assert follow(client, book)["draft"]["state"] == "failed"  # it was tried
    assert "did not start" in (jobs.get(library, job.id).error or "")


def test_a_draft_whose_process_is_gone_is_nobody_to_wait_for(
    client: TestClient, home: Home, library: Library, book: Project
) -> None:
    other = projects.create(library, {}, "Another book", "novel", "en", 500)
    jobs.submit(library, other.id, "draft", {})
    jobs.claim(library, "a process that died", lease_seconds=-1)
    jobs.submit(library, book.id, "draft", {})
    with WriterLock(home.root) as lock:
        assert lock.acquire()
        assert follow(client, book)["draft"]["sentence"] == "Starting…"


def test_what_is_under_way_is_told_before_what_came_last(
    client: TestClient, home: Home, library: Library, book: Project
) -> None:
    older = jobs.submit(library, book.id, "draft", {})
    jobs.ask(library, older.id, "stop")
    newer = jobs.submit(library, book.id, "draft", {})
    jobs.ask(library, newer.id, "stop")
    assert follow(client, book)["draft"]["id"] == newer.id
    jobs.resume(library, older.id)
    with WriterLock(home.root) as lock:
        assert lock.acquire()
        assert follow(client, book)["draft"]["id"] == older.id
