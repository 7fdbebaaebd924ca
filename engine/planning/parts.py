"""Splits sections that are asked to hold more than a model can into parts of their own.

A chapter becomes a chapter with sections; a section becomes several sections beside each other.
Titles say "part one", "Teil 2", "（二）" in the language of the text (`assets/parts.toml`), in Chinese where
the title is; beats say which stretch of the section a part tells. Called by `quotas.assign` and
`engine.store.splitting`; `outline_draft` takes the names.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from itertools import pairwise

from engine.planning.languages import in_traditional_characters
from engine.planning.outline_text import OutlineItem
from engine.text.segmenting import sentences

_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_HAN_DIGITS = "零一二三四五六七八九"
_HAN_LANGUAGES = {"zh", "zh-Hant", "ja"}
_HAN_STOP = re.compile("[。！？]")
_HAN = re.compile("[\u4e00-\u9fff]")


def split_into_parts(
    items: Sequence[OutlineItem], most: int, language: str, *, chapters: bool
) -> list[OutlineItem]:
    """`items` with every unlocked leaf above `most` words split; all leaves must have targets.

    `language`: the tag of the text's. `chapters`: the items are the top level, so a split one keeps its title
    and gets children.
    """
    result: list[OutlineItem] = []
    for item in items:
        if item.children:
            inside = split_into_parts(item.children, most, language, chapters=False)
            result.append(replace(item, children=tuple(inside)))
        elif item.locked or item.target is None or item.target <= most:
            result.append(item)
        elif chapters:
            parts = parts_of(item, item.target, most, language)
            result.append(replace(item, target=None, children=tuple(parts)))
        else:
            result.extend(parts_of(item, item.target, most, language))
    return result


def parts_of(item: OutlineItem, words: int, most: int, language: str) -> list[OutlineItem]:
    """`item` as sections of at most `most` words beside each other, equal to a word, `words` together."""
    count = -(-words // most)
    least, longer = divmod(words, count)
    beats = _beats(item.beat, count, _words_for(item.title, language))
    return [
        OutlineItem(part_title(item.title, number, language), beats[number - 1], least + (number <= longer))
        for number in range(1, count + 1)
    ]


def part_title(title: str, number: int, language: str) -> str:
    """The title of part `number` (from 1) of something called `title`."""
    word = _NUMBERS[number - 1] if number <= len(_NUMBERS) else number
    names = {"title": title, "number": number, "word": word, "han": _han_number(number)}
    return _words_for(title, language)["title"].format_map(names)


def _words_for(title: str, language: str) -> Mapping[str, str]:
    """The row of the language; Chinese for a Chinese title in a text that is said to be something else."""
    primary = "zh-Hant" if in_traditional_characters(language) else language.split("-")[0]
    if _HAN.search(title) and primary not in _HAN_LANGUAGES:
        primary = "zh"
    rows = _rows()
    return rows[primary if primary in rows else "other"]


@cache
def _rows() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files("assets").joinpath("parts.toml").read_text(encoding="utf-8"))


def _han_number(number: int) -> str:
    if number >= 100:
        return str(number)
    tens, ones = divmod(number, 10)
    ten = "" if tens == 0 else "十" if tens == 1 else _HAN_DIGITS[tens] + "十"
    return ten + (_HAN_DIGITS[ones] if ones or not tens else "")


def _beats(beat: str, count: int, words: Mapping[str, str]) -> list[str]:
    """The sentences of a beat dealt out in order; where there are too few, each part gets the whole
    beat and the stretch of it that it tells."""
    told = sentences(beat)
    if len(told) >= count:
        cuts = [len(told) * i // count for i in range(count + 1)]
        joint = "" if _HAN_STOP.search(beat) else " "
        return [joint.join(told[a:b]) for a, b in pairwise(cuts)]
    return [" ".join(filter(None, (beat, _stretch(i, count, words)))) for i in range(count)]


def _stretch(index: int, count: int, words: Mapping[str, str]) -> str:
    """A sentence that says which of `count` parts the part at `index` is."""
    if index == 0:
        return words["begins"]
    if index == count - 1:
        return words["ends"]
    return words["middle" if count == 3 else "goes_on"].format(number=index + 1, count=count)
