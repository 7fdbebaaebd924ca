"""How much a text repeats itself, in the two figures that Longwright reports.

It knows no thresholds. Called by the drafting ledger, the page, the command line and the rewards.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.text.counting import words
from engine.text.segmenting import sentences

_N = 4


@dataclass(frozen=True)
class Repetition:
    """Shares between 0 and 1.

    `duplicate_sentence_share`: sentences that repeat an earlier one word for word (case and
    punctuation aside), of all sentences. `distinct_4grams`: different runs of four words (CJK: four
    characters), of all such runs; 1 where the text has none.
    """

    duplicate_sentence_share: float
    distinct_4grams: float


def measure(text: str) -> Repetition:
    """Measure `text`. Linear in its length."""
    keys = [key for sentence in sentences(text) if (key := sentence_key(sentence))]
    duplicates = 1 - len(set(keys)) / len(keys) if keys else 0.0
    tokens = words(text.lower())
    grams = list(zip(*(tokens[i:] for i in range(_N)), strict=False))
    return Repetition(
        duplicate_sentence_share=duplicates,
        distinct_4grams=len(set(grams)) / len(grams) if grams else 1.0,
    )


def sentence_key(sentence: str) -> str:
    """What two sentences share when they are the same but for case, markup and punctuation."""
    return " ".join(words(sentence.lower()))
