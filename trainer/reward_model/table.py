"""Preference records as numbers: style, embedding and length of both texts of each pair.

Made once for all fits on the same records (a cross-validation fits hundreds of times). Knows what a
record is, but nothing of fitting. Called by `crossval`, `learn`, `prior` and the active questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.preferences.record import PreferenceRecord
from trainer.reward_model import features
from trainer.reward_model.embedding import DIMENSIONS
from trainer.reward_model.relations import NAMES as RELATION_NAMES
from trainer.reward_model.relations import Embeds, relations

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """Texts as numbers, one row each: `style` has the columns `names`, `embeddings` one per dimension."""

    names: tuple[str, ...]
    style: Values
    embeddings: Values
    log_words: Values

    def rows(self, chosen: NDArray[np.intp]) -> Measured:
        """Only these rows."""
        return Measured(self.names, self.style[chosen], self.embeddings[chosen], self.log_words[chosen])


@dataclass(frozen=True)
class Table:
    """Both texts of each record, measured. For a tie the two sides are in no order."""

    records: tuple[PreferenceRecord, ...]
    chosen: Measured
    rejected: Measured

    def __len__(self) -> int:
        return len(self.records)

    @property
    def names(self) -> tuple[str, ...]:
        """The style columns."""
        return self.chosen.names

    @property
    def groups(self) -> list[str]:
        """The prompt of each record."""
        return [record.group for record in self.records]

    @property
    def weights(self) -> Values:
        """How far each record is trusted."""
        return np.array([record.weight for record in self.records], dtype=np.float64)

    @property
    def wins(self) -> Values:
        """What `chosen` won: 1, or half for a tie."""
        return np.array([0.5 if record.tie else 1.0 for record in self.records])

    @property
    def log_ratio(self) -> Values:
        """How much longer the chosen text is, as a logarithm."""
        return self.chosen.log_words - self.rejected.log_words

    def rows(self, chosen: Sequence[int] | NDArray[np.intp]) -> Table:
        """Only these records."""
        index = np.asarray(chosen, dtype=np.intp)
        records = tuple(self.records[place] for place in index)
        return Table(records, self.chosen.rows(index), self.rejected.rows(index))


def measure(
    prompts: Sequence[str],
    texts: Sequence[str],
    embedder: Embeds,
    *,
    related: bool = False,
    whole: bool = True,
) -> Measured:
    """Measure texts; `related` adds the columns that need the request and single sentences. Without
    `whole` the embeddings of whole texts are left 0, for models without axes."""
    names = features.NAMES + (RELATION_NAMES if related else ())
    unique = list(dict.fromkeys(zip(prompts, texts, strict=True)))
    place = {pair: row for row, pair in enumerate(unique)}
    style = np.array([features.style(text) for _, text in unique]).reshape(len(unique), len(features.NAMES))
    if related:
        beside = relations(embedder, [prompt for prompt, _ in unique], [text for _, text in unique])
        style = np.hstack([style, beside])
    embeddings = np.zeros((len(unique), DIMENSIONS))
    if whole:
        embeddings = embedder.embed([text for _, text in unique]).astype(np.float64)
    lengths = np.array([features.log_words(text) for _, text in unique])
    back = np.array([place[pair] for pair in zip(prompts, texts, strict=True)], dtype=np.intp)
    return Measured(names, style, embeddings, lengths).rows(back)


def tabulate(
    records: Sequence[PreferenceRecord],
    embedder: Embeds,
    *,
    related: bool = False,
    whole: bool = True,
    rejected_for: Sequence[str] | None = None,
) -> Table:
    """Measure both texts of every record. The embeddings are what takes the time. `rejected_for`: the
    requests that the rejected texts are held against, where these are others."""
    prompts = [record.prompt for record in records]
    texts = [record.chosen for record in records] + [record.rejected for record in records]
    asked = [*prompts, *(rejected_for or prompts)]
    both = measure(asked, texts, embedder, related=related, whole=whole)
    first = np.arange(len(prompts), dtype=np.intp)
    return Table(tuple(records), both.rows(first), both.rows(first + len(prompts)))
