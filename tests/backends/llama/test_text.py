"""From bytes to text: whole characters, stop strings, nothing unprintable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.backends.llama.text import TextAssembler


def feed(assembler: TextAssembler, pieces: list[bytes]) -> str:
    text = ""
    for piece in pieces:
        text += assembler.feed(piece)
        if assembler.stopped:
            return text
    return text + assembler.finish()


@given(st.text(alphabet=st.characters(exclude_categories=["C"])), st.integers(1, 4))
def test_text_cut_anywhere_comes_out_whole(text: str, width: int) -> None:
    raw = text.replace("\ufffd", "").encode()
    pieces = [raw[at : at + width] for at in range(0, len(raw), width)]
    assert feed(TextAssembler(), pieces) == raw.decode()


@given(st.binary(max_size=64))
def test_any_bytes_at_all_give_printable_text(raw: bytes) -> None:
    text = feed(TextAssembler(), [raw[at : at + 1] for at in range(len(raw))])
    assert text.encode().decode() == text
    assert "\ufffd" not in text
    assert not any(ord(char) < 32 and char not in "\t\n" for char in text)


@given(st.text(alphabet="ab<", max_size=30), st.text(alphabet="ab<", min_size=1, max_size=4))
def test_a_stop_string_cuts_where_a_search_over_the_whole_would(text: str, stop: str) -> None:
    assembler = TextAssembler((stop,))
    got = feed(assembler, [char.encode() for char in text])
    assert got == text.split(stop)[0]
    assert assembler.stopped == (stop in text)


def test_the_earliest_of_several_stops_wins() -> None:
    assert feed(TextAssembler(("</answer>", "\n\n")), [b"One.\n", b"\nTwo.</answer>"]) == "One."


def test_nothing_is_held_back_longer_than_needed() -> None:
    assembler = TextAssembler(("</answer>",))
    assert assembler.feed(b"The end</ans") == "The end"
    assert assembler.feed(b"wers") == "</answers"


def test_a_space_in_front_is_left_out_once() -> None:
    assert feed(TextAssembler(skip_space=True), [b" and", b" then"]) == "and then"
    assert feed(TextAssembler(skip_space=True), [b"\nNew"]) == "\nNew"


@pytest.mark.parametrize("half", [b"\xe7\x81", b"\xf0\x9f\x8c"])
def test_half_a_character_at_the_end_is_dropped(half: bytes) -> None:
    assert feed(TextAssembler(), [b"sea ", half]) == "sea "
