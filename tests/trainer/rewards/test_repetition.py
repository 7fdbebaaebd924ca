from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.text.counting import words
from tests.trainer.rewards.texts import PROSE
from trainer.rewards.repetition import copied_share, ramp, repeated_sentences, repeated_share

tokens = st.lists(st.sampled_from("abcdef"), max_size=40)


@pytest.mark.parametrize(
    ("run", "n", "share"), [("abcd", 4, 0), ("abc", 4, 0), ("", 1, 0), ("aaaaa", 1, 0.8), ("ababab", 2, 0.6)]
)
def test_a_run_counts_from_its_second_time(run: str, n: int, share: float) -> None:
    assert repeated_share(run, n) == pytest.approx(share)


@given(tokens, st.integers(1, 5))
def test_it_is_trls_repetition_penalty_without_its_sign(ids: list[str], n: int) -> None:
    from trl.rewards import get_repetition_penalty_reward

    assert repeated_share(ids, n) == pytest.approx(-get_repetition_penalty_reward(n)([ids])[0])


def test_short_sentences_may_come_again() -> None:
    assert repeated_sentences(["Yes.", "Yes!", "Yes."]) == 0
    assert repeated_sentences(["The door was shut.", "Yes.", "the door was shut!"]) == pytest.approx(4 / 9)
    assert repeated_sentences([]) == 0


@given(tokens, tokens)
def test_what_is_copied_is_a_share(answer: list[str], prompt: list[str]) -> None:
    assert 0 <= copied_share(answer, prompt) <= 1
    assert copied_share(answer, answer) == (1 if answer else 0)
    assert copied_share(answer, []) == 0


def test_only_whole_runs_count_as_copied() -> None:
    prompt = words("write about a lighthouse keeper who finds a letter")
    assert copied_share(words("a lighthouse keeper who finds a letter"), prompt) == 1
    assert copied_share(words("a lighthouse keeper who lost a letter"), prompt) == 0
    assert copied_share(words("a letter"), prompt) == 1


@pytest.mark.parametrize("kind", PROSE)
def test_prose_hardly_repeats_itself(kind: str) -> None:
    text = PROSE[kind]
    assert repeated_share(text.lower().split()) < 0.2


@pytest.mark.parametrize(("value", "height"), [(-1, 0), (0, 0), (1, 0.5), (2, 1), (3, 1)])
def test_a_ramp_is_flat_outside(value: float, height: float) -> None:
    assert ramp(value, 0, 2) == height
    assert ramp(value, 2, 0) == 1 - height
