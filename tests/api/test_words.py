"""A writer never reads a job's or a model's own words."""

from __future__ import annotations

import pytest

from app.api.words import FINISHES, ORIGINS, draft_view, sentence
from engine.store.schema import Job

FORBIDDEN = ("job", "node", "token", "adapter", "checkpoint")


def job(**more: object) -> Job:
    return Job(project_id="p", kind="draft", **more)


@pytest.mark.parametrize("state", ["queued", "running", "paused", "stopped", "done", "failed", "interrupted"])
@pytest.mark.parametrize("phase", ["waiting", "loading", "planning", "writing", "finished"])
def test_every_state_has_a_sentence_in_a_writers_words(state: str, phase: str) -> None:
    said = sentence(job(progress={"phase": phase}), state)
    assert said
    assert not any(word in said.lower() for word in FORBIDDEN)


def test_every_origin_and_ending_has_a_name() -> None:
    for origin in ("draft", "regenerate", "variant", "edit", "restore", "conflict", "import"):
        assert origin in ORIGINS
    for finish in ("complete", "short", "long", "stopped", "empty", "repeating", "clipped", "failed"):
        assert finish in FINISHES


def finished(*finishes: str, kind: str = "draft") -> Job:
    sections = [
        {
            "node_id": "n",
            "version_id": "v",
            "title": f"Part {place}",
            "words_target": 60,
            "words": 0,
            "finish": how,
        }
        for place, how in enumerate(finishes, start=1)
    ]
    return Job(project_id="p", kind=kind, result={"sections": sections})


@pytest.mark.parametrize(
    ("finishes", "said"),
    [
        (["complete", "complete"], "Finished"),
        (["complete", "empty"], "Finished, but “Part 2” has no text"),
        (
            ["short", "empty", "empty"],
            "Finished, but “Part 2” and “Part 3” have no text; “Part 1” is shorter than asked",
        ),
        (["clipped"], "Finished, but “Part 1” ends inside a sentence"),
        (["empty"] * 5, "Finished, but “Part 1”, “Part 2” and 3 more sections have no text"),
    ],
)
def test_a_finished_draft_says_which_sections_are_not_as_asked(finishes: list[str], said: str) -> None:
    job = finished(*finishes)
    assert sentence(job, "done") == said
    assert draft_view(job, "done")["lacking"] == (said != "Finished")


def test_a_finished_outline_lacks_nothing() -> None:
    assert sentence(Job(project_id="p", kind="outline", result={"sections": 3}), "done") == "Finished"


def test_a_failed_draft_says_why() -> None:
    assert sentence(job(error="The disk is full."), "failed") == "The disk is full."


def test_a_pause_that_was_asked_for_shows_at_once() -> None:
    assert sentence(job(control="pause"), "running") == "Pausing…"
    assert sentence(job(), "queued", others_wait=True) == "Waiting for another book's draft"


def test_sections_are_only_current_while_they_are_written() -> None:
    paused = job(progress={"current": ["a"]})
    assert draft_view(paused, "running")["current"] == ["a"]
    assert draft_view(paused, "paused")["current"] == []
