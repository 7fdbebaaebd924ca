"""Questions are made once, answered once, and every answer can be taken back."""

from __future__ import annotations

import pytest

from engine.errors import BadInput, NotFound
from engine.store import feedback, questions
from engine.store.library import Library
from engine.store.schema import Project, Question


def ask(library: Library, **columns: object) -> Question:
    texts = {"prompt": "A storm.", "text_a": "Rain fell.", "text_b": "It rained all night."}
    return questions.add(library, **{**texts, **columns})


def test_a_question_draws_its_sides_once_and_counts_its_words(library: Library) -> None:
    made = ask(library)
    assert made.shown_left in ("a", "b")
    assert (made.words_a, made.words_b) == (2, 4)
    assert questions.get(library, made.id).shown_left == made.shown_left


def test_both_sides_come_at_the_left_over_many_questions(library: Library) -> None:
    assert {ask(library).shown_left for _ in range(40)} == {"a", "b"}


def test_a_pair_that_a_killed_job_writes_again_is_asked_once(library: Library) -> None:
    assert ask(library, seed_a=1, seed_b=2).id == ask(library, seed_a=1, seed_b=2).id
    assert ask(library, seed_a=3, seed_b=4).id != ask(library, seed_a=1, seed_b=2).id


def test_an_answer_is_feedback_with_everything_that_the_question_knew(
    library: Library, project: Project
) -> None:
    written_by = {"model": "tiny", "adapter": "mine", "seed_a": 1, "seed_b": 2, "sampling": {"think": "off"}}
    messages = [{"role": "user", "content": "A storm."}]
    made = ask(library, project_id=project.id, shown_left="b", messages=messages, **written_by)
    row = questions.answer(library, made.id, "b")
    assert (row.kind, row.choice, row.shown_left, row.seed_a, row.seed_b) == ("ab", "b", "b", 1, 2)
    assert (row.model, row.adapter, row.sampling, row.project_id) == (
        "tiny",
        "mine",
        {"think": "off"},
        project.id,
    )
    assert row.messages == [{"role": "user", "content": "A storm."}]
    assert questions.waiting(library) == []
    assert questions.counts(library) == (0, 1)


def test_a_second_answer_changes_nothing(library: Library) -> None:
    made = ask(library)
    first = questions.answer(library, made.id, "a")
    assert questions.answer(library, made.id, "b").id == first.id
    assert [row.choice for row in feedback.all(library)] == ["a"]


def test_an_answer_that_is_taken_back_waits_again(library: Library) -> None:
    made = ask(library)
    questions.answer(library, made.id, "skip")
    questions.take_back(library, made.id)
    assert [question.id for question in questions.waiting(library)] == [made.id]
    assert feedback.count(library) == 0
    assert questions.answer(library, made.id, "tie").choice == "tie"


def test_a_project_sees_its_own_questions(library: Library, project: Project) -> None:
    mine = ask(library, project_id=project.id)
    ask(library)
    assert [question.id for question in questions.waiting(library, project.id)] == [mine.id]
    assert questions.counts(library, project.id) == (1, 0)


def test_what_cannot_be_asked_or_chosen_is_refused(library: Library) -> None:
    with pytest.raises(BadInput):
        ask(library, text_b="  ")
    with pytest.raises(BadInput):
        questions.answer(library, ask(library).id, "up")
    with pytest.raises(NotFound):
        questions.answer(library, "none", "a")


def test_erasing_an_answer_erases_the_texts_of_its_question(library: Library) -> None:
    made = ask(library)
    row = questions.answer(library, made.id, "a")
    again = ask(library, repeat_of=row.id)
    assert questions.repeated(library) == {row.id}
    feedback.erase(library, row.id)
    with pytest.raises(NotFound):
        questions.get(library, made.id)
    assert questions.get(library, again.id).repeat_of is None
