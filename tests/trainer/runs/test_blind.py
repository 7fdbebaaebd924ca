"""The blind comparison: sides are drawn once, and the answers are feedback like any other."""

from __future__ import annotations

import pytest

from engine.backends import adapters
from engine.backends.adapter_folder import CARD
from engine.errors import BadInput, NotFound
from engine.home import Home
from engine.store import feedback
from engine.store.library import Library
from tests.adapters import put_adapter
from trainer.evaluation.blind_verdict import FEWEST
from trainer.evaluation.sampling import prompts_for
from trainer.runs import blind
from trainer.runs.folder import RunFolder
from trainer.runs.report import report
from trainer.runs.settings import RunSettings


def pairs(count: int, prompts: int) -> list[blind.Pair]:
    return [
        blind.Pair(
            f"{n}", f"Request {n % prompts}", f"base {n}", f"tuned {n}", f"Asked {n % prompts}", seed=n
        )
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
    same = [
        blind.Pair("x", "Request x", "one text", "one text", "Request x"),
        blind.Pair("y", "Request y", "", "text", "Request y"),
    ]
    blind.lay_out(run, [*same, *pairs(12, 6)], 6, seed=1)
    assert len({question.prompt for question in blind.questions(run)}) == 6


def test_answers_are_counted_and_become_feedback(home: Home, run: RunFolder, library: Library) -> None:
    blind.lay_out(run, pairs(3, 3), 3, seed=4)
    first, second, third = blind.questions(run)
    blind.answer(home, library, run, first.key, side_of_tuned(first))
    blind.answer(home, library, run, second.key, "left" if side_of_tuned(second) == "right" else "right")
    told = blind.answer(home, library, run, third.key, "tie")
    assert (told.tuned, told.base, told.ties, told.win_rate.value) == (1, 1, 1, 0.5)
    rows = feedback.all(library, kind="ab")
    assert sorted(row.choice or "" for row in rows) == ["a", "b", "tie"]
    for row in rows:
        assert row.text_a.startswith("base")
        assert run.id in row.source
        assert row.prompt.startswith("Asked")
        assert row.adapter is None
        assert row.sampling["tuned_b"] == {"run": run.id, "scale": 1.0}


def test_a_second_answer_corrects_the_first(home: Home, run: RunFolder, library: Library) -> None:
    blind.lay_out(run, pairs(1, 1), 1, seed=4)
    question = blind.questions(run)[0]
    blind.answer(home, library, run, question.key, "tie")
    told = blind.answer(home, library, run, question.key, side_of_tuned(question))
    assert (told.answered, told.tuned) == (1, 1)
    assert [row.choice for row in feedback.all(library)] == ["b"]


def test_every_answer_is_told_with_the_run_and_kept_with_its_tuned_model(
    home: Home, run: RunFolder, library: Library
) -> None:
    folder = put_adapter(home, "mine", run=run.id)
    blind.lay_out(run, pairs(2, 2), 2, seed=4)
    first, second = blind.questions(run)
    assert report(home, run)["blind"]["answered"] == 0
    blind.answer(home, library, run, first.key, side_of_tuned(first))
    assert "1 of 1 times the tuned one's was better" in (folder / CARD).read_text()
    blind.answer(home, library, run, second.key, "tie")
    assert (
        "1 of 2 times the tuned one's was better, 0 times the base's, 1 times" in (folder / CARD).read_text()
    )
    kept = adapters.get(home, "mine")
    assert kept.problem is None
    assert kept.manifest is not None
    assert kept.manifest.blind == report(home, run)["blind"] == blind.result(run).as_json()


def test_an_answer_counts_though_the_tuned_model_was_removed(
    home: Home, run: RunFolder, library: Library
) -> None:
    put_adapter(home, "mine", run=run.id)
    blind.lay_out(run, pairs(1, 1), 1, seed=4)
    adapters.remove(home, "mine")
    assert blind.answer(home, library, run, "0", "tie").answered == 1


def test_what_was_not_asked_cannot_be_answered(home: Home, run: RunFolder, library: Library) -> None:
    with pytest.raises(NotFound):
        blind.answer(home, library, run, "0", "left")
    with pytest.raises(BadInput):
        blind.answer(home, library, run, "0", "middle")  # type: ignore[arg-type]
    assert blind.result(run).win_rate.value is None


def test_nine_of_ten_blind_choices_prove_a_tuned_model_that_the_judge_could_not(
    home: Home, run: RunFolder, library: Library
) -> None:
    unclear = {"label": "unclear", "reason": "That may be chance.", "lost": "", "measures": {}}
    run.finish("verdict", unclear)
    folder = put_adapter(home, "mine", run=run.id, verdict={**unclear})
    blind.lay_out(run, pairs(10, 10), 10, seed=4)
    questions = blind.questions(run)
    for question in questions[:9]:
        blind.answer(home, library, run, question.key, side_of_tuned(question))
        assert report(home, run)["label"] == adapters.get(home, "mine").label == "unclear"
    last = questions[9]
    blind.answer(home, library, run, last.key, "left" if side_of_tuned(last) == "right" else "right")
    assert report(home, run)["label"] == adapters.get(home, "mine").label == "better"
    assert "90% of 10 blind comparisons" in (folder / CARD).read_text()


def test_a_run_of_two_steps_has_enough_requests_for_its_blind_comparison_to_count() -> None:
    assert prompts_for(1) < prompts_for(2) == FEWEST
    assert prompts_for(8) == RunSettings().blind_pairs


def test_a_tuned_model_that_is_liked_less_blind_needs_a_yes_from_then_on(
    home: Home, run: RunFolder, library: Library
) -> None:
    better = {"label": "better", "reason": "Liked better.", "lost": "", "measures": {}}
    run.finish("verdict", better)
    put_adapter(home, "mine", run=run.id, verdict=better)
    blind.lay_out(run, pairs(10, 10), 10, seed=4)
    for question in blind.questions(run):
        blind.answer(
            home, library, run, question.key, "left" if side_of_tuned(question) == "right" else "right"
        )
    assert adapters.get(home, "mine").needs_a_yes
    assert run.result("verdict") == better
