"""LongWriter-Zero's length reward.

    r = 1                                 low <= words <= high
      = words / low                       words < low
      = (L_max - words) / (L_max - high)  words > high

Source: arXiv 2506.18841 (facts/longwriter_zero.md, 2.1). The paper gives no L_max: it is twice the
upper end here unless the caller says otherwise, never the upper end itself, and beyond it the reward
stays 0. Words are those of the answer alone, by the one counter (`engine.text.counting`).
The range comes from `engine.planning.length_range`. It knows no models. Called by `score`.
"""

from __future__ import annotations

from engine.errors import TrainingError


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
