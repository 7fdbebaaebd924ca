"""What repeated questions say about the one who answered them."""

from __future__ import annotations

import pytest

from engine.store import feedback
from engine.store.library import Library
from engine.store.schema import Feedback
from trainer.preferences.consistency import consistency


def ask(library: Library, choice: str, left: str | None = "a", repeat_of: str | None = None) -> Feedback:
    return feedback.add(
        library,
        kind="ab",
        prompt="A storm.",
        text_a="one",
        text_b="two",
        choice=choice,
        shown_left=left,
        repeat_of=repeat_of,
    )


def test_without_repeats_nothing_is_known(library: Library) -> None:
    ask(library, "a", left=None)
    found = consistency(library)
    assert (found.repeats, found.agreement, found.ceiling, found.left_shown) == (0, None, None, 0)


def test_agreement_is_about_the_text_and_not_the_side(library: Library) -> None:
    for first, second in (("a", "a"), ("b", "b"), ("a", "b"), ("tie", "tie"), ("a", "tie")):
        ask(library, second, left="b", repeat_of=ask(library, first).id)
    found = consistency(library)
    assert (found.repeats, found.agreed, found.decided, found.decided_agreed) == (5, 3, 3, 2)
    assert found.agreement == pytest.approx(0.6)


def test_a_repeat_may_have_its_letters_swapped(library: Library) -> None:
    first = ask(library, "a")
    feedback.add(
        library, kind="ab", prompt="A storm.", text_a="two", text_b="one", choice="b", repeat_of=first.id
    )
    assert consistency(library).agreed == 1


def test_the_left_hand_is_watched(library: Library) -> None:
    for choice, left in (("a", "a"), ("b", "a"), ("b", "b"), ("tie", "a"), ("skip", "a")):
        ask(library, choice, left)
    found = consistency(library)
    assert (found.left_shown, found.left_chosen) == (3, 2)


def test_skipped_and_deleted_answers_count_for_nothing(library: Library) -> None:
    ask(library, "skip", repeat_of=ask(library, "a").id)
    gone = ask(library, "a")
    ask(library, "a", repeat_of=gone.id)
    feedback.delete(library, gone.id)
    assert consistency(library).repeats == 0


@pytest.mark.parametrize(("agreed", "of", "ceiling"), [(4, 4, 1.0), (17, 25, 0.8), (1, 2, 0.5), (0, 3, 0.5)])
def test_the_ceiling_follows_from_the_agreement(
    library: Library, agreed: int, of: int, ceiling: float
) -> None:
    for number in range(of):
        ask(library, "a" if number < agreed else "b", repeat_of=ask(library, "a").id)
    assert consistency(library).ceiling == pytest.approx(ceiling)
