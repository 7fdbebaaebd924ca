from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trainer.rewards.texts import DEGENERATE, NOVEL, PROSE, REQUEST
from trainer.rewards.completion import Completion, parse_completion
from trainer.rewards.gate import gate_parts


def completion(answer: str, low: int = 90, prompt: str = REQUEST) -> Completion:
    return parse_completion(prompt, answer, True, low, low + 20, own_tags=False)


def gate(answer: str, low: int = 90) -> float:
    """What the text may earn: the least of the parts."""
    return min(gate_parts(completion(answer, low)).values())


@pytest.mark.parametrize("kind", PROSE)
def test_what_people_write_passes(kind: str) -> None:
    assert gate_parts(completion(PROSE[kind])) == dict.fromkeys(
        ("short", "repetition", "sentences", "copied", "language"), 1.0
    )


@pytest.mark.parametrize("kind", DEGENERATE)
def test_what_is_no_text_does_not(kind: str) -> None:
    assert gate(DEGENERATE[kind]) == 0


def test_texts_one_behind_another_pass_as_a_long_one() -> None:
    assert gate("\n\n".join(PROSE.values()), 500) == 1


@pytest.mark.parametrize(("words", "share"), [(9, 0), (15, 0.4444), (40, 1)])
def test_a_text_that_is_far_too_short_earns_less(words: int, share: float) -> None:
    assert gate(" ".join(NOVEL.split()[:words])) == pytest.approx(share, abs=0.01)


def test_nothing_is_too_short_where_no_length_is_asked() -> None:
    assert gate("The sea lay still.", 0) == 1
    assert gate("", 0) == 0


def test_more_repetition_never_opens_the_gate() -> None:
    first = NOVEL.split("\n\n")[0]
    gates = [gate(NOVEL + f"\n\n{first}" * times) for times in range(8)]
    assert gates == sorted(gates, reverse=True)
    assert gates[0] == 1
    assert gates[-1] == 0


def test_a_text_that_quotes_its_request_may_pass() -> None:
    assert gate(REQUEST + "\n\n" + NOVEL) == 1


@given(st.text(max_size=400), st.integers(0, 50))
def test_any_text_at_all_gets_a_share(text: str, low: int) -> None:
    assert all(0 <= part <= 1 for part in gate_parts(completion(text, low)).values())
