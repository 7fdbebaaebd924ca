"""Keeping the targets of a project's leaves at its goal, whatever is done to the outline.

The arithmetic is `engine.planning.quotas`; here is only which leaves may change. A locked leaf never
does; one that holds text does only when no other can (`retarget`), for its prose would not change with
it. Called by `engine.store.projects` and by what changes an outline.
"""

from __future__ import annotations

from collections.abc import Set

from sqlmodel import Session

from engine.errors import BadInput
from engine.planning import quotas
from engine.store.rows import touch
from engine.store.schema import Node, Project
from engine.store.tree import Shape


def settle(shape: Shape, goal: int, keep: Set[str] = frozenset()) -> None:
    """Spread what the goal leaves over the free leaves, in proportion to their targets.

    Free are leaves that are unlocked, without text and not in `keep`. When they cannot make up for the
    difference (none left, or less than a section's least for each), the targets stay as they are and the
    outline shows a sum that differs from the goal.
    """
    leaves = shape.leaves()
    if sum(leaf.target_words for leaf in leaves) == goal:
        return
    fixed = {
        index: leaf.target_words
        for index, leaf in enumerate(leaves)
        if leaf.locked or leaf.id in shape.written or leaf.id in keep
    }
    free = len(leaves) - len(fixed)
    if not free or goal - sum(fixed.values()) < free * quotas.LEAST_SECTION:
        return
    _store(leaves, quotas.spread(goal, _weights(leaves), fixed))


def changed(session: Session, shape: Shape, project: Project, keep: Set[str] = frozenset()) -> None:
    """Note a changed outline: its targets are settled and the project's date is set."""
    settle(shape, project.goal_words, keep)
    touch(session, project.id)


def retarget(shape: Shape, node: Node, words: int, goal: int) -> None:
    """Give a leaf, or a chapter as a whole, `words`; the rest of the project makes up for it.

    Sections with text keep their targets when those without can make up for it alone.
    Raises BadInput when the rest cannot, or the node is locked.
    """
    leaves = shape.leaves()
    inside = {leaf.id for leaf in shape.leaves(node)}
    # The chapter counts as one among the leaves outside it; then its own leaves share what it got.
    outside = [leaf for leaf in leaves if leaf.id not in inside]
    chapter = [leaf for leaf in leaves if leaf.id in inside]
    targets = [leaf.target_words for leaf in outside]
    locked = [leaf.locked for leaf in outside]
    kept = [leaf.locked or leaf.id in shape.written for leaf in outside]
    room = goal - words - sum(target for target, stay in zip(targets, kept, strict=True) if stay)
    enough = not all(kept) and room >= kept.count(False) * quotas.LEAST_SECTION
    stays = [*(kept if enough else locked), node.locked]
    spread = quotas.retarget([*targets, 0], stays, len(targets), words, goal)
    fixed = {index: leaf.target_words for index, leaf in enumerate(chapter) if leaf.locked}
    if words - sum(fixed.values()) < (len(chapter) - len(fixed)) * quotas.LEAST_SECTION:
        raise BadInput(f"{words:,} words are too few for the {len(chapter):,} sections of “{node.title}”.")
    shares = quotas.spread(words, _weights(chapter), fixed)
    _store(outside, spread[:-1])
    _store(chapter, shares)


def typical(shape: Shape, goal: int) -> int:
    """A target for one more leaf: the mean of those that are there, or the whole goal."""
    leaves = shape.leaves()
    return sum(leaf.target_words for leaf in leaves) // len(leaves) if leaves else goal


def _weights(leaves: list[Node]) -> list[int]:
    # A leaf without a target yet weighs as much as the others do on average.
    given = [leaf.target_words for leaf in leaves if leaf.target_words]
    mean = sum(given) // len(given) if given else 1
    return [leaf.target_words or mean for leaf in leaves]


def _store(leaves: list[Node], targets: list[int]) -> None:
    for leaf, target in zip(leaves, targets, strict=True):
        leaf.target_words = target
