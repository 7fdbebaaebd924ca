"""The order of the questions, and the tenth that is asked again."""

from __future__ import annotations

from engine.store import feedback, questions
from engine.store.library import Library
from engine.store.schema import Question
from trainer.preferences import queue
from trainer.preferences.queue import Margin

SHORT = "Rain fell all night long."
EQUAL = "Snow came down at dawn."
LONG = "Rain fell all night long, and nobody in the village slept until the bell had rung twice."


def ask(library: Library, number: int = 0, **columns: object) -> Question:
    texts = {"prompt": f"A storm, {number}.", "text_a": SHORT, "text_b": EQUAL}
    return questions.add(library, **{**texts, **columns})


def test_without_a_reward_model_equal_lengths_come_first_then_the_oldest(library: Library) -> None:
    uneven = ask(library, text_b=LONG)
    first, second = ask(library), ask(library)
    assert [one.id for one in queue.order([second, uneven, first], {})] == [first.id, second.id, uneven.id]


def test_where_the_reward_model_is_least_sure_comes_first(library: Library) -> None:
    sure, unsure, unseen, uneven = ask(library), ask(library), ask(library), ask(library, text_b=LONG)
    margins = {sure.id: Margin(-2.0, 0.5), unsure.id: Margin(0.4, 0.5), uneven.id: Margin(0.0, 1.0)}
    ordered = queue.order([sure, unseen, uneven, unsure], margins)
    assert [one.id for one in ordered] == [unsure.id, sure.id, unseen.id, uneven.id]


def test_a_margin_without_spread_is_no_doubt_at_all() -> None:
    assert Margin(0.1, 0.0).doubt > Margin(3.0, 0.5).doubt


def test_one_question_in_ten_is_an_earlier_one_with_the_sides_swapped(library: Library) -> None:
    made = []
    for number in range(9):
        assert queue.ask_again(library) is None
        made.append(ask(library, number))
        questions.answer(library, made[-1].id, "a")
    again = queue.ask_again(library)
    assert again is not None
    assert queue.ask_again(library) is None
    original = feedback.get(library, again.repeat_of or "")
    assert original.prompt == made[0].prompt
    assert {original.shown_left, again.shown_left} == {"a", "b"}
    assert queue.order([ask(library, 99), again], {})[0].id == again.id
    questions.answer(library, again.id, "a")
    assert queue.ask_again(library) is None


def test_skipped_questions_are_not_asked_again(library: Library) -> None:
    for number in range(20):
        questions.answer(library, ask(library, number).id, "skip")
    assert queue.ask_again(library) is None
