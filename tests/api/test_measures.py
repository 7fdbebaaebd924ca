"""How much a text repeats itself and what was written today, by plain HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from app.api import measures
from engine.store import outline, versions
from engine.store.library import Library
from engine.store.schema import Project
from engine.text import repetition

TWICE = "The rope was cut in the night. The rope was cut in the night."


def repeats(client: TestClient, book: Project, **asked: object) -> dict[str, Any]:
    answer = client.get("/api/repetition", params={"project": book.id, **asked})
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts that were really measured."""
    texts: list[str] = []

    def measure(text: str) -> repetition.Repetition:
        texts.append(text)
        return repetition.measure(text)

    monkeypatch.setattr(measures, "measure", measure)
    return texts


def test_a_book_without_text_has_no_figures(client: TestClient, book: Project, measured: list[str]) -> None:
    assert repeats(client, book) == {"section": None, "book": None, "words": 0}
    assert measured == []


def test_the_figures_are_those_of_the_section_and_of_the_whole_book(
    client: TestClient, library: Library, book: Project
) -> None:
    first, second, _third = [row.node.id for row in outline.leaves(library, book.id)]
    versions.save_edit(library, first, TWICE, None)
    versions.save_edit(library, second, "Nothing here was said before. Not a word of it.", None)
    told = repeats(client, book, section=first)
    assert told["section"]["sentences"] == 0.5
    assert 0 < told["section"]["phrases"] < 0.5
    assert told["book"]["sentences"] == 0.25
    assert repeats(client, book, section=second)["section"] == {"sentences": 0, "phrases": 0}


def test_a_text_is_measured_once_and_a_changed_section_alone_again(
    client: TestClient, library: Library, book: Project, measured: list[str]
) -> None:
    first, second, _third = [row.node.id for row in outline.leaves(library, book.id)]
    saved = versions.save_edit(library, first, TWICE, None)
    versions.save_edit(library, second, "Other words.", None)
    for _ in range(3):
        repeats(client, book, section=first)
        repeats(client, book, section=second)
    assert measured == [TWICE, f"{TWICE}\n\nOther words.\n\n", "Other words."]
    versions.save_edit(library, first, "Changed.", saved.id)
    repeats(client, book, section=second)
    assert measured[3:] == ["Changed.\n\nOther words.\n\n"]


def test_a_long_book_is_measured_only_on_request_and_then_remembered(
    client: TestClient, library: Library, book: Project, measured: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measures, "MEASURED_UNASKED", 10)
    versions.save_edit(library, outline.leaves(library, book.id)[0].node.id, TWICE, None)
    told = repeats(client, book)
    assert (told["book"], told["words"], measured) == (None, 14, [])
    assert repeats(client, book, whole=True)["book"]["sentences"] == 0.5
    assert repeats(client, book)["book"]["sentences"] == 0.5
    assert len(measured) == 1


def test_following_a_draft_measures_nothing(
    client: TestClient, library: Library, book: Project, measured: list[str]
) -> None:
    first = outline.leaves(library, book.id)[0].node.id
    versions.save_edit(library, first, TWICE, None)
    client.get("/api/follow", params={"project": book.id, "section": first})
    client.get("/api/desk", params={"project": book.id})
    assert measured == []


def test_the_desk_tells_the_words_of_today(client: TestClient, library: Library, book: Project) -> None:
    versions.save_edit(library, outline.leaves(library, book.id)[0].node.id, "One two three.", None)
    told = client.get("/api/desk", params={"project": book.id}).json()
    assert told["today"] == {"words": 3, "own": 3, "drafted": 0}
