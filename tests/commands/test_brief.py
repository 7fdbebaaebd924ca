"""`longwright brief`: the fields of the Plan page, shown and changed at the terminal."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.drafting.settings import DraftSettings
from engine.store import jobs, models, outline, projects
from engine.store.library import Library
from engine.store.schema import Project
from tests.commands.conftest import Ran
from tests.jobs.conftest import make_project

Longwright = Callable[..., Ran]


@pytest.fixture
def book(library: Library) -> Project:
    return make_project(library, [200, 200], "The Pier")


def test_the_brief_is_shown_as_it_is(longwright: Longwright, library: Library, book: Project) -> None:
    shown = longwright("brief", "The Pier").out.splitlines()
    assert shown[0] == "Title: The Pier"
    assert "Length in words: 400" in shown
    assert shown[-1] == "How much it sees at once: as usual"
    told = longwright("brief", book.id, "--json").data
    assert (told["project"], told["kind"], told["words_target"]) == (book.id, "story", 400)
    assert (told["think"], told["parallel"], told["context"]) == ("auto", 1, 0)


def test_what_is_given_is_changed_and_the_rest_stays(
    longwright: Longwright, library: Library, book: Project
) -> None:
    models.add(library, "newer", "server", "http://127.0.0.1:1/v1")
    text = ["--title", "The Dry Pier", "--kind", "novel", "--premise", "A boy.", "--audience", "children"]
    more = ["--style", "calm", "--language", "deutsch", "--words", "900"]
    drafting = ["--model", "newer", "--think", "on", "--parallel", "2", "--context", "4096"]
    told = longwright("brief", book.id, *text, *more, *drafting, "--json").data
    kept = projects.get(library, book.id)
    assert (kept.title, kept.kind, kept.language, kept.goal_words) == ("The Dry Pier", "novel", "de", 900)
    assert (kept.brief["premise"], kept.brief["audience"], kept.brief["style"]) == (
        "A boy.",
        "children",
        "calm",
    )
    settings = DraftSettings.model_validate(kept.settings)
    assert (settings.model, settings.think, settings.parallel, settings.context) == ("newer", "on", 2, 4096)
    assert settings.seed == 3
    assert sum(leaf.target for leaf in outline.leaves(library, book.id)) == 900
    assert (told["title"], told["words_target"], told["context"]) == ("The Dry Pier", 900, 4096)
    longwright("brief", book.id, "--context", "0")
    assert projects.get(library, book.id).settings["context"] is None


def test_of_several_changes_all_are_made_or_none(
    longwright: Longwright, library: Library, book: Project
) -> None:
    ran = longwright("brief", book.id, "--audience", "children", "--words", "3")
    assert (ran.code, len(ran.err.strip().splitlines())) == (1, 1)
    ran = longwright("brief", book.id, "--audience", "children", "--think", "sometimes")
    assert (ran.code, "cannot be chosen" in ran.err) == (1, True)
    assert projects.get(library, book.id).brief.get("audience", "") == ""


def test_the_length_is_not_changed_under_a_draft(
    longwright: Longwright, library: Library, book: Project
) -> None:
    jobs.submit(library, book.id, "draft", {})
    ran = longwright("brief", book.id, "--words", "900")
    assert (ran.code, "change the length when it rests" in ran.err) == (1, True)
    assert longwright("brief", book.id, "--style", "calm").code == 0


def test_too_little_in_sight_is_wrong_usage(longwright: Longwright, book: Project) -> None:
    assert longwright("brief", book.id, "--context", "100").code == 2
