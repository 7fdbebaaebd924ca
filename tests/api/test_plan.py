"""The editable outline by the page's own routes."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from engine.store import outline, projects, versions
from engine.store.library import Library
from engine.store.schema import Project


def edit(client: TestClient, book: Project, verb: str, node: str = "", **more: object) -> dict[str, Any]:
    answer = client.post(f"/api/outline/{book.id}", json={"verb": verb, "id": node, **more})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def titles(told: dict[str, Any]) -> list[str]:
    return [f"{row['number']} {row['title']}" for row in told["outline"]]


def test_every_change_answers_with_an_outline_that_adds_up(
    client: TestClient, library: Library, book: Project
) -> None:
    first, second, third = (row.node.id for row in outline.leaves(library, book.id))
    new = edit(client, book, "insert", third, text="The reply")["changed"]
    steps = [("rename", {"text": "An answer"}), ("beat", {"text": "It comes."}), ("target", {"words": 300}),
             ("up", {}), ("down", {}), ("outdent", {}), ("indent", {}), ("lock", {"flag": True})]  # fmt: skip
    for verb, more in steps:
        told = edit(client, book, verb, new, **more)
        assert told["project"]["target_words"] == 900, verb
    assert titles(told)[-1] == "2.2 An answer"
    assert told["outline"][-1]["locked"]
    edit(client, book, "lock", new, flag=False)
    assert len(edit(client, book, "remove", second)["outline"]) == 5
    assert "1.2 The bucket" in titles(edit(client, book, "restore", second))
    assert first in [row["id"] for row in client.get(f"/api/outline/{book.id}").json()["outline"]]


def test_what_any_window_removed_is_listed_until_it_is_restored(
    client: TestClient, library: Library, book: Project
) -> None:
    first = outline.leaves(library, book.id)[0].node.id
    versions.save_edit(library, first, "Two words.", None)
    client.post(f"/api/outline/{book.id}/paste", json={"markdown": "# Another\n# Outline", "keep": True})
    gone = client.get(f"/api/outline/{book.id}").json()["removed"]
    assert [(one["title"], one["words"]) for one in gone] == [("Morning", 2), ("Evening", 0)]
    assert edit(client, book, "restore", gone[0]["id"])["removed"] == gone[1:]


def test_moving_up_at_the_top_changes_nothing(client: TestClient, library: Library, book: Project) -> None:
    first = outline.leaves(library, book.id)[0].node.id
    before = titles(client.get(f"/api/outline/{book.id}").json())
    assert titles(edit(client, book, "up", first)) == before


def test_a_long_section_is_split_and_nothing_else_changes(
    client: TestClient, library: Library, book: Project
) -> None:
    client.post(f"/api/outline/{book.id}/paste", json={"markdown": "# A\n# B"})
    projects.update(library, book.id, goal_words=2600)
    most = client.get(f"/api/outline/{book.id}").json()["most"]
    first = outline.leaves(library, book.id)[0].node.id
    told = edit(client, book, "split", first)
    *parts, last = told["outline"]
    assert titles(told)[:2] == ["1 A, part one", "2 A, part two"]
    assert all(part["target"] <= most for part in parts)
    assert sum(part["target"] for part in parts) == last["target"] == 1300
    assert (told["changed"], last["title"]) == (first, "B")


def test_all_long_sections_are_split_by_one_action(
    client: TestClient, library: Library, book: Project
) -> None:
    projects.update(library, book.id, goal_words=6000)
    first = outline.leaves(library, book.id)[0].node.id
    told = edit(client, book, "split-all")
    assert told["changed"] == first
    assert all(row["target"] <= told["most"] for row in told["outline"] if row["leaf"])
    assert told["project"]["target_words"] == 6000
    refused = client.post(f"/api/outline/{book.id}", json={"verb": "split-all"})
    assert refused.status_code == 400
    assert "can be written in one go" in refused.json()["error"]


def test_an_outline_of_one_long_section_can_be_split(
    client: TestClient, library: Library, book: Project
) -> None:
    only = outline.insert(library, projects.create(library, {}, "One", "story", "en", 2000).id, "All of it")
    told = client.post(f"/api/outline/{only.project_id}", json={"verb": "split", "id": only.id}).json()
    targets = [row["target"] for row in told["outline"]]
    assert len(targets) > 1
    assert sum(targets) == 2000
    assert max(targets) - min(targets) <= 1


@pytest.mark.parametrize(("verb", "name"), [("beat", "beat"), ("rename", "title")])
def test_a_stale_window_is_told_what_the_other_one_says(
    client: TestClient, library: Library, book: Project, verb: str, name: str
) -> None:
    first = outline.leaves(library, book.id)[0]
    old = getattr(first.node, name)
    edit(client, book, verb, first.node.id, text="Theirs", base=old)
    refused = client.post(
        f"/api/outline/{book.id}", json={"verb": verb, "id": first.node.id, "text": "Mine", "base": old}
    )
    assert refused.status_code == 409
    assert refused.json()["theirs"] == "Theirs"
    assert "it says “Theirs” there" in refused.json()["error"]
    assert getattr(outline.get(library, first.node.id), name) == "Theirs"
    edit(client, book, verb, first.node.id, text="Mine", base="Theirs")
    assert getattr(outline.get(library, first.node.id), name) == "Mine"


def test_a_pasted_outline_takes_the_place_of_an_empty_one(client: TestClient, book: Project) -> None:
    told = client.post(f"/api/outline/{book.id}/paste", json={"markdown": "# One (450 words)\n# Two"}).json()
    assert [(row["title"], row["target"]) for row in told["outline"]] == [("One", 450), ("Two", 450)]


def test_a_pasted_outline_never_drops_text_unasked(
    client: TestClient, library: Library, book: Project
) -> None:
    first = outline.leaves(library, book.id)[0].node.id
    versions.save_edit(library, first, "Text.", None)
    pasted = {"markdown": "# Morning\n## The rope\n# Night\n## The end"}
    assert client.post(f"/api/outline/{book.id}/paste", json=pasted).status_code == 400
    kept = client.post(f"/api/outline/{book.id}/paste", json=pasted | {"keep": True})
    assert kept.status_code == 200
    assert versions.current_text(library, first) == "Text."


@pytest.mark.parametrize("markdown", ["", "no heading", "\n".join(f"# {n}" for n in range(2000))])
def test_an_outline_that_cannot_be_used_changes_nothing(
    client: TestClient, book: Project, markdown: str
) -> None:
    before = client.get(f"/api/outline/{book.id}").json()["outline"]
    answer = client.post(f"/api/outline/{book.id}/paste", json={"markdown": markdown})
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")
    assert client.get(f"/api/outline/{book.id}").json()["outline"] == before


def test_the_outline_comes_back_as_markdown(client: TestClient, book: Project) -> None:
    markdown = client.get(f"/api/outline/{book.id}/markdown").json()["markdown"]
    told = client.post(f"/api/outline/{book.id}/paste", json={"markdown": markdown}).json()
    assert [row["title"] for row in told["outline"]] == [
        "Morning",
        "The rope",
        "The bucket",
        "Evening",
        "The letter",
    ]
