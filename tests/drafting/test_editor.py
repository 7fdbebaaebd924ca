from __future__ import annotations

import pytest

from engine.drafting.editor import plays_editor


@pytest.mark.parametrize(
    "said",
    [
        "I made some changes to improve the flow.",
        "Here is how your summary ends:",
        "Your next task is to complete the rest of the article.",
    ],
)
def test_edits_handing_over_and_advice_are_an_editors(said: str) -> None:
    assert plays_editor(said, "A report on the flood")


@pytest.mark.parametrize(
    "said",
    [
        "I made some changes to the engine.",
        "Here is how your brother ends his days.",
        "Your next task is to complete the wall.",
    ],
)
def test_the_same_words_about_other_things_are_prose(said: str) -> None:
    assert not plays_editor(said, "A report on the flood")


def test_a_book_about_writing_may_say_it_all() -> None:
    assert not plays_editor("See to it that every sentence says something new.", "Advice for writers")
