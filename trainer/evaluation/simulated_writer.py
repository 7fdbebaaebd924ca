"""A writer who does not exist: requests, a hidden taste, and choices with mistakes in them.

Whether the loop from preferences to a tuned model closes can only be judged by someone who knows
the answer. A simulated writer does: the taste is a plain function of the text that the program
never sees; it sees choices between two drafts, some of them wrong on purpose. Requests for the
choices and requests for the judgement share no person, no deed and no place.

Knows no models, runs or library. Called by `trainer.evaluation.taste_loop` and by tests.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Literal

from engine.text.counting import count_words
from engine.text.segmenting import sentences

Taste = Callable[[str], float]
Part = Literal["choices", "judgement"]

_QUOTED = re.compile(r"[“\"«„]([^”\"»“]*)[”\"»“]")

_WHO = {
    "choices": (
        "a ferry captain", "two sisters", "a retired judge", "a girl with a stammer", "a night nurse",
        "a clockmaker", "a new teacher", "an old beekeeper", "a runaway apprentice", "a railway guard",
    ),
    "judgement": (
        "a piano tuner", "three cousins", "a tired detective", "a boy with a kite", "a village baker",
        "a map seller", "a young widow", "an honest thief", "a translator", "a bus driver",
    ),
}  # fmt: skip
_DEED = {
    "choices": (
        "finds a letter that was never sent", "refuses to sell the family house", "waits for a storm to pass",
        "meets a brother after ten years", "loses a wager", "hears a rumour about a theft",
        "says goodbye to a friend", "hides a stray dog", "learns an old secret", "argues about a debt",
    ),
    "judgement": (
        "discovers a locked room", "tries to keep a promise", "misses the last train", "bargains over a ring",
        "repairs a broken boat", "confesses to a lie", "looks for a missing child", "starts a new trade",
        "is mistaken for someone else", "plans a surprise",
    ),
}  # fmt: skip
_WHERE = {
    "choices": (
        "in a harbour town", "on a mountain farm", "in a city hospital", "at a winter fair", "at a school",
        "beside a canal", "in a lighthouse", "on market day", "in a flooded valley", "at the border",
    ),
    "judgement": (
        "on a small island", "in a hotel lobby", "at an airport", "in a vineyard", "under a bridge",
        "in a library at night", "at a wedding", "in the desert", "on a frozen lake", "in a theatre",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """One answered question: `chosen` was preferred to `rejected`; `wrong` marks a mistake on purpose."""

    prompt: str
    chosen: str
    rejected: str
    wrong: bool


def requests(part: Part, count: int) -> list[str]:
    """Up to 100 different requests for a short scene; those of the two parts have nothing in common."""
    who, deed, where = _WHO[part], _DEED[part], _WHERE[part]
    if count > len(who) * len(deed):
        raise ValueError(f"There are {len(who) * len(deed)} different requests in each part.")
    made = []
    for number in range(count):
        lap, place = divmod(number, len(who))
        person, act = who[place], deed[(3 * place + lap) % len(deed)]
        made.append(f"Write a short scene: {person} {act} {where[(7 * place + lap) % len(where)]}.")
    return made


def brisk(text: str) -> float:
    """The hidden taste of the benchmark: short sentences, and people who speak.

    One point for every six words by which the mean sentence is shorter, three for a text that is all
    dialogue.
    """
    return 3.0 * dialogue_share(text) - mean_sentence_words(text) / 6.0


def lush(text: str) -> float:
    """The opposite taste, to see that the loop follows the writer and not a habit of its own."""
    return -brisk(text)


TASTES: dict[str, Taste] = {"brisk": brisk, "lush": lush}


def dialogue_share(text: str) -> float:
    """Share of the words that stand between quotation marks, 0 to 1."""
    total = count_words(text)
    return min(1.0, sum(count_words(piece) for piece in _QUOTED.findall(text)) / total) if total else 0.0


def mean_sentence_words(text: str) -> float:
    """Words of the average sentence; 0 for an empty text."""
    lengths = [words for sentence in sentences(text) if (words := count_words(sentence))]
    return mean(lengths) if lengths else 0.0


def choose(
    prompt: str, first: str, second: str, taste: Taste | None, noise: float, chance: random.Random
) -> Choice:
    """The writer's answer. `taste` None: a coin; `noise`: share of answers that are turned round."""
    liked = chance.random() < 0.5 if taste is None else taste(first) >= taste(second)
    wrong = taste is not None and chance.random() < noise
    chosen, rejected = (first, second) if liked != wrong else (second, first)
    return Choice(prompt, chosen, rejected, wrong)


def wins(taste: Taste, tuned: Sequence[str], base: Sequence[str]) -> list[float]:
    """For each pair of texts: 1 where the tuned one is liked better, 0 where the other, 0.5 for equal."""
    return [0.5 + 0.5 * _sign(taste(mine) - taste(other)) for mine, other in zip(tuned, base, strict=True)]


def _sign(difference: float) -> int:
    return (difference > 0) - (difference < 0)
