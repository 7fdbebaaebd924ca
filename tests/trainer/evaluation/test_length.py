"""Every row drafted to its length, beside the bare model's answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.drafting.settings import DraftSettings
from tests import fakes
from tests.fakes import FakeBackend
from tests.trainer.evaluation.conftest import QUESTIONS
from trainer.evaluation.length import Row, evaluate
from trainer.evaluation.longbench import read_questions


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


def test_a_silent_model_scores_nothing(data: Path) -> None:
    report = evaluate(FakeBackend(fakes.nothing), read_questions(data, 1), DraftSettings()).as_json()
    assert report["S_l"] == 0
    assert report["S_l_bare"] == 0
    assert report["rows"][0]["finish"] == "empty"
