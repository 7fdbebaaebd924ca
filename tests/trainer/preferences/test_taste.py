"""The taste between two runs: learned in a process of its own, from enough choices, asked by the pages."""

from __future__ import annotations

import pytest

from engine.home import Home
from engine.store import feedback, jobs, projects, questions
from engine.store.library import Library
from tests.trainer.runs.choices import add_choices
from trainer.preferences import taste

BRISK = "Rain fell. She ran. “Why?” No one came. It was late. The lamp died. “Stop!” he said."
SLOW = "The rain, which had been falling since the early morning over the roofs, would not end at all."


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Home]:
    """The homes for which a process would have been started."""
    homes: list[Home] = []

    class Done:
        def poll(self) -> int:
            return 0

    monkeypatch.setattr(taste, "_start", lambda home: homes.append(home) or Done())
    return homes


def test_a_few_choices_start_nothing(home: Home, library: Library, started: list[Home]) -> None:
    add_choices(library, taste.FEWEST - 1, 5)
    taste.look(home, library, [questions.add(library, prompt="p", text_a="One.", text_b="Two.")])
    assert started == []
    assert taste.evidence(home) is None
    assert taste.margins(home) == {}


def test_a_draft_under_way_keeps_the_machine_to_itself(
    home: Home, library: Library, started: list[Home]
) -> None:
    add_choices(library, 12, 6)
    project = projects.create(library, {}, "Busy", "story", "en", 500)
    jobs.submit(library, project.id, "draft", {})
    jobs.claim(library, "1-test")
    taste.look(home, library)
    assert started == []
    jobs.finish(library, jobs.all(library)[0].id, "1-test", "stopped")
    taste.look(home, library)
    assert started == [home]


def test_it_learns_looks_at_the_questions_and_learns_again_when_enough_is_new(
    home: Home, library: Library, started: list[Home]
) -> None:
    add_choices(library, 12, 6)
    asked = questions.add(library, prompt="A scene at the harbour.", text_a=BRISK, text_b=SLOW)
    taste.learn_and_look(home)
    told = taste.evidence(home)
    assert told is not None
    assert (told["records"], told["sentence"] != "") == (12, True)
    assert taste.margins(home)[asked.id].mean > 0
    taste.look(home, library, [asked])
    assert started == []
    second = questions.add(library, prompt="Another scene.", text_a=SLOW, text_b=BRISK)
    taste.look(home, library, [asked, second])
    assert started == [home]
    taste.learn_and_look(home)
    assert taste.margins(home)[second.id].mean < 0
    add_choices(library, taste.NEW, 5, seed=2)
    taste.look(home, library, [asked, second])
    assert len(started) == 2


def test_as_many_choices_deleted_as_added_are_a_change(
    home: Home, library: Library, started: list[Home]
) -> None:
    add_choices(library, 12, 6)
    taste.learn_and_look(home)
    for row in feedback.all(library)[: taste.NEW]:
        feedback.delete(library, row.id)
    add_choices(library, taste.NEW, 5, seed=2)
    taste.look(home, library)
    assert started == [home]


def test_one_choice_deleted_or_corrected_is_no_longer_spoken_for(
    home: Home, library: Library, started: list[Home]
) -> None:
    add_choices(library, 12, 6)
    taste.learn_and_look(home)
    row = feedback.all(library)[0]
    for changed in (lambda: feedback.delete(library, row.id), lambda: feedback.undelete(library, row.id)):
        changed()
        taste.look(home, library)
    assert len(started) == 1
    feedback.edit(library, row.id, choice="b")
    taste.look(home, library)
    assert len(started) == 2
    taste.learn_and_look(home)
    taste.look(home, library)
    assert len(started) == 2


def test_when_too_few_choices_are_left_what_was_learned_is_forgotten(home: Home, library: Library) -> None:
    add_choices(library, 12, 6)
    taste.learn_and_look(home)
    for row in feedback.all(library)[:4]:
        feedback.delete(library, row.id)
    taste.learn_and_look(home)
    assert taste.evidence(home) is None
    assert taste.margins(home) == {}


def test_files_that_cannot_be_read_count_as_none(home: Home) -> None:
    folder = home.cache / "taste"
    folder.mkdir()
    for name in (taste.EVIDENCE, taste.MARGINS):
        (folder / name).write_text("{")
    assert taste.evidence(home) is None
    assert taste.margins(home) == {}
