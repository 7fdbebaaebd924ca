"""Pieces in, whole characters out, nothing behind a stop string."""

from __future__ import annotations

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.backends.protocol import Token
from engine.backends.server.text import Assembler, Piece


def assemble(
    pieces: list[Piece], stops: tuple[str, ...] = (), *, ended: bool = False
) -> tuple[list[Token], bool]:
    assembler = Assembler("a", stops)
    tokens: list[Token] = []
    for piece in pieces:
        tokens.extend(assembler.feed(piece))
        if assembler.stopped:
            break
    tokens.extend(assembler.flush(ended=ended))
    return tokens, assembler.stopped


def cut_at(text: str, places: list[int]) -> list[str]:
    edges = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[start:end] for start, end in pairwise(edges)]


@given(
    st.text(alphabet="ab<>/ \n", max_size=40),
    st.lists(st.text(alphabet="ab</>", min_size=1, max_size=4), max_size=3),
    st.lists(st.integers(0, 100), max_size=20),
)
def test_wherever_a_text_is_cut_it_ends_before_the_first_stop_string(
    text: str, stops: list[str], places: list[int]
) -> None:
    tokens, stopped = assemble([Piece(part) for part in cut_at(text, places)], tuple(stops))
    ends = [at for stop in stops if (at := text.find(stop)) >= 0]
    first = min(ends, default=len(text))
    came = "".join(token.text for token in tokens)
    if not ends:
        assert (came, stopped) == (text, False)
        return
    # Cut finely, a later but shorter stop string may be complete first; nothing of either is given out.
    assert stopped
    assert text.startswith(came)
    assert len(came) >= first
    assert not any(stop in came for stop in stops)


@given(st.text(max_size=20), st.lists(st.integers(0, 100), max_size=20))
def test_a_text_sent_in_utf_16_halves_arrives_whole(text: str, places: list[int]) -> None:
    units = [json.loads(f'"\\u{unit:04x}"') for unit in memoryview(text.encode("utf-16-le")).cast("H")]
    parts = cut_at("".join(units), places)
    tokens, _ = assemble([Piece(part) for part in parts])
    assert "".join(token.text for token in tokens) == text.replace("\ufffd", "")
    for token in tokens:
        token.text.encode("utf-8")


def test_ids_that_make_no_text_yet_go_with_the_text_they_make() -> None:
    tokens, _ = assemble(
        [Piece("", (1,), -0.5), Piece("", (2,), -0.25), Piece("你", (3,), -0.125), Piece("好", (4,))]
    )
    assert tokens == [Token("a", "你", (1, 2, 3), -0.875), Token("a", "好", (4,))]


def test_half_a_character_at_the_end_is_told_by_its_ids_alone() -> None:
    tokens, _ = assemble([Piece("end", (1,), -0.5), Piece("", (2,), -0.25)])
    assert tokens == [Token("a", "end", (1,), -0.5), Token("a", "", (2,), -0.25)]


def test_the_end_of_the_turn_is_no_part_of_the_text_but_half_a_character_before_it_is() -> None:
    told = [Piece("end", (1,), -0.5), Piece("", (2,), -0.25), Piece("", (0,), -0.125)]
    whole, half = (assemble(pieces, ended=True)[0] for pieces in (told[::2], told))
    assert whole == [Token("a", "end", (1,), -0.5)]
    assert half == [*whole, Token("a", "", (2,))]


def test_a_token_that_holds_the_begin_of_a_stop_string_is_cut_there() -> None:
    tokens, stopped = assemble(
        [Piece("on", (1,)), Piece("ce.\n", (2,)), Piece("\n## Two", (3,))], ("\n\n## ",)
    )
    assert tokens == [Token("a", "on", (1,)), Token("a", "ce.", (2,))]
    assert stopped


def test_text_that_only_looked_like_a_stop_string_is_given_back() -> None:
    tokens, stopped = assemble([Piece("a <"), Piece("b> c")], ("<a>",))
    assert [token.text for token in tokens] == ["a <", "b> c"]
    assert not stopped
