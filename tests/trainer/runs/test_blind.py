"""The blind comparison: sides are drawn once, and the answers are feedback like any other."""

from __future__ import annotations

import pytest

from engine.errors import BadInput, NotFound
from engine.home import Home
from engine.store import feedback
from engine.store.library import Library
from trainer.runs import blind
from trainer.runs.folder import RunFolder
from trainer.runs.settings import RunSettings


def pairs(count: int, prompts: int) -> list[blind.Pair]:
    return [
        blind.Pair(f"{n}", f"Request {n % prompts}", f"base {n}", f"tuned {n}", model="m", seed=n)
        for n in range(count)
    ]


@pytest.fixture
def run(home: Home) -> RunFolder:
    return RunFolder.create(home, RunSettings())


def side_of_tuned(question: blind.Question) -> blind.Side:
    return "left" if question.left.startswith("tuned") else "right"


def test_sides_are_drawn_and_stay_as_they_were_drawn(run: RunFolder) -> None:
    assert blind.lay_out(run, pairs(40, 40), 20, seed=1) == 20
    first = blind.questions(run)
    assert {side_of_tuned(question) for question in first} == {"left", "right"}
    assert blind.lay_out(run, pairs(40, 40), 20, seed=2) == 20
    assert blind.questions(run) == first


def test_different_requests_come_first_and_equal_texts_never(run: RunFolder) -> None:
    same = [blind.Pair("x", "Request x", "one text", "one text"), blind.Pair("y", "Request y", "", "text")]
    blind.lay_out(run, [*same, *pairs(12, 6)], 6, seed=1)
    assert len({question.prompt for question in blind.questions(run)}) == 6


def test_answers_are_counted_and_become_feedback(run: RunFolder, library: Library) -> None:
    blind.lay_out(run, pairs(3, 3), 3, seed=4)
    first, second, third = blind.questions(run)
    blind.answer(library, run, first.key, side_of_tuned(first))
    blind.answer(library, run, second.key, "left" if side_of_tuned(second) == "right" else "right")
    told = blind.answer(library, run, third.key, "tie")
    assert (told.tuned, told.base, told.ties, told.win_rate.value) == (1, 1, 1, 0.5)
    rows = feedback.all(library, kind="ab")
    assert sorted(row.choice or "" for row in rows) == ["a", "b", "tie"]
    for row in rows:
        assert row.text_a.startswith("base")
        assert run.id in row.source


def test_a_second_answer_corrects_the_first(run: RunFolder, library: Library) -> None:
    blind.lay_out(run, pairs(1, 1), 1, seed=4)
    question = blind.questions(run)[0]
    blind.answer(library, run, question.key, "tie")
    told = blind.answer(library, run, question.key, side_of_tuned(question))
    assert (told.answered, told.tuned) == (1, 1)
    assert [row.choice for row in feedback.all(library)] == ["b"]


def test_what_was_not_asked_cannot_be_answered(run: RunFolder, library: Library) -> None:
    with pytest.raises(NotFound):
        blind.answer(library, run, "0", "left")
    with pytest.raises(BadInput):
        blind.answer(library, run, "0", "middle")  # type: ignore[arg-type]
    assert blind.result(run).win_rate.value is None
