from __future__ import annotations

from itertools import groupby

import pytest

from engine.drafting.task import Channel
from engine.drafting.think import ThinkAnswerParser, answer_prefix, think_prefix

WHOLE = "<think>\nPlan a <b>bold</b> start.\n</think>\n<answer>\nIt rained, 3 < 5.\n</answer>"


def told(pieces: list[tuple[Channel, str]]) -> list[tuple[str, str]]:
    return [
        (channel, "".join(text for _, text in group))
        for channel, group in groupby(pieces, key=lambda piece: piece[0])
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 200])
def test_think_and_answer_are_told_apart_however_the_text_is_cut(size: int) -> None:
    parser = ThinkAnswerParser()
    pieces = [
        piece for start in range(0, len(WHOLE), size) for piece in parser.feed(WHOLE[start : start + size])
    ]
    assert told(pieces + parser.close()) == [
        ("think", "\nPlan a <b>bold</b> start.\n"),
        ("text", "\n\nIt rained, 3 < 5.\n"),
    ]


def test_only_what_may_become_a_tag_is_held_back() -> None:
    parser = ThinkAnswerParser()
    assert parser.feed("one <") == [("text", "one ")]
    assert parser.feed("th") == []
    assert parser.feed("ree") == [("text", "<"), ("text", "three")]


def test_a_tag_that_never_came_is_given_back_at_the_end() -> None:
    parser = ThinkAnswerParser("think")
    parser.feed("so <thi")
    assert parser.close() == [("think", "<thi")]


def test_the_prefixes_make_one_think_and_one_answer() -> None:
    assert think_prefix() == "<think>\n"
    assert answer_prefix(" a plan\n") == "<think>\na plan\n</think>\n<answer>\n"
