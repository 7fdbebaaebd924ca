"""Splits sections that are asked to hold more than a model can into parts of their own.

A chapter becomes a chapter with sections; a section becomes several sections beside each other.
Titles say "part one", "part two", in the script of the title; beats say which stretch of the
section a part tells. Called by `quotas.assign` and `engine.store.splitting`; `outline_draft` takes the names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from engine.planning.outline_text import OutlineItem
from engine.text.segmenting import sentences

_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_HAN_DIGITS = "零一二三四五六七八九"
_HAN = re.compile("[\u4e00-\u9fff]")


def split_into_parts(items: Sequence[OutlineItem], most: int, *, chapters: bool) -> list[OutlineItem]:
    """`items` with every unlocked leaf above `most` words split; all leaves must have targets.

    `chapters`: the items are the top level, so a split one keeps its title and gets children.
    """
    result: list[OutlineItem] = []
    for item in items:
        if item.children:
            result.append(
                replace(item, children=tuple(split_into_parts(item.children, most, chapters=False)))
            )
        elif item.locked or item.target is None or item.target <= most:
            result.append(item)
        elif chapters:
            result.append(replace(item, target=None, children=tuple(parts_of(item, item.target, most))))
        else:
            result.extend(parts_of(item, item.target, most))
    return result


def parts_of(item: OutlineItem, words: int, most: int) -> list[OutlineItem]:
    """`item` as sections of at most `most` words beside each other, equal to a word, `words` together."""
    count = -(-words // most)
    least, longer = divmod(words, count)
    beats = _beats(item.beat, count, _HAN.search(item.title) is not None)
    return [
        OutlineItem(part_title(item.title, number), beats[number - 1], least + (number <= longer))
        for number in range(1, count + 1)
    ]


def part_title(title: str, number: int) -> str:
    """The title of part `number` (from 1) of something called `title`."""
    if _HAN.search(title):
        return f"{title}（{_han_number(number)}）"
    return f"{title}, part {_NUMBERS[number - 1] if number <= len(_NUMBERS) else number}"


def _han_number(number: int) -> str:
    if number >= 100:
        return str(number)
    tens, ones = divmod(number, 10)
    ten = "" if tens == 0 else "十" if tens == 1 else _HAN_DIGITS[tens] + "十"
    return ten + (_HAN_DIGITS[ones] if ones or not tens else "")


def _beats(beat: str, count: int, han: bool) -> list[str]:
    """The sentences of a beat dealt out in order; where there are too few, each part gets the whole
    beat and the stretch of it that it tells."""
    told = sentences(beat)
    if len(told) >= count:
        cuts = [len(told) * i // count for i in range(count + 1)]
        joint = "" if han else " "
        return [joint.join(told[a:b]) for a, b in pairwise(cuts)]
    return [" ".join(filter(None, (beat, _stretch(i, count, han=han)))) for i in range(count)]


def _stretch(index: int, count: int, *, han: bool) -> str:
    """A sentence that says which of `count` parts the part at `index` is, in English or Chinese."""
    if index == 0:
        return "（本节写开头。）" if han else "This part tells how it begins."
    if index == count - 1:
        return "（本节写结尾。）" if han else "This part tells how it ends."
    if count == 3:
        return "（本节写中段。）" if han else "This part tells the middle."
    return (
        f"（本节写第{index + 1}段，共{count}段。）"
        if han
        else f"This part tells how it goes on ({index + 1} of {count})."
    )
