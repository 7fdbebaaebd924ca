"""When a section goes on, winds up, stops, or has to be corrected.

Everything is in words of the one counter. The controller sees sentence ends as they are confirmed
and chooses the one nearest the aim; it never looks at the text. The remainder between sections is
kept in a `WordPot`. It knows nothing of tokens or requests. Used by `section` and `book`.

    own target T      what the outline asks for
    aim               T plus what the pot gives, at most `MOST_CARRY` of T to either side
    limit             how far from the aim a sentence end may lie and still be accepted
    wind-up           the last `WIND_UP` of the aim, at least 40 words: the model may end by itself
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

MOST_CARRY = 0.06
MOST_DEVIATION = 0.08
"""Of the own target: half a sentence more and a section would leave its ten percent."""
LAST_RESORT = 0.095
RESTS = 0.03
"""A model that ends by itself so near the aim has closed the section better than a cut could."""
NEAR = 0.012
WIND_UP = 0.07
LEAST_WIND_UP = 40
FINISHED_WITHIN = 0.10


class Decision(Enum):
    """`CORRECT`: no acceptable sentence end was met and the running sentence is too long."""

    CONTINUE = "continue"
    WIND_UP = "wind up"
    STOP = "stop"
    CORRECT = "correct"


@dataclass(frozen=True)
class Boundary:
    """The end of a sentence: characters and words up to there."""

    position: int
    words: int


class LengthController:
    """One section's length. Feed sentence ends with `ended`, ask with `decide`."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.aim = target
        self.limit = max(1, int(target * MOST_DEVIATION))
        self.winding_up = False
        self._boundaries: list[Boundary] = []

    def set_aim(self, carried: int, tight: int | None) -> None:
        """Fix the aim when the wind-up begins. `tight`: a narrower limit in words, for the last section."""
        self.aim = self.target + carried
        most = int(self.target * MOST_DEVIATION)
        self.limit = max(1, most - max(0, abs(carried) - int(self.target * 0.01)))
        if tight is not None:
            self.limit = max(1, min(self.limit, tight))
        self.winding_up = True

    def winds_up_at(self) -> int:
        """Words from which the section winds up, whatever the pot will give."""
        return self.target - max(int(self.target * (WIND_UP + MOST_CARRY)), LEAST_WIND_UP)

    def ended(self, position: int, words: int) -> None:
        """A sentence ended there."""
        self._boundaries.append(Boundary(position, words))

    def cut_back(self, position: int) -> None:
        """The text was cut to `position`; later sentence ends are gone."""
        self._boundaries = [boundary for boundary in self._boundaries if boundary.position <= position]

    def best(self) -> Boundary | None:
        """The sentence end nearest the aim; of two equally near ones the later."""
        ends = reversed(self._boundaries)
        return min(ends, key=lambda end: abs(end.words - self.aim), default=None)

    def last_below(self, further: int = 0) -> Boundary | None:
        """The last sentence end in front of the aim, or one `further` back: where a correction goes on from.
        None is the beginning."""
        below = [end for end in self._boundaries if end.words < self.aim]
        return below[-1 - further] if len(below) > further else None

    @property
    def widest(self) -> int:
        """How far from the aim an ending may lie at the very last, the own ten percent kept."""
        return max(1, int(self.target * LAST_RESORT) - abs(self.aim - self.target))

    def accepts(self, words: int) -> bool:
        """Whether a sentence end there is close enough to the aim."""
        return abs(words - self.aim) <= self.limit

    def may_rest(self, words: int) -> bool:
        """Whether a model that ends its turn there is left in peace."""
        return self.winding_up and abs(words - self.aim) <= min(self.limit, max(2, int(self.target * RESTS)))

    def decide(self, words: int) -> Decision:
        """`words` is the length now, the running sentence included."""
        if not self.winding_up:
            return Decision.WIND_UP if words >= self.winds_up_at() else Decision.CONTINUE
        best = self.best()
        good = best is not None and self.accepts(best.words)
        distance = abs(best.words - self.aim) if best is not None else self.aim
        if good and distance <= max(1, int(self.aim * NEAR)):
            return Decision.STOP
        if words <= self.aim:
            return Decision.CONTINUE
        if good and words - self.aim > distance:
            return Decision.STOP
        return Decision.CORRECT if words - self.aim > self.limit else Decision.CONTINUE


class WordPot:
    """The remainder of a book, handed on from finished sections to those still being written."""

    def __init__(self, words: int = 0) -> None:
        self.words = words
        """Positive: so many words are still owed; negative: so many too many were written."""

    def take(self, target: int, already: int = 0) -> int:
        """What a section of that target takes over, within `MOST_CARRY` of it, `already` included."""
        most = int(target * MOST_CARRY)
        taken = max(-most - already, min(most - already, self.words))
        self.words -= taken
        return taken

    def settle(self, aim: int, words: int) -> None:
        """A section that aimed at `aim` has ended with `words`."""
        self.words += aim - words


def is_finished(words: int, target: int) -> bool:
    """Within ten percent of its own target: the bar for `complete`."""
    return abs(words - target) <= target * FINISHED_WITHIN
