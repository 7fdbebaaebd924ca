"""How a text is written, as some thirty numbers that a writer could name.

Each feature is a rate, a share or a mean, so that a text does not score by being longer; the length
itself (`log_words`) is measured beside them, only to be explained away when a model is fitted. Marks
and counts work in any script; the few word lists (persons, stock phrases, adverbs in -ly, forms of
"to be") know English and the commonest words of some other languages, and read 0 elsewhere.

A pure function of the text. Called by `columns`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.text.counting import count_words, words
from engine.text.repetition import measure
from engine.text.segmenting import ends_sentence, paragraphs, sentences

Values = NDArray[np.float64]

_WINDOW = 40  # words; diversity is measured in stretches of this length, whatever the text's
_QUOTED = re.compile('“([^”]*)”|"([^"]*)"|«([^»]*)»|„([^“”]*)[“”]|»([^«]*)«|「([^」]*)」|『([^』]*)』')
_SPOKEN_LINE = re.compile('^[ \t]*(?:[“"«„»「『]|[—–][ \t]*\\w)', re.MULTILINE)
_LINE = re.compile(r"^.*\S.*$", re.MULTILINE)
_MARKUP_LINE = re.compile(r"^[ \t]*(?:#{1,6}[ \t]|[-*+•][ \t]|\d{1,3}[.)][ \t]|\||```|\*\*)", re.MULTILINE)
_NAME = re.compile(r"(?<=[a-zà-ÿ,;] )[A-ZÀ-Þ][a-zà-ÿ]+")
_STOCK = re.compile(
    r"\b(?:here is|here's|here are|i hope|let me know|as an ai|of course!|certainly!|sure[,!]|in conclusion|"
    r"in summary|to sum up|overall,|it(?: is|'s) important to|it is worth noting|needless to say|"
    r"as (?:mentioned|stated|noted)|in other words|"
    r"(?:this|the following|the above) (?:story|scene|text|section|essay|article|chapter|passage))\b|"
    r"以下是|总之|希望这",
    re.IGNORECASE,
)


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_FIRST = _set(
    "i i'm i'd i'll i've me my mine myself we us our ours ourselves ich mich mir mein meine wir uns unser "
    "je mon nous notre yo mi nosotros nuestro io mio noi 我 咱"
)
_SECOND = _set("you your yours yourself you're you'll du dich dir dein euch vous votre tú usted 你 您")
_THIRD = _set("he him his she her hers they them their himself herself 他 她")
_BEING = _set("is was were are be been being am isn't wasn't weren't aren't ist war waren est était")
_JOINING = _set("and but or so und oder aber et mais ou y pero o")
_NOT_ADVERBS = _set("family only early reply apply supply july italy belly holy ugly lonely likely")


@dataclass(frozen=True)
class Feature:
    """One number of a text. `more` and `less` say in a writer's words what a high or a low value is."""

    name: str
    more: str
    less: str


FEATURES: tuple[Feature, ...] = (
    Feature("sentence_words", "longer sentences", "shorter sentences"),
    Feature("sentence_spread", "sentences of mixed length", "sentences of even length"),
    Feature("short_sentences", "more very short sentences", "fewer very short sentences"),
    Feature("long_sentences", "more very long sentences", "fewer very long sentences"),
    Feature("dialogue_words", "more dialogue", "less dialogue"),
    Feature(
        "dialogue_lines", "more paragraphs that open with speech", "fewer paragraphs that open with speech"
    ),
    Feature("paragraph_breaks", "shorter paragraphs", "longer paragraphs"),
    Feature("questions", "more questions", "fewer questions"),
    Feature("exclamations", "more exclamation marks", "fewer exclamation marks"),
    Feature("ellipses", "more sentences that trail off", "fewer sentences that trail off"),
    Feature("commas", "more commas", "fewer commas"),
    Feature("heavy_marks", "more semicolons, colons and dashes", "fewer semicolons, colons and dashes"),
    Feature("adverbs", "more adverbs in -ly", "fewer adverbs in -ly"),
    Feature("first_person", "more I and we", "less I and we"),
    Feature("second_person", "more you", "less you"),
    Feature("third_person", "more he, she and they", "less he, she and they"),
    Feature("being", "more is and was", "less is and was"),
    Feature("joining", "more and, but, or", "fewer and, but, or"),
    Feature("ing_words", "more words in -ing", "fewer words in -ing"),
    Feature("ed_words", "more words in -ed", "fewer words in -ed"),
    Feature("word_letters", "longer words", "shorter words"),
    Feature("long_words", "more words of eight letters and up", "fewer words of eight letters and up"),
    Feature("diversity", "a richer vocabulary", "plainer, recurring words"),
    Feature("top_words", "a few words used very often", "no word used too often"),
    Feature("repeated_sentences", "sentences that come again", "no sentence twice"),
    Feature("repeated_phrases", "phrases that come again", "no phrase twice"),
    Feature("names", "more names", "fewer names"),
    Feature("digits", "more figures", "fewer figures"),
    Feature("markup", "more headings and lists", "fewer headings and lists"),
    Feature("stock_phrases", "stock phrases and talk about the text", "no stock phrases"),
    Feature("ends_whole", "an end that is an end", "an open end"),
)
NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)


def style(text: str) -> Values:
    """The features of `text` in the order of `NAMES`. All finite; all 0 but the end for an empty text."""
    spoken = words(text.lower())
    if not spoken:
        return np.zeros(len(NAMES))
    lengths = [count for sentence in sentences(text) if (count := count_words(sentence))] or [len(spoken)]
    found = {
        **_rhythm(text, lengths, len(spoken)),
        **_marks(text, len(lengths), len(spoken)),
        **_vocabulary(spoken),
        **_echoes(text, spoken, len(lengths)),
    }
    found["names"] = len(_NAME.findall(text)) / len(spoken)
    found["ends_whole"] = float(ends_sentence(text))
    return np.array([found[name] for name in NAMES], dtype=np.float64)


def log_words(text: str) -> float:
    """The length, as the logarithm of its words."""
    return math.log(max(1, count_words(text)))


def _rhythm(text: str, lengths: Sequence[int], total: int) -> dict[str, float]:
    mean = sum(lengths) / len(lengths)
    spread = math.sqrt(sum((length - mean) ** 2 for length in lengths) / len(lengths))
    parts = paragraphs(text)
    lines = _LINE.findall(text)
    quoted = sum(count_words("".join(groups)) for groups in _QUOTED.findall(text))
    return {
        "sentence_words": math.log(mean),
        "sentence_spread": spread / mean,
        "short_sentences": sum(length <= 5 for length in lengths) / len(lengths),
        "long_sentences": sum(length >= 25 for length in lengths) / len(lengths),
        "dialogue_words": min(1.0, quoted / total),
        "dialogue_lines": len(_SPOKEN_LINE.findall(text)) / max(1, len(lines)),
        # Not their words: for a text of one paragraph that would be its length.
        "paragraph_breaks": (len(parts) - 1) / max(1, len(lengths) - 1) if parts else 0.0,
        "markup": len(_MARKUP_LINE.findall(text)) / max(1, len(lines)),
    }


def _marks(text: str, sentence_count: int, total: int) -> dict[str, float]:
    signs = Counter(text)

    def of(marks: str) -> int:
        return sum(signs[mark] for mark in marks)

    return {
        "questions": min(1.0, of("?？؟") / sentence_count),
        "exclamations": min(1.0, of("!！") / sentence_count),
        "ellipses": min(1.0, (of("…") + text.count("...")) / sentence_count),
        "commas": of(",，、،") / total,
        "heavy_marks": (of(";；:：—–") + text.count(" - ")) / total,
        "digits": sum(map(str.isdigit, text)) / total,
    }


def _vocabulary(spoken: Sequence[str]) -> dict[str, float]:
    total = len(spoken)
    plain = [word.replace("’", "'") for word in spoken]

    def rate(chosen: frozenset[str]) -> float:
        return sum(word in chosen for word in plain) / total

    def ending(suffix: str, least: int) -> float:
        return sum(word.endswith(suffix) and len(word) >= least for word in plain) / total

    adverbs = sum(word.endswith("ly") and len(word) > 4 and word not in _NOT_ADVERBS for word in plain)
    return {
        "adverbs": adverbs / total,
        "first_person": rate(_FIRST),
        "second_person": rate(_SECOND),
        "third_person": rate(_THIRD),
        "being": rate(_BEING),
        "joining": rate(_JOINING),
        "ing_words": ending("ing", 5),
        "ed_words": ending("ed", 5),
        "word_letters": sum(map(len, spoken)) / total,
        "long_words": sum(len(word) >= 8 for word in spoken) / total,
    }


def _echoes(text: str, spoken: Sequence[str], sentence_count: int) -> dict[str, float]:
    starts = range(0, max(1, len(spoken) - _WINDOW + 1), _WINDOW // 2)
    stretches = [spoken[at : at + _WINDOW] for at in starts]
    repetition = measure(text)
    content = Counter(word for word in spoken if len(word) >= 4)
    return {
        "diversity": sum(len(set(part)) / math.sqrt(len(part)) for part in stretches) / len(stretches),
        "top_words": sum(count for _, count in content.most_common(3)) / len(spoken),
        "repeated_sentences": repetition.duplicate_sentence_share,
        "repeated_phrases": 1.0 - repetition.distinct_4grams,
        "stock_phrases": min(1.0, len(_STOCK.findall(text)) / sentence_count),
    }
