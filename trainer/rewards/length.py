"""LongWriter-Zero's length reward, and the range that it measures by.

    r = 1                                 low <= words <= high
      = words / low                       words < low
      = (L_max - words) / (L_max - high)  words > high

Source: arXiv 2506.18841 (facts/longwriter_zero.md, 2.1). The paper gives no L_max: it is twice the
upper end here unless the caller says otherwise, never the upper end itself, and beyond it the reward
stays 0. Words are those of the answer alone, by the one counter (`engine.text.counting`).
It knows no models. Called by `score`, and by the rollout for ranges.
"""

from __future__ import annotations

import re

from engine.errors import TrainingError
from engine.planning.length_range import range_of

LEAST_ROOM = 10  # words: with less room no length can be learned
_NARROWEST = 9 / 11  # a narrowed range is at least as wide as that of a stated number: its middle ±10 %

# `range_of` reads English and Chinese; behind a number, these stand for "words".
_WORDS = {
    "de": r"Wörtern?\b|Worten?\b",
    "es": r"palabras\b",
    "fr": r"mots\b",
    "it": r"parole\b",
    "ja": r"文字|字|語",
    "nl": r"woorden\b",
    "pl": r"słów\b|słowa\b",
    "pt": r"palavras\b",
    "ru": r"слова?\b",
    "sv": r"ord\b",
}


def l_max_of(high: int) -> int:
    """Words at which a text that is too long earns nothing: twice the upper end of its range."""
    return max(2 * high, high + 1)


def length_reward(words: int, low: int, high: int, l_max: int | None = None) -> float:
    """The reward, 0 to 1, for an answer of `words` words where `low` to `high` were wanted.

    `low` 0 means that no text is too short. An `l_max` (words) at or below `high` counts as `high` + 1:
    the first word too many then earns nothing. Raises `TrainingError` for a range that is none.
    """
    if low < 0 or high < low:
        raise TrainingError(f"{low} to {high} words is no range of lengths.")
    if words < low:
        return max(0, words) / low
    if words <= high:
        return 1.0
    limit = l_max_of(high) if l_max is None else max(l_max, high + 1)
    return max(0.0, (limit - words) / (limit - high))


def range_for(prompt: str, language: str, room_words: int) -> tuple[int, int]:
    """The words wanted for a request, lowest and highest, narrowed to what fits.

    A stated number means ±10 %, a kind of text its usual range (`engine.planning.length_range`).
    `language`: a BCP 47 tag, by which numbers of words are found in languages the engine's rules do not
    read. `room_words`: words that the run's room for an answer holds. Raises `TrainingError` as `fitted`.
    """
    word = _WORDS.get(language.partition("-")[0].lower())
    text = re.sub(rf"(?<=\d)\s*(?:{word})", " words ", prompt, flags=re.IGNORECASE) if word else prompt
    wanted = range_of(text)
    return fitted(wanted.lower, wanted.upper, room_words)


def fitted(low: int, high: int, room_words: int) -> tuple[int, int]:
    """The range, with its upper end moved down to `room_words` where it does not fit.

    The lower end follows so far that the range stays as wide as its middle ±10 %. Raises `TrainingError`
    when the room is below 10 words.
    """
    if room_words < LEAST_ROOM:
        raise TrainingError("The room for an answer is too small to write in. Allow more new tokens.")
    if high <= room_words:
        return low, high
    return min(low, round(room_words * _NARROWEST)), room_words
