"""What has been told so far, in a few lines: sentences taken from the text, none invented.

A section's summary is its most telling sentences in their own order: rare words that come again in
the section score, length is evened out. No model is asked, so it costs nothing and adds no facts.
Used by `engine.jobs` and `trainer.evaluation.length_books` to fill the prompt's `summary` part.
"""

from __future__ import annotations

import math
import re
from collections import Counter

from engine.drafting.ledger import units
from engine.text.counting import count_words
from engine.text.segmenting import sentences

SUMMARY_WORDS = 40
_NO_SPACE = re.compile(r"(?<=[。！？」』]) ")
_COMMON_LETTERS = 4
"""English words shorter than this carry little; CJK characters all count."""


def summarise(text: str, most_words: int = SUMMARY_WORDS) -> str:
    """At most about `most_words` words of `text`'s own sentences; empty for an empty text."""
    all_sentences = sentences(text)
    weights = Counter(unit for unit in units(text) if len(unit) > _COMMON_LETTERS or not unit.isascii())
    ranked = sorted(range(len(all_sentences)), key=lambda i: (-_score(all_sentences[i], weights), i))
    chosen: list[int] = []
    words = 0
    for index in ranked:
        size = count_words(all_sentences[index])
        if chosen and words + size > most_words:
            continue
        chosen.append(index)
        words += size
        if words >= most_words * 0.7:
            break
    return _joined([all_sentences[index] for index in sorted(chosen)])


def last_words(text: str, most_words: int = 80) -> str:
    """The last sentences of `text`, about `most_words` words, whole sentences only."""
    kept: list[str] = []
    words = 0
    for sentence in reversed(sentences(text[-most_words * 12 :])):
        words += count_words(sentence)
        if kept and words > most_words:
            break
        kept.append(sentence)
    return _joined(kept[::-1])


def _joined(parts: list[str]) -> str:
    """With a space between, but not behind a CJK full stop."""
    return _NO_SPACE.sub("", " ".join(" ".join(part.split()) for part in parts))


def _score(sentence: str, weights: Counter[str]) -> float:
    words = units(sentence)
    if not 6 <= len(words) <= 45:
        return 0.0
    return sum(weights[word] for word in set(words)) / math.sqrt(len(words))
