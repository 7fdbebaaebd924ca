"""A number that a title brings along is not read beside the outline's own."""

from __future__ import annotations

import pytest

from engine.planning.own_numbers import without_own_numbers


@pytest.mark.parametrize(
    ("titles", "named"),
    [
        (["1. The harbour", "2. The storm"], ["The harbour", "The storm"]),
        (["Abstract", "1) Introduction", "2.1 Cultures"], ["Abstract", "Introduction", "Cultures"]),
        (["一、起因", "二、 经过"], ["起因", "经过"]),
    ],
)
def test_titles_lose_the_numbers_that_they_bring_along(titles: list[str], named: list[str]) -> None:
    assert without_own_numbers(titles) == named


@pytest.mark.parametrize("titles", [["The jury", "12 Angry Men"], ["1", "2."], ["1984", "1985"], []])
def test_what_is_no_number_of_a_row_stays(titles: list[str]) -> None:
    assert without_own_numbers(titles) == titles
