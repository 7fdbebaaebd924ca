"""Numbers as people write them in English and Chinese: 2,000, 1.5k, two thousand, 七千, 1万, 一万五.

It knows no units. Called by `length_range` alone.
"""

from __future__ import annotations

import re

# fmt: off
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
# fmt: on
_SMALL = {word: value for value, word in enumerate(_ONES)}
_SMALL |= {word: 10 * value for value, word in enumerate(_TENS, start=2)} | {"a": 1, "an": 1}
_BIG = {"thousand": 1_000, "million": 1_000_000, "k": 1_000, "m": 1_000_000}
_SUFFIXES = _BIG | {"百": 100, "千": 1_000, "万": 10_000, "萬": 10_000}
_HAN_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "兩": 2,
}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1_000}

_FIRST = "|".join(sorted(_SMALL, key=len, reverse=True))
NUMBER = (
    r"(?:(?<![\d.,])-?\d[\d,，]*(?:\.\d+)?(?:\s?(?:k\b|thousand\b|million\b|[百千万萬]))?"
    rf"|\b(?:{_FIRST})(?:[\s-]+(?:and[\s-]+)?(?:{_FIRST}|hundred|thousand|million)\b)*"
    r"|[零〇一二两兩三四五六七八九十百千万萬]+)"
)
"""A pattern (ignore case) for one number without its unit; it has no groups."""

_DIGITS = re.compile(r"(-?\d[\d,，]*(?:\.\d+)?)\s?(\S*)")


def to_number(text: str) -> int:
    """The value of what `NUMBER` matched, rounded to a whole number."""
    text = text.strip().lower()
    digits = _DIGITS.fullmatch(text)
    if digits:
        return round(float(re.sub("[,，]", "", digits[1])) * _SUFFIXES.get(digits[2], 1))
    return _from_english(text) if text[0].isascii() else _from_han(text)


def scale_of(text: str) -> int:
    """What the suffix of a number in digits multiplies with ("1.5k": 1,000; "3万": 10,000), else 1."""
    digits = _DIGITS.fullmatch(text.strip().lower())
    return _SUFFIXES.get(digits[2], 1) if digits else 1


def _from_english(text: str) -> int:
    total = group = 0
    for word in re.split(r"[\s-]+", text):
        if word in _BIG:
            total, group = total + max(1, group) * _BIG[word], 0
        elif word == "hundred":
            group = max(1, group) * 100
        else:
            group += _SMALL.get(word, 0)
    return total + group


def _from_han(text: str) -> int:
    """Chinese numerals; a last digit without unit counts the next lower unit (一万五 is 15,000)."""
    text = text.replace("萬", "万")
    if "万" in text:
        high, low = text.split("万", 1)
        rest = _HAN_DIGITS[low] * 1_000 if low in _HAN_DIGITS else _from_han(low) if low else 0
        return (_from_han(high) if high else 1) * 10_000 + rest
    total = digit = 0
    unit = 0
    for character in text:
        if character in _HAN_UNITS:
            unit = _HAN_UNITS[character]
            total, digit = total + (digit or 1) * unit, 0
        elif character in _HAN_DIGITS:
            digit = _HAN_DIGITS[character] if unit or not digit else digit * 10 + _HAN_DIGITS[character]
            unit = 0 if character in "零〇" else unit
    return total + digit * (unit // 10 if unit >= 100 and text[-1] not in "十百千" else 1)
