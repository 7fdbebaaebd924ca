from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.text.difference import Change, word_diff

TEXTS = st.lists(
    st.sampled_from(["the ", "fox", " ", "ran", ". ", "\n", "\n\n", "他", "don't", "_", "é"])
).map("".join)


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


def test_equal_and_empty_texts_have_no_changes() -> None:
    assert word_diff("same", "same") == [Change("same", "same")]
    assert word_diff("", "") == []


@given(TEXTS, TEXTS)
def test_the_pieces_give_back_both_texts_exactly(old: str, new: str) -> None:
    changes = word_diff(old, new)
    assert "".join(change.text for change in changes if change.kind != "added") == old
    assert "".join(change.text for change in changes if change.kind != "removed") == new
    assert all(a.kind != b.kind for a, b in pairwise(changes))
    assert all(change.text for change in changes)


def test_two_wholly_different_books_are_compared_too() -> None:
    old = " ".join(f"the {number}" for number in range(5000))
    new = " ".join(f"the {number}" for number in range(5000, 10000))
    changes = word_diff(old, new)
    assert "".join(change.text for change in changes if change.kind != "added") == old
