"""Text and titles as they are stored."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadInput
from engine.store.rows import one_line, storable


@given(st.text())
def test_text_that_can_be_stored_is_not_changed(text: str) -> None:
    assert storable(text) == text


@given(st.text(st.characters(categories=("Cs", "Lu"))))
def test_any_text_can_be_stored_in_the_end(text: str) -> None:
    assert storable(text).encode("utf-8").decode("utf-8") == storable(text)


def test_two_halves_that_belong_together_become_one_character() -> None:
    assert storable("\ud83c\udf0a") == "\N{WATER WAVE}"


def test_a_byte_order_mark_is_kept() -> None:
    assert storable("\ufeffAda") == "\ufeffAda"


def test_a_title_is_one_line() -> None:
    assert one_line(" The \r\n long\twinter ") == "The long winter"
    with pytest.raises(BadInput):
        one_line("\n")
