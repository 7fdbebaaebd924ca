"""Cards, samples, and what can be undone."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from engine.errors import BadInput
from engine.planning.brief import read_brief
from engine.store import jobs, outline, planned, projects
from engine.store.library import Library
from engine.store.schema import Project


def test_the_first_start_offers_a_novel_and_a_report(client: TestClient) -> None:
    told = client.get("/api/library").json()
    assert (told["projects"], list(told["samples"])) == ([], ["novel", "report"])


@pytest.mark.parametrize(
    ("name", "title", "goal"), [("novel", "The Light on Skarv", 12000), ("report", "Warm Without Oil", 6000)]
)
def test_a_sample_becomes_a_project_whose_targets_add_up(
    client: TestClient, library: Library, name: str, title: str, goal: int
) -> None:
    project = projects.get(library, client.post(f"/api/samples/{name}", json={}).json()["project"])
    assert (project.title, project.kind, project.goal_words) == (title, name, goal)
    assert project.brief["audience"]
    leaves = outline.leaves(library, project.id)
    assert len(leaves) >= 8
    assert sum(leaf.target for leaf in leaves) == goal
    assert all(leaf.node.beat for leaf in leaves)


def test_an_unknown_sample_is_404(client: TestClient) -> None:
    assert client.post("/api/samples/..%2Fcatalogue", json={}).status_code == 404


def test_what_is_deleted_or_archived_comes_back(client: TestClient, book: Project) -> None:
    for verb, undo in (("delete", "undelete"), ("archive", "unarchive")):
        assert client.post(f"/api/projects/{book.id}/{verb}", json={}).status_code == 200
        told = client.get("/api/library").json()
        assert [card["archived"] for card in told["projects"]] == ([True] if verb == "archive" else [])
        assert client.post(f"/api/projects/{book.id}/{undo}", json={}).status_code == 200
    card = client.get("/api/library").json()["projects"][0]
    assert (card["id"], card["archived"], card["sections"]) == (book.id, False, 3)


def test_a_project_whose_writer_was_killed_is_deleted_at_once(
    client: TestClient, library: Library, book: Project
) -> None:
    jobs.submit(library, book.id, "draft", {})
    jobs.claim(library, "1-gone", lease_seconds=600)
    assert client.post(f"/api/projects/{book.id}/delete", json={}).status_code == 200


def test_a_copy_is_a_project_of_its_own(client: TestClient, book: Project) -> None:
    copied = client.post(f"/api/projects/{book.id}/duplicate", json={}).json()["project"]
    assert copied != book.id
    assert {card["title"] for card in client.get("/api/library").json()["projects"]} == {
        "The Well",
        "The Well (copy)",
    }


def test_a_length_in_the_words_of_a_brief_is_checked_like_any_other(library: Library) -> None:
    with pytest.raises(BadInput, match="100,000,000 words are more than one project can hold"):
        planned.begin(library, read_brief("A novel of a hundred million words about snow."))
    assert projects.all(library) == []
