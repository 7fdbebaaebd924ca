"""Choices for the tests of a run: rows of feedback with a taste that is easy to see; lengths tell nothing."""

from __future__ import annotations

import random

from engine.store import feedback
from engine.store.library import Library

_SHORT = (
    "Rain fell.",
    "She ran.",
    "“Stop!” he said.",
    "No one came.",
    "The lamp died.",
    "“Why?”",
    "It was late.",
)
_LONG = (
    "The rain, which had been falling since the early morning over the roofs of the town, would not end.",
    "She walked along the quay with the slow and careful step of someone who has nowhere left to go.",
    "There was in the evening light a certain melancholy that he had known well in his younger years.",
)


def brisk_text(dice: random.Random) -> str:
    return " ".join(dice.choices(_SHORT, k=dice.randint(20, 26)))


def slow_text(dice: random.Random) -> str:
    return " ".join(dice.choices(_LONG, k=3))


def add_choices(library: Library, count: int, prompts: int, seed: int = 1, noise: float = 0.0) -> None:
    """`count` A/B rows about so many requests; the writer likes short sentences, but for the noise."""
    dice = random.Random(seed)
    rows = []
    for number in range(count):
        texts = [brisk_text(dice), slow_text(dice)]
        if dice.random() < noise:
            texts.reverse()
        rows.append(
            {
                "kind": "ab",
                "prompt": f"Write a scene of 60 words: number {number % prompts}, at the harbour.",
                "text_a": texts[0],
                "text_b": texts[1],
                "choice": "a",
            }
        )
    feedback.add_all(library, rows)
