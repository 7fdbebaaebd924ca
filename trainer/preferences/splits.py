"""Splitting records so that one section or prompt never stands on both sides.

Two texts for one request share words, names and length, so a judge that has seen the one knows too much
about the other. Every split here is by `PreferenceRecord.group`, repeatable, and the same whatever the
order of the records. Used by the reward model's cross-validation and by the verdict.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Sequence

from trainer.preferences.record import PreferenceRecord


def folds(records: Sequence[PreferenceRecord], k: int, seed: int) -> list[int]:
    """The fold, 0 to k-1, of each record. The sizes of two folds differ by no more than the largest
    group; with fewer groups than `k` there are as many folds as groups."""
    if k < 1:
        raise ValueError("a split has at least one fold")
    sizes = Counter(record.group for record in records)
    held = [0] * k
    fold_of: dict[str, int] = {}
    # The large groups first, each into the emptiest fold; the shuffle decides between equals.
    for group in sorted(_shuffled(sizes, seed), key=lambda group: -sizes[group]):
        fold_of[group] = held.index(min(held))
        held[fold_of[group]] += sizes[group]
    return [fold_of[record.group] for record in records]


def hold_out(
    records: Sequence[PreferenceRecord], share: float
) -> tuple[list[PreferenceRecord], list[PreferenceRecord]]:
    """(to learn from, held out): about `share` of the prompts held out, with all their records.

    Which ones follows from the prompts alone, so that what was held out once stays so when records are
    added: a tuned model that is trained on must not be judged by what it has learned. Only where that
    would leave a side empty, the prompt nearest to the border changes it; a single prompt is all to
    learn from.
    """
    if not 0 <= share <= 1:
        raise ValueError("a share is between 0 and 1")
    places = {record.group: place_of(record.group) for record in records}
    held = {group for group, place in places.items() if place < share}
    if 0 < share < 1 and len(places) > 1:
        ordered = sorted(places, key=lambda group: places[group])
        held = (held or set(ordered[:1])) - (set(ordered[-1:]) if len(held) == len(places) else set())
    kept = [record for record in records if record.group not in held]
    return kept, [record for record in records if record.group in held]


def place_of(text: str) -> float:
    """Where a prompt or passage stands between 0 and 1, as if drawn by chance; the same in every run."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


def _shuffled(groups: Counter[str], seed: int) -> list[str]:
    names = sorted(groups)
    random.Random(seed).shuffle(names)
    return names
