from __future__ import annotations

import re

import pytest

from engine.planning.numbers import NUMBER, scale_of, to_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2,000", 2000),
        ("2k", 2000),
        ("1.5k", 1500),
        ("3 thousand", 3000),
        ("1.2 million", 1_200_000),
        ("two thousand five hundred", 2500),
        ("a hundred and twenty", 120),
        ("twenty-five", 25),
        ("ten thousand", 10_000),
        ("a hundred million", 100_000_000),
        ("七千", 7000),
        ("两千", 2000),
        ("一万五千", 15_000),
        ("一万五", 15_000),
        ("三千五", 3500),
        ("三千五百", 3500),
        ("三千零五", 3005),
        ("十二", 12),
        ("百", 100),
        ("二〇〇〇", 2000),
        ("1万", 10_000),
        ("1.5万", 15_000),
        ("3千", 3000),
    ],
)
def test_a_number_is_found_whole_and_has_its_value(text: str, value: int) -> None:
    assert re.fullmatch(NUMBER, text, re.IGNORECASE)
    assert to_number(text) == value


def test_the_scale_of_a_number_is_what_its_suffix_multiplies_with() -> None:
    assert [scale_of(text) for text in ("3", "3k", "3千", "3万", "七千")] == [1, 1000, 1000, 10_000, 1]
