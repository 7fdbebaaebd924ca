"""`eval length` with the embedded model and questions of our own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.conftest import Ran

Longwright = Callable[..., Ran]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows = [
        {"prompt": "Write a short story about rain in 90 words.", "type": "Story", "length": 90},
        {"prompt": "写一篇80字的短文，题目是《雨》。", "type": "Story", "length": 80},
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


def test_the_length_asked_for_comes_out_and_the_bare_model_stands_beside_it(
    longwright: Longwright, data: Path
) -> None:
    ran = longwright("eval", "length", "--data", data, "--json")
    assert ran.code == 0
    assert [row["asked"] for row in ran.data["rows"]] == [90, 80]
    assert ran.data["S_l"] > 90
    assert 0 <= ran.data["S_l_bare"] <= 100
    assert ran.data["groups"]["<500"]["count"] == 2
    assert ran.err.count("bare model") == 2


def test_without_json_a_small_table_is_printed(longwright: Longwright, data: Path) -> None:
    ran = longwright("eval", "length", "--data", data, "--limit", "1")
    assert ran.code == 0
    assert [line.split()[0] for line in ran.out.splitlines()] == ["length", "<500", "all"]


def test_a_file_of_another_format_is_refused_in_one_sentence(longwright: Longwright, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("not json", encoding="utf-8")
    ran = longwright("eval", "length", "--data", path)
    assert ran.code == 1
    assert "LongBench-Write" in ran.err
    assert ran.out == ""


def test_a_file_that_is_not_there_is_refused_in_one_sentence(longwright: Longwright, tmp_path: Path) -> None:
    ran = longwright("eval", "length", "--data", tmp_path / "none.jsonl")
    assert ran.code == 1
    assert "none.jsonl" in ran.err


def test_a_method_that_is_none_is_wrong_usage_and_starts_no_experiment(
    longwright: Longwright, tmp_path: Path
) -> None:
    ran = longwright("eval", "taste", "--folder", tmp_path / "taste", "--method", "magic")
    assert ran.code == 2
    assert "--method" in ran.err
    assert not (tmp_path / "taste").exists()
