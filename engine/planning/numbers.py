"""Numbers as people write them: 2,000, 2.000, 20 000, 1.5k, two thousand, 七千, 1万, 一万五.

A number of three digits behind a separator is thousands ("2.000"), unless a suffix says otherwise
("1.125k"). Every pattern is bounded, so that searching takes time in proportion to the text.
It knows no units. Called by `length_range`, `brief` and `outline_text`.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal

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
_HAN = "零〇一二两兩三四五六七八九十百千万萬"
_SUFFIX = r"(?:k(?![a-z])|thousand\b|million\b|[百千万萬])"
_BLANK = "[ \u00a0\u202f]"
# No blank in front of "000-word": in "5 200-word parts" the 5 is a number of its own.
_THOUSANDS = rf"(?:[.,，'’]\d{{3}}(?!\d)|{_BLANK}(?:000(?!\d)|\d{{3}}(?![\d-])))"
DIGITS = (
    rf"(?<![\d.])(?<!\d[,，])-?(?:\d{{1,3}}{_THOUSANDS}{{1,5}}|\d{{1,20}}(?:[,，]\d{{1,6}}){{0,5}}(?:\.\d{{1,9}})?)"
    rf"(?![.,，]?\d)(?:\s?{_SUFFIX})?"
)
"""A pattern (ignore case) for one number in digits with its suffix, without a unit; it has no groups."""
NUMBER = (
    rf"(?:{DIGITS}"
    rf"|\b(?:{_FIRST})\b(?:[\s-]{{1,3}}(?:and[\s-]{{1,3}})?(?:{_FIRST}|hundred|thousand|million)\b){{0,9}}+"
    rf"|(?<![{_HAN}])[{_HAN}]{{1,16}})"
)
"""A pattern (ignore case) for one number in digits or words without its unit; it has no groups."""
# Not Dutch "en": it is "in" in French and Spanish ("the 3 in 200 words").
_TO_WORDS = "to|and|bis|und|à|et|a|y|e|tot|till|och|do|до|и"
TO = rf"(?:\s{{0,9}}(?:-|–|—|~|～|到|至|から)\s{{0,9}}|[\s-]{{0,9}}\b(?:{_TO_WORDS})\b[\s-]{{0,9}})"
"""A pattern (ignore case) for what stands between the ends of a range, in the languages of `length_range`."""

_DIGITS = re.compile(r"(-?\d[\d.,，'’ \u00a0\u202f]*)\s?([^\d\s]*)")
_FRACTION = re.compile(r"-?\d+(?:[.,，]\d{1,2}|\.\d{4,9})")
_GROUPED = re.compile(rf"-?\d{{1,3}}(?:[.,，'’]\d{{3}}|{_BLANK}\d{{3}})+")


def to_number(text: str) -> int:
    """The value of what `NUMBER` matched, rounded to a whole number."""
    text = text.strip().lower()
    digits = _DIGITS.fullmatch(text)
    if digits:
        scale = _SUFFIXES.get(digits[2], 1)
        value = _decimal(digits[1].strip(), scaled=scale > 1) * scale
        return int(value.to_integral_value(ROUND_HALF_EVEN))
    return _from_english(text) if text[0].isascii() else _from_han(text)


def scale_of(text: str) -> int:
    """What the suffix of a number in digits multiplies with ("1.5k": 1,000; "3万": 10,000), else 1."""
    digits = _DIGITS.fullmatch(text.strip().lower())
    return _SUFFIXES.get(digits[2], 1) if digits else 1


def is_fraction(text: str) -> bool:
    """Whether a number in digits has a part behind the point ("1.5", "1,5") and no suffix to make it whole:
    three digits there are thousands."""
    return _FRACTION.fullmatch(text.strip()) is not None


def bounds(low: str, high: str) -> tuple[int, int]:
    """The values of a range's ends, the lower first; a suffix may serve both ("1.5-3k", "3-5千")."""
    first, last = to_number(low), to_number(high)
    if scale_of(low) == 1 and (scaled := _scaled(low, scale_of(high))) <= last:
        first = scaled
    return min(first, last), max(first, last)


def _scaled(text: str, scale: int) -> int:
    """The value of a number with the suffix of another one."""
    digits = _DIGITS.fullmatch(text.strip())
    if digits is None or scale == 1:
        return to_number(text) * scale
    return round(_decimal(digits[1].strip(), scaled=True) * scale)


def _decimal(text: str, *, scaled: bool) -> Decimal:
    """The value of digits with separators; before a suffix, a single point or comma is a decimal one."""
    text = text.replace("，", ",")
    if _GROUPED.fullmatch(text) and not (scaled and text.count(".") == 1):
        return Decimal(re.sub(r"[^\d-]", "", text))
    if scaled and text.count(",") == 1 and "." not in text:
        return Decimal(text.replace(",", "."))
    return Decimal(re.sub(r"[^\d.-]", "", text))


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
