from __future__ import annotations

import pytest

from engine.backends.prompting import system_into_user, without_last_space
from engine.backends.protocol import Message

RULES, STYLE = Message("system", "Be brief."), Message("system", "Be kind.")
ASKED, SAID = Message("user", "Who?"), Message("assistant", "I.")


def test_what_the_system_says_stands_in_front_of_the_first_other_turn() -> None:
    merged = Message("user", "Be brief.\n\nBe kind.\n\nWho?")
    assert system_into_user((RULES, ASKED, SAID, STYLE)) == (merged, SAID)
    assert system_into_user((RULES,)) == (Message("user", "Be brief."),)
    assert system_into_user((ASKED, SAID)) == (ASKED, SAID)


@pytest.mark.parametrize(
    ("prefix", "left"), [("It rained ", "It rained"), ("Two  ", "Two  "), (" ", " "), ("", ""), ("It", "It")]
)
def test_only_a_single_space_at_the_end_is_left_to_the_model(prefix: str, left: str) -> None:
    assert without_last_space(prefix) == left
