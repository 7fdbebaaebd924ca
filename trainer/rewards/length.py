"""LongWriter-Zero's length reward.

    r = 1                                 low <= words <= high
      = words / low                       words < low
      = (L_max - words) / (L_max - high)  words > high

Source: arXiv 2506.18841 (facts/longwriter_zero.md, 2.1). The paper gives no L_max: it is twice the
upper end here unless the caller says otherwise, never the upper end itself, and beyond it the reward
stays 0. Words are those of the answer alone, by the one counter (`engine.text.counting`).
The range comes from `engine.planning.length_range`. It knows no models. Called by `score`.

One thing is ours. The paper's room (14,000 tokens and more) lay far above its ranges; on a small machine
it ends just above them, so a text that never stops is cut off near its range and would earn almost all.
It has shown no length of its own: `reward_of` pays it `CUT_OFF` of the reward.
"""

from __future__ import annotations

from engine.errors import TrainingError
from trainer.rewards.completion import Completion

CUT_OFF = 0.5
"""Of the reward for a text that the room ended. With all of it, the texts that ended by themselves fell from
69 % to none in 26 steps, while the reward rose from 0.65 to 0.87 (docs/experiments.md)."""


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


def reward_of(completion: Completion, l_max: int | None = None) -> float:
    """The reward of a completion, 0 to 1; `CUT_OFF` of it for a text that did not end by itself."""
    reward = length_reward(len(completion.words), completion.low, completion.high, l_max)
    return reward if completion.ended else CUT_OFF * reward
