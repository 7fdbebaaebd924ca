"""Splitting a section that is asked to hold more than the model writes well in one go.

Called through `engine.store.outline` by the plan page.
"""

from __future__ import annotations

from engine.errors import BadInput
from engine.planning.outline_text import MOST_NODES, OutlineItem
from engine.planning.parts import parts_of
from engine.store.library import Library
from engine.store.rows import node_row, one_line, touch
from engine.store.schema import Node
from engine.store.tree import Shape


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
        first, *others = parts_of(OutlineItem(node.title, node.beat), node.target_words, most)
        if len(shape.nodes) + len(others) > MOST_NODES:
            raise BadInput(f"This project would have more than {MOST_NODES:,} sections, the most for one.")
        index = shape.children(node.parent_id).index(node)
        for place, part in enumerate(others, start=index + 1):
            beside = Node(project_id=node.project_id, position=0, title=one_line(part.title), beat=part.beat)
            beside.target_words = part.target or 0
            session.add(beside)
            shape.place(beside, node.parent_id, place)
        node.title, node.beat, node.target_words = one_line(first.title), first.beat, first.target or 0
        touch(session, node.project_id)
        return node


def _refuse_unfit(shape: Shape, node: Node, most: int) -> None:
    if shape.children(node.id):
        raise BadInput(f"“{node.title}” has sections of its own; split one of these.")
    if node.locked:
        raise BadInput(f"“{node.title}” is locked. Unlock it to split it.")
    if node.target_words <= most:
        raise BadInput(
            f"“{node.title}” is short enough to be written in one go ({most:,} words are the most)."
        )
