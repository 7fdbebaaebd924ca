"""The writer's own blind choices outweigh the judge, and never what was spoilt."""

from __future__ import annotations

from typing import Any

import pytest

from trainer.evaluation.blind_verdict import waits_for, with_choices
from trainer.evaluation.intervals import NOTHING, wilson


def judged(label: str = "unclear", lost: str = "") -> dict[str, Any]:
    return {"label": label, "reason": "That may be chance.", "lost": lost, "measures": {"S_l": {}}}


@pytest.mark.parametrize(
    ("before", "liked", "of", "after"),
    [
        ("unclear", 9, 10, "better"),
        ("unclear", 8, 10, "unclear"),
        ("unclear", 1, 10, "worse"),
        ("unclear", 5, 10, "unclear"),
        ("unclear", 9.5, 10, "better"),
        ("better", 1, 10, "worse"),
        ("better", 6, 10, "better"),
        ("worse", 10, 10, "better"),
        ("unclear", 6, 6, "unclear"),
        ("unclear", 7, 7, "better"),
        ("unclear", 6, 7, "unclear"),
        ("unclear", 7, 8, "better"),
        ("unclear", 6, 8, "unclear"),
    ],
)
def test_the_label_follows_the_writer_where_chance_is_excluded(
    before: str, liked: float, of: int, after: str
) -> None:
    told = with_choices(judged(before), wilson(liked, of), asked=of)
    assert told["label"] == after
    assert told["measures"] == {"S_l": {}}
    assert ("blind comparisons" in told["reason"]) == (told["reason"] != "That may be chance.")


def test_answers_to_some_of_the_pairs_change_nothing_however_clear_they_are() -> None:
    assert with_choices(judged(), wilson(9, 9), asked=10) == judged()
    assert waits_for(9, 10) == "They count once all pairs are answered."
    assert waits_for(10, 10) == ""
    assert waits_for(6, 6).startswith("So few pairs")


def test_before_any_answer_it_stands_as_it_was_judged() -> None:
    assert with_choices(judged(), NOTHING, asked=10) == judged()


def test_what_was_spoilt_stays_worse_whatever_is_liked() -> None:
    spoilt = judged("worse", lost="keeping to the length asked for went from 90 to 40")
    assert with_choices(spoilt, wilson(10, 10), asked=10) == spoilt


def test_liked_better_with_something_poorer_is_unclear_and_says_what() -> None:
    told = with_choices(judged(lost="variety of wording went from 99.0% to 97.5%"), wilson(10, 10), asked=10)
    assert told["label"] == "unclear"
    assert told["reason"].endswith("but variety of wording went from 99.0% to 97.5%.")
