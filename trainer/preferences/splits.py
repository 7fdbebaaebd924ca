"""Splitting records so that one prompt never stands on both sides.

Two texts for one prompt share words, names and length, so a judge that has seen the one knows too much
about the other. Every split here is by `PreferenceRecord.group`, repeatable by its seed, and the same
whatever the order of the records. Used by the reward model's cross-validation and by the verdict.
"""

from __future__ import annotations

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
    records: Sequence[PreferenceRecord], share: float, seed: int
) -> tuple[list[PreferenceRecord], list[PreferenceRecord]]:
    """(to learn from, held out): about `share` of the records held out, whole groups at a time.

    With two groups or more both sides have at least one for a `share` between 0 and 1; a single group
    is all to learn from.
    """
    if not 0 <= share <= 1:
        raise ValueError("a share is between 0 and 1")
    sizes = Counter(record.group for record in records)
    groups = _shuffled(sizes, seed)
    wanted, taken = share * len(records), 0
    out: list[str] = []
    for group in groups:
        if abs(taken + sizes[group] - wanted) < abs(taken - wanted):
            out.append(group)
            taken += sizes[group]
    if 0 < share < 1:
        smallest = sorted(groups, key=lambda group: sizes[group])
        out = out or (smallest[:1] if len(groups) > 1 else [])
        out = out if len(out) < len(groups) else [group for group in groups if group != smallest[0]]
    held = set(out)
    kept = [record for record in records if record.group not in held]
    return kept, [record for record in records if record.group in held]


def _shuffled(groups: Counter[str], seed: int) -> list[str]:
    names = sorted(groups)
    random.Random(seed).shuffle(names)
    return names
