from __future__ import annotations

import re

import pytest

from engine.planning.numbers import NUMBER, bounds, is_fraction, scale_of, to_number


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
        ("2.000", 2000),
        ("20 000", 20_000),
        ("20\u202f000", 20_000),
        ("1'500", 1500),
        ("1.500.000", 1_500_000),
        ("1,00,000", 100_000),
        ("1.5", 2),
        ("1.125k", 1125),
        ("1,5k", 1500),
        ("1,500k", 1_500_000),
        ("1 500 k", 1_500_000),
        ("12 million", 12_000_000),
        ("2K", 2000),
        ("9" * 20, 99_999_999_999_999_999_999),
    ],
)
def test_a_number_is_found_whole_and_has_its_value(text: str, value: int) -> None:
    assert re.fullmatch(NUMBER, text, re.IGNORECASE)
    assert to_number(text) == value


def test_the_scale_of_a_number_is_what_its_suffix_multiplies_with() -> None:
    assert [scale_of(text) for text in ("3", "3k", "3千", "3万", "七千")] == [1, 1000, 1000, 10_000, 1]


@pytest.mark.parametrize("text", ["1.2.3", "1.2.3k", "2,0,", "9" * 5000, "一" * 40])
def test_what_is_no_number_is_not_found_whole(text: str) -> None:
    assert not re.fullmatch(NUMBER, text, re.IGNORECASE)


def test_a_suffix_may_serve_both_ends_of_a_range() -> None:
    assert bounds("2", "3k") == (2000, 3000)
    assert bounds("1.5", "2k") == (1500, 2000)
    assert bounds("2.000", "3k") == bounds("two", "3k") == (2000, 3000)
    assert bounds("3", "5千") == (3000, 5000)
    assert bounds("900", "2k") == (900, 2000)
    assert bounds("400", "300") == (300, 400)


def test_a_part_behind_the_point_makes_a_fraction_of_a_number_but_not_three_digits_or_a_suffix() -> None:
    fractions = ["1.5", "1,5", "0.25", "1500.5", "1.5000"]
    whole = ["1.500", "1,500", "1 500", "1.5k", "1,5万", "3000", "three"]
    assert [text for text in (*fractions, *whole) if is_fraction(text)] == fractions
