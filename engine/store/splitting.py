"""Splitting sections that are asked to hold more than the model writes well in one go.

Called through `engine.store.outline` by the plan page and the command line, and by `engine.jobs.submitting`
before a draft: after a longer goal or another model, sections may be longer than can be written.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session

from engine.errors import BadInput
from engine.planning.outline_text import MOST_NODES, OutlineItem
from engine.planning.parts import parts_of
from engine.store.library import Library
from engine.store.rows import has_text, node_row, one_line, project_row, touch
from engine.store.schema import Node
from engine.store.tree import Shape


@dataclass(frozen=True)
class Split:
    """A section that became several: what it was called, and its parts in order."""

    title: str
    parts: tuple[Node, ...]


def split(library: Library, node_id: str, most: int) -> Node:
    """Turn a section into parts of at most `most` words beside each other; returns the first, which keeps
    the id and with it any text.

    The parts are equal to a word and share exactly the section's own target, so no other section changes.
    Raises BadInput for a chapter, a locked section or one that is short enough, NotFound.
    """
    with library.session() as session:
        node = node_row(session, node_id)
        shape = Shape(session, node.project_id)
        _refuse_unfit(shape, node, most)
        touch(session, node.project_id)
        return _split(session, shape, node, most).parts[0]


def split_long(
    library: Library, project_id: str, most: int, among: Collection[str] | None = None
) -> list[Split]:
    """`split` every section above `most` words that has no text and is not locked, in one transaction;
    with `among` only those of these ids. Raises BadInput for too many parts, NotFound."""
    with library.session() as session:
        project = project_row(session, project_id)
        shape = Shape(session, project.id)
        long = [
            leaf
            for leaf in shape.leaves()
            if leaf.target_words > most
            and not leaf.locked
            and (among is None or leaf.id in among)
            and not has_text(session, leaf)
        ]
        if long:
            touch(session, project.id)
        return [_split(session, shape, leaf, most) for leaf in long]


def _split(session: Session, shape: Shape, node: Node, most: int) -> Split:
    title = node.title
    language = project_row(session, node.project_id).language
    first, *others = parts_of(OutlineItem(title, node.beat), node.target_words, most, language)
    if len(shape.nodes) + len(others) > MOST_NODES:
        raise BadInput(f"This project would have more than {MOST_NODES:,} sections, the most for one.")
    index = shape.children(node.parent_id).index(node)
    parts = [node]
    for place, part in enumerate(others, start=index + 1):
        beside = Node(project_id=node.project_id, position=0, title=one_line(part.title), beat=part.beat)
        beside.target_words = part.target or 0
        session.add(beside)
        shape.place(beside, node.parent_id, place)
        parts.append(beside)
    node.title, node.beat, node.target_words = one_line(first.title), first.beat, first.target or 0
    return Split(title, tuple(parts))


def _refuse_unfit(shape: Shape, node: Node, most: int) -> None:
    if shape.children(node.id):
        raise BadInput(f"“{node.title}” has sections of its own; split one of these.")
    if node.locked:
        raise BadInput(f"“{node.title}” is locked. Unlock it to split it.")
    if node.target_words <= most:
        raise BadInput(
            f"“{node.title}” is short enough to be written in one go ({most:,} words are the most)."
        )
