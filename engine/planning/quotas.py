"""Words for each section: shares that add up to the goal exactly.

A section asked to hold more than the model can is split in the outline, never squeezed in prose.
It knows outlines and numbers, no models and no library. Called by the jobs, the plan page and the
store (when the writer changes one target).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.errors import BadInput
from engine.planning.outline_text import OutlineItem, leaves
from engine.planning.parts import split_into_parts

LEAST_SECTION = 20
"""Words below which a section cannot be measured sensibly."""

_MOST_FOR_ANY_MODEL = 900
_MOST_FOR_SMALL_MODELS = 450
_SMALL_MODEL = 500_000_000  # parameters; below, a section rambles once it is longer
_ANSWER_SHARE = 0.35  # of the context that one section may fill; think pass and prompt take the rest
_TOKENS_A_WORD = 1.5


@dataclass(frozen=True)
class SectionLimits:
    """Words that one section should hold at least and at most."""

    least: int = 80
    most: int = _MOST_FOR_ANY_MODEL

    @classmethod
    def for_context(cls, context_tokens: int, parameters: int | None = None) -> SectionLimits:
        """Limits for a model that sees `context_tokens` tokens at once: 35 % of them at 1.5 tokens a
        word, and at most 900 words, or 450 where it is known to have under 500 million parameters."""
        small = parameters is not None and parameters < _SMALL_MODEL
        most = _MOST_FOR_SMALL_MODELS if small else _MOST_FOR_ANY_MODEL
        most = min(most, int(context_tokens * _ANSWER_SHARE / _TOKENS_A_WORD))
        return cls(least=max(LEAST_SECTION, min(80, most // 3)), most=max(3 * LEAST_SECTION, most))


def spread(goal: int, weights: Sequence[float], fixed: Mapping[int, int] | None = None) -> list[int]:
    """Whole numbers in proportion to `weights` that sum to `goal` (largest remainder method).

    `fixed` maps indexes to amounts that stay. Raises `BadInput` when these alone exceed the goal, or
    when all are fixed and miss it.
    """
    fixed = fixed or {}
    rest = goal - sum(fixed.values())
    free = [index for index in range(len(weights)) if index not in fixed]
    if rest < 0:
        raise BadInput(
            f"The sections with a length of their own add up to {goal - rest:,} words, "
            f"more than the goal of {goal:,}."
        )
    if rest and not free:
        raise BadInput(f"The sections add up to {goal - rest:,} words, and the goal is {goal:,}.")
    total = sum(weights[index] for index in free)
    exact = {index: rest * weights[index] / total if total > 0 else rest / len(free) for index in free}
    shares = {index: math.floor(value) for index, value in exact.items()}
    by_remainder = sorted(free, key=lambda index: (shares[index] - exact[index], index))
    for index in by_remainder[: rest - sum(shares.values())]:
        shares[index] += 1
    return [fixed[index] if index in fixed else shares[index] for index in range(len(weights))]


def assign(
    items: Sequence[OutlineItem], goal: int, limits: SectionLimits, language: str = "en"
) -> list[OutlineItem]:
    """The outline with a target on every leaf, together exactly `goal`; inner items carry none.

    Lengths that the outline states are kept where they fit the goal and scaled where they do not;
    locked sections always keep theirs. Leaves above `limits.most` are split (`parts`), locked ones
    are left whole; `language` is the text's. Raises `BadInput` when the goal leaves too few words.
    """
    sections = sum(1 for _ in leaves(items))
    least = limits.least // 2
    if sections > 1 and goal < sections * least:
        raise BadInput(
            f"{goal:,} words are too few for {sections:,} sections. "
            f"Ask for at least {sections * least:,} words or join sections."
        )
    return split_into_parts(_shared_out(items, goal), limits.most, language, chapters=True)


def retarget(targets: Sequence[int], locked: Sequence[bool], index: int, words: int, goal: int) -> list[int]:
    """`targets` with `words` at `index` and the unlocked rest re-balanced in proportion; the sum is
    `goal`. Raises `BadInput` when the rest cannot make up for it."""
    if locked[index]:
        raise BadInput("This section is locked. Unlock it to change its length.")
    if words < LEAST_SECTION:
        raise BadInput(f"A section needs {LEAST_SECTION} words or more.")
    fixed = {i: target for i, target in enumerate(targets) if locked[i]} | {index: words}
    free = [i for i in range(len(targets)) if i not in fixed]
    rest = goal - sum(fixed.values())
    if not free and rest:
        raise BadInput("All other sections are locked. Unlock one, or change the goal of the whole text.")
    if rest < LEAST_SECTION * len(free):
        most = goal - sum(fixed.values()) + words - LEAST_SECTION * len(free)
        raise BadInput(
            f"{words:,} words would leave too little for the other sections. "
            + (f"This section can have up to {most:,}." if most >= LEAST_SECTION else "Unlock one of them.")
        )
    return _spread_with_floor(goal, targets, fixed, [LEAST_SECTION] * len(targets))


def _spread_with_floor(
    goal: int, weights: Sequence[float], fixed: Mapping[int, int], floors: Sequence[int]
) -> list[int]:
    """`spread`, but no free share falls below its floor (there must be enough for that)."""
    fixed = dict(fixed)
    while True:
        shares = spread(goal, weights, fixed)
        low = {i: floors[i] for i, share in enumerate(shares) if i not in fixed and share < floors[i]}
        if not low:
            return shares
        fixed.update(low)


def _shared_out(items: Sequence[OutlineItem], amount: int) -> list[OutlineItem]:
    """`items` with targets on their leaves that sum to `amount`."""
    shares = _shares(items, amount)
    return [
        replace(item, target=None, children=tuple(_shared_out(item.children, share)))
        if item.children
        else replace(item, target=share)
        for item, share in zip(items, shares, strict=True)
    ]


def _shares(items: Sequence[OutlineItem], amount: int) -> list[int]:
    """Words for each of the siblings `items`, `amount` together."""
    sizes = [sum(1 for _ in leaves([item])) for item in items]
    wants = [_wanted(item) for item in items]
    kept = {i: want for i, want in enumerate(wants) if want is not None}
    free_leaves = sum(sizes[i] for i in range(len(items)) if i not in kept)
    rest = amount - sum(kept.values())
    if rest >= free_leaves * LEAST_SECTION and (free_leaves or rest == 0):
        return spread(amount, sizes, kept)
    # They do not fit: what is locked stays, the rest shares in proportion to what it asked for.
    stays = {i: want for i, want in kept.items() if _all_locked(items[i])}
    floors = [size * LEAST_SECTION for size in sizes]
    free = [i for i in range(len(items)) if i not in stays]
    left = amount - sum(stays.values())
    if left < sum(floors[i] for i in free) or (left and not free):
        raise BadInput(_misfit(items[free[0]].title if free else None, amount, left))
    average = sum(kept.values()) / max(1, sum(sizes[i] for i in kept))
    weights = [want if want is not None else average * sizes[i] for i, want in enumerate(wants)]
    return _spread_with_floor(amount, weights, stays, floors)


def _misfit(title: str | None, amount: int, left: int) -> str:
    if title is None:
        return (
            f"The locked sections hold {amount - left:,} words, and their place in the outline {amount:,}. "
            "Unlock one or change the goal."
        )
    return f"The lengths in the outline leave “{title}” and its neighbours too few words. Change one of them."


def _wanted(item: OutlineItem) -> int | None:
    """The words that an item asks for: its own length, or that of its parts when all state one."""
    if item.target is not None or not item.children:
        return item.target
    wants = [_wanted(child) for child in item.children]
    return None if None in wants else sum(want or 0 for want in wants)


def _all_locked(item: OutlineItem) -> bool:
    return all(leaf.locked for leaf in leaves([item]))
