"""`longwright runs blind`: nothing tells whose text it is, and each answer is kept at once."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from engine.home import Home
from engine.store import feedback
from engine.store.library import Library
from tests.commands.conftest import Ran
from trainer.runs import blind
from trainer.runs.folder import RunFolder
from trainer.runs.settings import RunSettings

Longwright = Callable[..., Ran]


@pytest.fixture
def run(home: Home) -> RunFolder:
    """A run with three pairs to compare."""
    made = RunFolder.create(home, RunSettings())
    texts = [blind.Pair(f"{n}", f"Request {n}", f"Rain {n}.", f"Snow {n}.", f"Request {n}") for n in range(3)]
    blind.lay_out(made, texts, 3, seed=1)
    made.tell(state="done")
    return made


def test_the_pairs_are_listed_without_saying_whose_they_are(longwright: Longwright, run: RunFolder) -> None:
    ran = longwright("runs", "blind", run.id[:8], "--json")
    assert set(ran.data) == {"run", "pairs"}
    assert [set(pair) for pair in ran.data["pairs"]] == [{"key", "prompt", "left", "right", "choice"}] * 3
    assert "tuned" not in ran.out
    assert "base" not in ran.out


def test_a_script_answers_by_key(longwright: Longwright, library: Library, run: RunFolder) -> None:
    sides = {pair.key: "1" if pair.left.startswith("Snow") else "2" for pair in blind.questions(run)}
    told = longwright(
        "runs", "blind", run.id, "--answer", f"0={sides['0']}", "--answer", "2=0", "--json"
    ).data["blind"]
    assert (told["answered"], told["tuned"], told["ties"]) == (2, 1, 1)
    assert feedback.count(library, kind="ab") == 2
    shown = longwright("runs", "show", run.id, "--json").data
    assert shown["blind"] == told


@pytest.mark.parametrize("answer", ["0", "0=3", "=1", "0=left"])
def test_an_answer_of_another_form_is_wrong_usage(
    longwright: Longwright, run: RunFolder, answer: str
) -> None:
    assert longwright("runs", "blind", run.id, "--answer", answer).code == 2


def test_a_pair_that_is_not_there_is_named(longwright: Longwright, run: RunFolder) -> None:
    ran = longwright("runs", "blind", run.id, "--answer", "7=1")
    assert (ran.code, "no question 7" in ran.err) == (1, True)


def test_pairs_are_shown_one_after_the_other_and_those_skipped_come_again(
    longwright: Longwright, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("1\ns\n0\n"))
    ran = longwright("runs", "blind", run.id)
    assert ran.code == 0, ran.err
    assert "Pair 1 of 3: Request" in ran.out
    assert "of 2 pairs" in ran.out
    monkeypatch.setattr("sys.stdin", io.StringIO("what\n2\n"))
    ran = longwright("runs", "blind", run.id)
    assert "Pair 2 of 3" in ran.out
    assert "Pair 1 of 3" not in ran.out
    assert "of 3 pairs" in ran.out


def test_what_was_answered_before_it_was_broken_off_is_kept(
    longwright: Longwright, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n"))
    assert longwright("runs", "blind", run.id).code != 0
    assert blind.result(run).answered == 1


def test_a_run_without_pairs_says_so(longwright: Longwright, home: Home) -> None:
    run = RunFolder.create(home, RunSettings())
    assert "no pair" in longwright("runs", "blind", run.id).out
