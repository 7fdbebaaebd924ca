"""How long a text shall be, from what the writer said.

The rules are LongWriter-Zero's (its range prompt, facts/longwriter_zero.md, 2.1): a stated number stands
for ±10 %; "no more than N" for 90-100 % of N, "at least N" for 100-110 %; a kind of text without a number
has a range in hundreds, at most 3,000 wide and 12,000 high. Those rules are English and Chinese; a number
of words is read in the languages of `_WORDS`, too. A goal given beside the text wins over all of it. Where
a text states several lengths, the longest that is asked of the text itself counts; lengths of texts it only
mentions ("this 900-word story") do not; "at least 800 words, at most 1,000 words" is one range. Called by
the command line, the plan page and the trainer's requests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.planning.kinds import guess_kind
from engine.planning.numbers import NUMBER, TO, bounds, to_number

Source = Literal["explicit", "request", "kind"]

_FEWEST = 20  # below, "words" and 字 are about words, not about a length ("four-word phrases")
_TOLERANCE = 0.1
_BY_KIND = {
    "novel": (9000, 12000),
    "story": (1500, 2500),
    "report": (2500, 4000),
    "article": (1000, 1500),
    "other": (800, 1200),
}
_BY_TYPE = (
    (r"\bthesis\b|\bdissertation\b|\bacademic paper\b|毕业论文|学术论文", (6000, 9000)),
    (r"\bresearch paper\b|\bwhite ?paper\b|论文|白皮书", (4000, 6000)),
    (r"\bschool essay\b|作文", (800, 1000)),
    (r"\bessay\b|\bblog post\b|\bspeech\b|演讲稿|散文", (1000, 1500)),
    (r"\bpoem\b|\brap\b|\blyrics\b|诗歌|歌词", (100, 300)),
    (r"\bsummary\b|\babstract\b|\be?-?mail\b|\bletter\b|摘要|总结|邮件", (200, 400)),
)

_PART = r"(?:[\s-]+(?:chapters?|parts?|sections?|scenes?|acts?|episodes?)\b|\s*个?(?:部分|章|节|幕|篇|集))"
_WORDS = "|".join(
    (
        r"words?",
        r"Wörtern?|Worten?",
        r"palabras",
        r"mots",
        r"parole(?![\s-]+(?:board|hearing|officer|violat))",  # Italian, not the English release from prison
        r"woorden",
        r"słów|słowa",
        r"palavras",
        r"слова?",
        r"ord",
    )
)
UNIT = (
    rf"(?:[\s-]{{0,9}}(?:{_WORDS})\b|\s*个?(?:汉字|英文单词|单词|文字|字|词)(?![符母体段典句数眼])"
    r"|語(?![言種族法]))"
)
"""A pattern (ignore case) for "words" behind a number, in the languages that are read; it has no groups."""
_UNIT_ALONE = re.compile(UNIT, re.IGNORECASE)
_BETWEEN = re.compile(
    r"(?:\b(?:between|zwischen|entre|tra|tussen|mellan|między|между)\s{1,9})?"
    rf"(?P<low>{NUMBER}){UNIT}?{TO}(?P<high>{NUMBER}){UNIT}",
    re.IGNORECASE,
)
_PLUS_MINUS = re.compile(
    rf"(?P<middle>{NUMBER}){UNIT}?\s*[(（]?(?:±|\+/-|\+-|上下浮动|浮动)\s*(?P<margin>{NUMBER})\s*"
    rf"(?:(?P<percent>%|％|percent)|{UNIT})?(?:{UNIT})?",
    re.IGNORECASE,
)
_ONE = re.compile(
    rf"(?P<number>{NUMBER})(?P<plus>\s?\+)?{UNIT}"
    r"(?P<behind>\s*(?:or\s+(?:more|less|fewer)|(?:min|max)(?:imum)?\b|at\s+most|at\s+least|以上|以内|之内|以下|起))?"
    rf"|字数[^\d\n。，,；;]{{0,8}}?(?P<bare>{NUMBER})(?P<bare_behind>\s*(?:以上|以内|之内|以下|起))?",
    re.IGNORECASE,
)
_AT_MOST = re.compile(
    r"(?:(?:no|not)\s+(?:more|longer)\s+than|at\s+most|up\s+to|not\s+(?:to\s+)?exceed(?:ing)?|max(?:imum|\.)?(?:\s+of)?"
    r"|(?<!no )(?<!not )(?:less|fewer)\s+than|under|within|below|不(?:得|要)?(?:超过|多于)|最多|至多|控制在"
    r"|(?<!不)(?<!不得)(?<!不要)少于)\s*$",
    re.IGNORECASE,
)
_AT_LEAST = re.compile(
    r"(?:(?:no|not)\s+(?:less|fewer|shorter)\s+than|at\s+least"
    r"|(?<!no )(?<!not )more\s+than|over|above|min(?:imum|\.)?(?:\s+of)?"
    r"|不(?:得|要)?(?:少于|低于)|至少|最少|(?<!不)(?<!不得)(?<!不要)(?:超过|多于))\s*$",
    re.IGNORECASE,
)
_BEHIND_MOST = ("less", "fewer", "max", "maximum", "most", "以内", "之内", "以下")
_MENTIONED = re.compile(
    r"(?:\b(?:this|that|these|those|attached|original|existing)|这篇|这份|原文)\s*$", re.IGNORECASE
)
_EACH_BEFORE = re.compile(
    rf"(?:\b(?:each|every|per)\b|各写?|每)(?:[^.。!?\n,，;；\d]|\d{{1,3}}(?={_PART})){{0,35}}$", re.IGNORECASE
)
# "500 parole per bambini": Italian "per" is "for".
_EACH_BEHIND = re.compile(
    r"\s*(?:each|apiece|every|in\s+(?:each|every))\b|(?<!parole)\s*per\b", re.IGNORECASE
)
_PARTS = re.compile(rf"({NUMBER}){_PART}", re.IGNORECASE)
_APART = 30  # characters at most between "at least 800 words" and "at most 1,000 words" that go together


@dataclass(frozen=True)
class LengthRange:
    """Words, both ends included; `source` tells who set it."""

    lower: int
    upper: int
    source: Source

    @property
    def target(self) -> int:
        """The middle of the range: the number itself where one was stated plainly."""
        return (self.lower + self.upper) // 2


def range_of(text: str, goal: int | None = None, kind: str = "other") -> LengthRange:
    """The range for a request or brief. `goal` in words wins; `kind` decides where nothing is said.

    It takes every number as it is said; `engine.planning.brief.check_goal` judges it.
    """
    if goal is not None:
        return _around(goal, round(goal * _TOLERANCE), "explicit")
    stated = _joined(stated_lengths(text))
    if stated:
        return max(stated, key=lambda length: length.target)
    lowered = text.lower()
    for pattern, (lower, upper) in _BY_TYPE if kind == "other" else ():
        if re.search(pattern, lowered):
            return LengthRange(lower, upper, "kind")
    return LengthRange(*_BY_KIND[guess_kind(text) if kind == "other" else kind], "kind")


def stated_lengths(text: str) -> list[Stated]:
    """The lengths that `text` asks for, in reading order."""
    return sorted(_stated(text), key=lambda found: found.start)


def _around(middle: int, margin: int, source: Source = "request") -> LengthRange:
    return LengthRange(middle - margin, middle + margin, source)


@dataclass(frozen=True)
class Stated:
    """A length that stands at `[start, end)` of a text; `bound` where it is an end of a range only. `lead`
    and `unit`: how it names the words, in front of the number ("字数：") or behind it ("-word")."""

    start: int
    end: int
    length: LengthRange
    bound: Literal["least", "most"] | None
    lead: str
    unit: str


def _stated(text: str) -> Iterator[Stated]:
    """As `stated_lengths`, in no order."""
    taken = bytearray(len(text))
    for pattern in (_BETWEEN, _PLUS_MINUS, _ONE):
        for match in pattern.finditer(text):
            if any(taken[match.start() : match.end()]):
                continue
            taken[match.start() : match.end()] = b"x" * len(match[0])
            before = text[max(0, match.start() - 40) : match.start()]
            bound = _bound(match, before) if pattern is _ONE else None
            found = _read(pattern, match, bound)
            if found.upper < _FEWEST or _MENTIONED.search(before):
                continue
            if _EACH_BEFORE.search(before) or _EACH_BEHIND.match(text, match.end()):
                parts = _part_count(text)
                found = LengthRange(found.lower * parts, found.upper * parts, "request")
            if found.upper:
                yield Stated(match.start(), match.end(), found, bound, *_named(match))


def _bound(match: re.Match[str], before: str) -> Literal["least", "most"] | None:
    """Whether a number is the least or the most that is asked for; `before` is the text in front of it."""
    behind = (match["behind"] or match["bare_behind"] or "").lower()
    if _AT_MOST.search(before) or behind.endswith(_BEHIND_MOST):
        return "most"
    return "least" if behind or match["plus"] or _AT_LEAST.search(before) else None


def _named(match: re.Match[str]) -> tuple[str, str]:
    """Lead and unit of one stated length."""
    unit = _UNIT_ALONE.search(match[0])
    if unit is not None:
        return "", unit[0]
    return match[0][: match.start("bare") - match.start()], ""


def _read(
    pattern: re.Pattern[str], match: re.Match[str], bound: Literal["least", "most"] | None
) -> LengthRange:
    """The range that one stated length means."""
    if pattern is _BETWEEN:
        return LengthRange(*bounds(match["low"], match["high"]), "request")
    if pattern is _PLUS_MINUS:
        middle, margin = to_number(match["middle"]), to_number(match["margin"])
        return _around(middle, round(middle * margin / 100) if match["percent"] else margin)
    number = to_number(match["number"] or match["bare"])
    margin = round(number * _TOLERANCE)
    return LengthRange(
        number if bound == "least" else number - margin,
        number if bound == "most" else number + margin,
        "request",
    )


def _joined(stated: Sequence[Stated]) -> list[LengthRange]:
    """The lengths in reading order, with a least and a most beside each other as one range."""
    lengths: list[LengthRange] = []
    before: Stated | None = None
    for found in stated:
        if before and {before.bound, found.bound} == {"least", "most"} and found.start - before.end <= _APART:
            first, second = before.length, found.length
            low, high = (first.lower, second.upper) if found.bound == "most" else (second.lower, first.upper)
            if low <= high:
                lengths[-1] = LengthRange(low, high, "request")
                before = None
                continue
        lengths.append(found.length)
        before = found
    return lengths


def _part_count(text: str) -> int:
    """How many parts the text speaks of; 0 where it names no number, so that no length follows."""
    return max((to_number(match[1]) for match in _PARTS.finditer(text)), default=0)
