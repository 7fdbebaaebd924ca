"""A field that two windows show."""

from __future__ import annotations

import pytest

from engine.errors import StaleField
from engine.store.stale import MOST_SHOWN, refuse_stale


@pytest.mark.parametrize(
    ("base", "stored", "given"),
    [
        ("old", "old", "mine"),
        ("old", "mine", "mine"),
        (None, "theirs", "mine"),
        (600, 600, 800),
        ("", "", "a"),
    ],
)
def test_a_save_that_knows_what_it_replaces_is_allowed(
    base: str | int | None, stored: str | int, given: str | int
) -> None:
    refuse_stale("The title", base, stored, given)


def test_a_save_that_does_not_is_refused_and_told_what_is_there() -> None:
    with pytest.raises(
        StaleField, match="The title was changed in another window: it says “theirs” there"
    ) as told:
        refuse_stale("The title", "old", "theirs", "mine")
    assert told.value.theirs == "theirs"


def test_an_emptied_field_is_called_empty() -> None:
    with pytest.raises(StaleField, match="it is empty there"):
        refuse_stale("The title", "old", "", "mine")


def test_a_long_text_is_cut_in_the_sentence_and_whole_in_the_error() -> None:
    long = "word " * 200
    with pytest.raises(StaleField) as told:
        refuse_stale("It", "old", long, "mine")
    assert len(str(told.value)) < MOST_SHOWN + 100
    assert told.value.theirs == long
