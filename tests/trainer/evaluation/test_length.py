from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.drafting.settings import DraftSettings
from engine.errors import BadInput
from tests import fakes
from tests.fakes import FakeBackend
from trainer.evaluation.length import (
    Row,
    bare_answers,
    benchmark_words,
    evaluate,
    length_score,
    read_questions,
)

QUESTIONS = [
    {"prompt": "Write a story about rain in 150 words.", "type": "Story", "length": 150},
    {"prompt": "Write a report about trees in streets in 600 words.", "type": "Report", "length": 600},
    {"prompt": "写一篇200字的文章，题目是《雨》。", "type": "Story", "length": 200},
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text(
        "\n".join(json.dumps(row, ensure_ascii=False) for row in QUESTIONS) + "\n", encoding="utf-8"
    )
    return path


@pytest.mark.parametrize(
    ("asked", "got", "score"),
    [(1000, 1000, 100), (1000, 1500, 83.33), (1000, 2000, 66.67), (1000, 900, 94.44), (1000, 500, 50),
     (1000, 333, 0), (1000, 4000, 0), (1000, 9000, 0), (1000, 0, 0)],
)  # fmt: skip
def test_the_score_is_the_benchmarks_own(asked: int, got: int, score: float) -> None:
    assert length_score(asked, got) == pytest.approx(score, abs=0.16)


def test_the_counter_is_the_benchmarks_own() -> None:
    assert benchmark_words("Don't count 3,000 twice.") == 4
    assert benchmark_words("我爱 tea，很爱。") == 5


def test_questions_are_read_in_their_own_format(data: Path) -> None:
    questions = read_questions(data)
    assert [question.length for question in questions] == [150, 600, 200]
    assert len(read_questions(data, limit=2)) == 2


@pytest.mark.parametrize(
    "content", ["", "no json", '{"prompt": "x"}', '["a"]', '{"prompt": "x", "length": "long"}']
)
def test_a_file_of_another_format_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput):
        read_questions(path)


def test_every_row_is_drafted_to_its_length_and_told_when_it_is_done(data: Path) -> None:
    told: list[tuple[int, bool]] = []

    def hear(row: Row) -> None:
        told.append((row.index, row.S_l_bare is not None))

    backend = FakeBackend(fakes.prose, parallel=8)
    report = evaluate(backend, read_questions(data), DraftSettings(parallel=8), on_row=hear).as_json()
    assert [row["index"] for row in report["rows"]] == [0, 1, 2]
    assert all(row["finish"] == "complete" for row in report["rows"])
    assert all(row["S_l"] > 96 for row in report["rows"])
    assert report["S_l"] == pytest.approx(sum(row["S_l"] for row in report["rows"]) / 3, abs=0.01)
    assert sorted(told) == [(0, False), (0, True), (1, False), (1, True), (2, False), (2, True)]


def test_groups_follow_the_length_asked_for(data: Path) -> None:
    report = evaluate(FakeBackend(), read_questions(data), DraftSettings(parallel=4)).as_json()
    assert {name: group["count"] for name, group in report["groups"].items()} == {"<500": 2, "500-2k": 1}


def test_the_bare_model_is_asked_once_with_the_prompt_alone(data: Path) -> None:
    backend = FakeBackend(fakes.stops_after(50), stubborn=True)
    report = evaluate(backend, read_questions(data), DraftSettings(parallel=4)).as_json()
    bare = backend.requests[-3:]
    assert [request.messages[0].content for request in bare] == [row["prompt"] for row in QUESTIONS]
    assert all(len(request.messages) == 1 and not request.forbid_end for request in bare)
    assert report["S_l_bare"] < report["S_l"]
    assert all(50 <= row["words_bare"] < 80 for row in report["rows"])


def test_a_bare_answer_that_is_far_too_long_is_heard_no_further(data: Path) -> None:
    backend = FakeBackend(fakes.prose, stubborn=True)
    (question,) = read_questions(data, 1)
    ((_, text),) = bare_answers(backend, [question], DraftSettings())
    assert benchmark_words(text) == 4 * 150 + 1
    assert length_score(150, benchmark_words(text)) == 0


def test_a_silent_model_scores_nothing(data: Path) -> None:
    report = evaluate(FakeBackend(fakes.nothing), read_questions(data, 1), DraftSettings()).as_json()
    assert report["S_l"] == 0
    assert report["S_l_bare"] == 0
    assert report["rows"][0]["finish"] == "empty"
