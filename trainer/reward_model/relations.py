"""How a text hangs together and how it answers its request, measured on frozen embeddings.

Seen from the embeddings of the request, of its clauses, of the text and of its sentences. None of the
figures grows with the length alone: what is compared with a clause is always a quarter of the text.

It does not know whether a request was *followed*, only whether the text is about the same things.
Called by `columns`, for the models that ask for these columns (the shipped prior does).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.text.counting import count_words, words
from engine.text.segmenting import sentences
from trainer.reward_model.embedding import Vectors

NAMES: tuple[str, ...] = (
    "on_topic",  # request and text
    "on_topic_end",  # request and the last quarter
    "clauses_met",  # mean over the request's clauses of their nearest quarter
    "clause_missed",  # the clause that is met least
    "neighbours",  # how much more alike sentences in a row are than any two sentences
    "order",  # how much likeness falls off with distance
    "likeness",  # mean likeness of any two sentences: a text that says one thing again and again
    "nearest",  # mean likeness of a sentence to its nearest other one
    "copied",  # share of the text's runs of four words that stand in the request
)
_CLAUSE = re.compile(r"[.!?;:,。！？；：，\n]+")
_MOST_SENTENCES = 120

Figures = NDArray[np.float64]


class Embeds(Protocol):
    """What turns texts into normalised rows; `Embedder` or a test's own."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row for each text."""
        ...


def relations(embedder: Embeds, prompts: Sequence[str], texts: Sequence[str]) -> Figures:
    """One row of `NAMES` for each prompt and text."""
    clauses = [_clauses(prompt) for prompt in prompts]
    parts = [_middle_out(sentences(text)) for text in texts]
    wanted = list(dict.fromkeys(piece for group in (prompts, *clauses, *parts) for piece in group))
    place = {piece: row for row, piece in enumerate(wanted)}
    vectors = embedder.embed(wanted).astype(np.float64)
    rows = np.zeros((len(texts), len(NAMES)))
    for number, (prompt, group, said) in enumerate(zip(prompts, clauses, parts, strict=True)):
        if said:
            request = vectors[place[prompt]]
            asked = vectors[[place[clause] for clause in group]]
            spoken = vectors[[place[sentence] for sentence in said]]
            copied = [_copied(prompt, texts[number])]
            rows[number] = np.concatenate([_answer(request, asked, spoken), _coherence(spoken), copied])
    return rows


def _clauses(prompt: str) -> list[str]:
    """The parts of a request that can be met one by one; the whole where it has none."""
    found = [part.strip() for part in _CLAUSE.split(prompt) if count_words(part) >= 3]
    return found[:24] or [prompt]


def _middle_out(said: list[str]) -> list[str]:
    """All sentences, or the first and the last ones of a very long text."""
    half = _MOST_SENTENCES // 2
    return said if len(said) <= _MOST_SENTENCES else said[:half] + said[-half:]


def _answer(request: Figures, clauses: Figures, said: Figures) -> Figures:
    edges = np.linspace(0, len(said), 5).round().astype(int)
    quarters = [said[low:high].mean(0) for low, high in pairwise(edges) if high > low]
    parts = _unit(np.array(quarters))
    met = (clauses @ parts.T).max(1)
    whole = _unit(said.mean(0, keepdims=True))[0]
    return np.array([request @ whole, request @ parts[-1], met.mean(), met.min()])


def _coherence(said: Figures) -> Figures:
    count = len(said)
    if count < 3:
        return np.zeros(4)
    alike = said @ said.T
    upper = np.triu_indices(count, 1)
    likeness, distance = alike[upper], (upper[1] - upper[0]).astype(float)
    mean = likeness.mean()
    neighbours = alike[np.arange(count - 1), np.arange(1, count)].mean() - mean
    spread = likeness.std() * distance.std()
    order = -((likeness - mean) * (distance - distance.mean())).mean() / spread if spread > 1e-9 else 0.0
    nearest = (alike - 2 * np.eye(count)).max(1).mean()
    return np.array([neighbours, order, mean, nearest])


def _copied(prompt: str, text: str) -> float:
    asked, said = words(prompt.lower()), words(text.lower())
    known = set(zip(asked, asked[1:], asked[2:], asked[3:], strict=False))
    runs = list(zip(said, said[1:], said[2:], said[3:], strict=False))
    return sum(run in known for run in runs) / len(runs) if runs else 0.0


def _unit(rows: Figures) -> Figures:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 1e-12, lengths, 1.0)
