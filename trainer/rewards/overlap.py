"""Sentences and paragraphs that say again what was said before, by meaning.

LongWriter-Zero punishes repetition by "semantic overlap" because a length reward invites near-identical
paragraphs (arXiv 2506.18841; facts/longwriter_zero.md, 2.3). The paper names neither metric nor scale.
Here: each unit's highest cosine with an earlier one of the same text, 0 up to 0.75 and 1 from 0.95. With
all-MiniLM-L6-v2, sentences of ordinary texts lie at 0.3 to 0.6 (Chinese, Russian, Arabic: to 0.8), the same
sentence with another noun at 0.9. The embedding model is given; it knows only its Protocol.
Called by `score`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.drafting.ledger import repeatable
from trainer.rewards.completion import Completion

SAME = 0.95
OTHER = 0.75


class Embedder(Protocol):
    """What turns texts into rows of length 1: (n, d)."""

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """One row for each text."""
        ...


@dataclass(frozen=True)
class Similarities:
    """Overlap of a completion's paragraphs and of its sentences, each 0 (none) to 1 (all say the same)."""

    paragraphs: float
    sentences: float


def similarities(completions: Sequence[Completion], embed: Embedder) -> list[Similarities]:
    """Both overlaps of each completion, with one call of the embedding model for the batch.

    Units so short that they may come again ("Yes.") and rows of tables are left out.
    """
    units = [(_units(each.paragraphs), _units(each.sentences)) for each in completions]
    texts = list(dict.fromkeys(text for both in units for some in both for text in some))
    place = {text: row for row, text in enumerate(texts)}
    rows = np.asarray(embed.embed(texts)) if texts else np.zeros((0, 1), dtype=np.float32)
    return [
        Similarities(*(_overlap(rows[[place[text] for text in some]]) for some in both)) for both in units
    ]


def _units(texts: Sequence[str]) -> list[str]:
    return [text for text in texts if not (repeatable(text) or text.startswith("|"))]


def _overlap(rows: npt.NDArray[np.float32]) -> float:
    if len(rows) < 2:
        return 0.0
    cosines = np.tril(rows @ rows.T, k=-1)[1:]
    nearest = cosines.max(axis=1)
    return float(np.clip((nearest - OTHER) / (SAME - OTHER), 0.0, 1.0).mean())
