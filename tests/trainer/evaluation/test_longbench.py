"""LongBench-Write's own format, counter and score."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadInput
from trainer.evaluation.longbench import benchmark_words, length_score, read_questions


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
