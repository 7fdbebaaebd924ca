"""What makes a title or a beat usable, whatever model it came from.

A title is short, whole, unlike the others, and no label ("Chapter 3"); a beat is one or two whole
sentences about the matter, not about the text ("This chapter describes ..."). It knows no models.
Called by `outline_draft`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from engine.text.counting import count_words, words
from engine.text.segmenting import ends_sentence, sentences

MOST_TITLE_WORDS = 6
MOST_BEAT_WORDS = 45
_LEAST_BEAT_WORDS = 8
_MOST_LETTERS = 20  # of one Latin word: above, a small model has run words together

_NUMBERING = re.compile(
    r"^[\s>#*_\-–•]*(?:(?:chapter|section|part|act|scene)\s+"
    r"(?:\d+|[ivxlc]+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b\s*[.:)\-–—]*"
    r"|第?\s*[\d一二三四五六七八九十百]+\s*[章节節部回幕]?\s*[.:：)、．]\s*|第[\d一二三四五六七八九十百]+[章节節部回幕]\s*"
    r"|[\d]+\s*[.:)]\s*)+",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s*[:：]\s*|\s+[-–—]+\s+|\s*——\s*")
_BEAT_EDGE = ' "“”_`-–:：'
_EDGE = " \t*_#`\"'“”‘’«»[]()（）《》「」-–—:：,，;；"
_LABEL = re.compile(
    r"\b(?:chapter|section|outline|subtitle|numbered list|paragraph|sentence|transcript)s?\b"
    r"|\bhere (?:is|are)\b|^title\b"
    r"|^(?:(?:the|this|a|an) )?(?:novel|story|report|article|book|summary|text)(?:'s|’s)?\b"
    r"|标题|大纲|本章|本节|列表|编号",
    re.IGNORECASE,
)
_FRAME = re.compile(r"(?:introduction|conclusion|prelude|overview)\b", re.IGNORECASE)
_ABOUT_THE_TEXT = re.compile(
    r"\b(?:main character|protagonist|(?:the|this|our|a classic|a) (?:story|novel|tale|report|article|chapter"
    r"|section|text|book|outline|author|reader|plot|narrative|sentence|setting|part|scene|title|paragraph|summary)s?)\b"
    r"|\bhere(?:'s|’s| is)\b|\b(?:rewritten|specified|in one sentence|one-sentence|as an ai)\b"
    r"|\bthe (?:first|second|third|next|last|final) (?:section|chapter|scene|part)\b"
    r"|\band so on\b|\bjust one example\b"
    r"|主人公|主角|本章|本节|本文|读者|作者|一句话",
    re.IGNORECASE,
)
# fmt: off
_SMALL = frozenset((
    "a", "an", "the", "of", "in", "on", "at", "to", "for", "and", "or", "by", "with", "from", "as", "is",
    "are", "was", "that", "which", "who", "her", "his", "their", "its", "it", "he", "she", "they", "be",
    "has", "have",
))
# fmt: on
_HAN = re.compile("[\u4e00-\u9fff]")
_BROKEN = re.compile(
    r"^[^.]{0,40}:|[,;:]\s*[.!?]|\d[.)]\s|(?i:\b(\w+)[, ]+\1\b)"
    r"|([\u4e00-\u9fff])\2\2|[a-z][A-Z]{2}|\ufffd|第第"
)
_VAGUE = re.compile(r"(?:it|its|this|that|these|those|there)\b", re.IGNORECASE)
_WIDE = re.compile("[\u2e80-\uffef]")
_STARTS_WITH_LETTER = re.compile(r"[^\W\d_]")


class Rules:
    """The rules for one outline; it remembers what the outline has, so that nothing comes twice.

    `han`: the outline is in Chinese. `fiction`: an "Introduction" is no chapter. `premise` must not
    come back as a beat. `strict` is for small models, which wander off: a beat must share a word
    with the premise, a title with the premise or its beat.
    """

    def __init__(self, *, han: bool, fiction: bool, premise: str, strict: bool) -> None:
        self._han = han
        self._fiction = fiction
        self._strict = strict
        self._premise = _content(premise)
        self._titles: list[frozenset[str]] = []
        self._beats: list[frozenset[str]] = []

    def title(self, raw: str, beat: str = "") -> str | None:
        """`raw` as a title for what happens in `beat`, or None where it is not usable."""
        title = " ".join(_NUMBERING.sub("", raw).strip(_EDGE).rstrip(".。!").split())
        if not _STARTS_WITH_LETTER.match(title) or _LABEL.search(title) or not _whole_title(title, self._han):
            return None
        if self._fiction and _FRAME.match(title):
            return None
        content = _content(title)
        if self._strict and not _touches(content, self._premise | _content(beat)):
            return None
        return None if _repeats(content, self._titles, 0.6) else _capitals(title)

    def beat(self, raw: str, known: str = "") -> str | None:
        """The first one or two sentences of `raw` as a beat, or None where they are not usable.

        `known` is what is said of it already (its chapter, its stage), not to be only said again.
        """
        text = " ".join(_NUMBERING.sub("", raw).replace("*", "").replace("#", "").split()).strip(_BEAT_EDGE)
        told = [sentence for sentence in sentences(text)[:2] if _tells(sentence)]
        while count_words(" ".join(told)) > (2 if self._han else 1) * MOST_BEAT_WORDS:
            told.pop()
        beat = ("" if self._han else " ").join(told)
        if (
            count_words(beat) < _LEAST_BEAT_WORDS
            or _mostly_han(beat) != self._han
            or not _made_of_words(beat)
        ):
            return None
        content = _content(beat)
        if self._strict and (_VAGUE.match(beat) or not _touches(content, self._premise)):
            return None
        if known and len(content - _content(known)) < 0.4 * len(content):
            return None
        if _repeats(content, self._beats, 0.6) or _repeats(content, [self._premise], 0.8):
            return None
        return beat[0].upper() + beat[1:]

    def freshest(self, beats: Sequence[str]) -> str:
        """The one of `beats` that shares least with those that the outline has."""
        seen = frozenset[str]().union(*self._beats)
        return min(beats, key=lambda text: len(_content(text) & seen) / max(1, len(_content(text))))

    def keep_title(self, title: str) -> None:
        """The outline has this title now."""
        self._titles.append(_content(title))

    def keep_beat(self, beat: str) -> None:
        """The outline has this beat now."""
        self._beats.append(_content(beat))


def read_lines(answer: str) -> list[tuple[str, str]]:
    """`(title, beat)` pairs of a numbered list, as leniently as it was written."""
    pairs: list[tuple[str, str]] = []
    for line in filter(None, (raw.strip() for raw in answer.split("\n"))):
        bare, numbered = _NUMBERING.subn("", line, count=1)
        title, *rest = _SEPARATOR.split(bare, maxsplit=1)
        if not numbered and not rest and pairs and not pairs[-1][1]:
            pairs[-1] = (pairs[-1][0], line)  # the sentence stands on a line of its own
        elif not rest and ends_sentence(title):
            pairs.append(("", title))  # "Chapter 2: The boat does not come back."
        else:
            pairs.append((title.strip(), rest[0] if rest else ""))
    return pairs


def _tells(sentence: str) -> bool:
    return ends_sentence(sentence) and not _ABOUT_THE_TEXT.search(sentence)


def _touches(content: frozenset[str], other: frozenset[str]) -> bool:
    """Whether the two have a word in common, endings aside."""
    return any(a[:4] == b[:4] for a in content for b in other if len(a) > 3 or not a.isascii())


def _whole_title(title: str, han: bool) -> bool:
    """Whether `title` has the length and the end of a title in its script."""
    if han:
        return _mostly_han(title) and 2 <= count_words(title) <= 16 and len(set(title)) * 3 >= len(title) * 2
    parts = words(title)
    if _mostly_han(title) or not 1 <= len(parts) <= MOST_TITLE_WORDS or not _made_of_words(title):
        return False
    stems = [part[:5] for part in _content_list(title)]
    whole = parts[-1].lower() not in _SMALL and not parts[-1].endswith(("'s", "’s"))
    return whole and 0 < len(stems) == len(set(stems))


def _made_of_words(text: str) -> bool:
    parts = words(text)
    if _BROKEN.search(text) or (text[0].isascii() and _WIDE.search(text)):
        return False
    return all(len(part) <= _MOST_LETTERS or "-" in part for part in parts) and len(set(parts)) * 2 > len(
        parts
    )


def _mostly_han(text: str) -> bool:
    return len(_HAN.findall(text)) * 2 > len(words(text))


def _content(text: str) -> frozenset[str]:
    """The words that carry the meaning; in Chinese, the pairs of neighbouring characters."""
    parts = words(text.lower())
    if _mostly_han(text):
        return frozenset(a + b for a, b in pairwise(parts)) or frozenset(parts)
    return frozenset(_content_list(text))


def _content_list(text: str) -> list[str]:
    parts = (part.removesuffix("'s").removesuffix("’s") for part in words(text.lower()))
    return [part for part in parts if part not in _SMALL]


def _capitals(title: str) -> str:
    """An English title with capitals as titles have them; others as they are, with a first capital."""
    if title.isascii():
        title = re.sub(
            r"(?<![\w'’-])[a-z][\w'’-]*",
            lambda word: word[0] if word[0] in _SMALL else word[0].capitalize(),
            title,
        )
    return title[0].upper() + title[1:]


def _repeats(content: frozenset[str], others: Iterable[frozenset[str]], share: float) -> bool:
    """Whether `content` has at least `share` of its words, and of those of another text, in common."""
    return any(len(content & other) >= share * max(1, len(content | other)) for other in others)
