from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.text.difference import Change, word_diff

TEXTS = st.lists(
    st.sampled_from(
        ["the ", "fox", " ", "ran", ". ", ".", "3.5", "\n", "\n\n", "  ", "\t", "他", "。", "don't", "_", "é"]
    )
).map("".join)
LONG_TEXTS = st.tuples(TEXTS, TEXTS, st.integers(1, 60)).map(
    lambda parts: (parts[0] + " ") * parts[2] + parts[1]
)


def test_a_changed_word_is_removed_and_added_in_place() -> None:
    assert word_diff("The red fox ran.", "The grey fox ran.") == [
        Change("same", "The "),
        Change("removed", "red"),
        Change("added", "grey"),
        Change("same", " fox ran."),
    ]


def test_neighbouring_changes_read_as_one() -> None:
    assert word_diff("a b c", "x y z") == [Change("removed", "a b c"), Change("added", "x y z")]


def test_chinese_differs_by_characters() -> None:
    assert word_diff("他走了。", "他不走了。") == [
        Change("same", "他"),
        Change("added", "不"),
        Change("same", "走了。"),
    ]


def test_an_unchanged_paragraph_stays_the_same_beside_a_new_one() -> None:
    changes = word_diff("One is here.\n\nTwo is here.", "One is here.\n\nNew.\n\nTwo is here.")
    assert changes == [
        Change("same", "One is here.\n\n"),
        Change("added", "New.\n\n"),
        Change("same", "Two is here."),
    ]


def test_a_changed_word_is_found_in_a_long_text_whose_sentences_all_stay() -> None:
    told = [f"Day {day} was the day of the {day * 7}th boat, 3.5 yards long. " for day in range(300)]
    old, new = "".join(told), "".join(told).replace("Day 150 was", "Day 150 became")
    assert [change for change in word_diff(old, new) if change.kind != "same"] == [
        Change("removed", "was"),
        Change("added", "became"),
    ]


def test_equal_and_empty_texts_have_no_changes() -> None:
    assert word_diff("same", "same") == [Change("same", "same")]
    assert word_diff("", "") == []


@given(TEXTS | LONG_TEXTS, TEXTS | LONG_TEXTS)
def test_the_pieces_give_back_both_texts_exactly(old: str, new: str) -> None:
    changes = word_diff(old, new)
    assert "".join(change.text for change in changes if change.kind != "added") == old
    assert "".join(change.text for change in changes if change.kind != "removed") == new
    assert all(a.kind != b.kind for a, b in pairwise(changes))
    assert all(change.text for change in changes)


@pytest.mark.parametrize("words", [1900, 20_000])
def test_two_wholly_different_texts_are_compared_too(words: int) -> None:
    old = " ".join(f"the {number}" for number in range(words // 2))
    new = " ".join(f"the {number}" for number in range(words, words + words // 2))
    changes = word_diff(old, new)
    assert "".join(change.text for change in changes if change.kind != "added") == old
    assert "".join(change.text for change in changes if change.kind != "removed") == new
