"""Texts by template, with a style that is set, and an embedder that knows words only. No model."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence

import numpy as np

from trainer.evaluation.simulated_writer import Taste, choose
from trainer.preferences.record import PreferenceRecord
from trainer.reward_model.embedding import Vectors

_NOUNS = """harbour lantern winter letter copper orchard signal shadow engine river garden voyage bridge
cellar falcon ribbon saddle tunnel window anchor basket candle desert ember forest hammer island kettle""".split()  # noqa: E501,SIM905
_VERBS = "held lost watched carried opened found broke followed remembered called waited turned".split()  # noqa: SIM905
_SMALL = "the a his her that old cold slowly quietly near under and with for without after".split()  # noqa: SIM905


class WordEmbedder:
    """A text is the mean of fixed random directions, one for each word."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), 48))
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().split():
                dice = np.random.default_rng(zlib.crc32(word.encode()))
                row += dice.standard_normal(48)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def text(dice: random.Random, topic: Sequence[str]) -> str:
    """60 to 120 words with a sentence length, a share of speech and a comma habit of its own."""
    wanted, mean, spoken = dice.randint(60, 120), dice.uniform(6, 18), dice.uniform(0, 0.5)
    commas, questions = dice.uniform(0, 0.15), dice.uniform(0, 0.2)
    made: list[str] = []
    while sum(len(sentence.split()) for sentence in made) < wanted:
        made.append(_sentence(dice, topic, mean, commas, dice.random() < questions))
        if dice.random() < spoken:
            made[-1] = f"“{made[-1]}”"
    return " ".join(made)


def _sentence(dice: random.Random, topic: Sequence[str], mean: float, commas: float, asks: bool) -> str:
    count = max(3, round(dice.gauss(mean, mean / 4)))
    words = [
        dice.choice((dice.choice(topic), dice.choice(_VERBS), dice.choice(_SMALL))) for _ in range(count)
    ]
    body = " ".join(word + ("," if dice.random() < commas else "") for word in words).rstrip(",")
    return body[0].upper() + body[1:] + ("?" if asks else ".")


def records(
    count: int, taste: Taste | None, *, noise: float = 0.2, seed: int = 0, prompts: int | None = None
) -> list[PreferenceRecord]:
    """Choices between two made texts; `taste` None: by a coin."""
    dice = random.Random(seed)
    found = []
    for number in range(count):
        place = number % (prompts or count)
        topic = random.Random(place).sample(_NOUNS, 8)
        prompt = f"Write a scene about the {topic[0]} and the {topic[1]}, number {place}."
        choice = choose(prompt, text(dice, topic), text(dice, topic), taste, noise, dice)
        found.append(PreferenceRecord(str(number), prompt, (), choice.chosen, choice.rejected))
    return found
