"""Taking a part of the outline out, and bringing it back: a date, never a DELETE.

What is removed together carries one date, so that a chapter comes back with the sections that went with
it and without those that went before. Called through `engine.store.outline` by the pages and the
command line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from engine.errors import NotFound
from engine.store.library import Library
from engine.store.rows import has_text, node_row, project_row
from engine.store.schema import Node, Version, now
from engine.store.targets import changed
from engine.store.tree import Shape


@dataclass(frozen=True)
class Removed:
    """A node that was removed, and the words of its text and of all that went with it."""

    node: Node
    words: int


def remove(library: Library, node_id: str) -> Node:
    """Take a node and all below it out of the project; texts are kept and `restore` brings all back.
    Raises NotFound."""
    with library.session() as session:
        node = node_row(session, node_id)
        shape = Shape(session, node.project_id)
        stamp = now()
        for inner in list(shape.subtree(node)):
            inner.deleted_at = stamp
        shape.take_out(node)
        changed(session, shape, project_row(session, node.project_id))
        return node


def restore(library: Library, node_id: str) -> Node:
    """Undo `remove`: the node and what was removed with it come back to their place; to the nearest place
    above it when that was removed, too. Raises NotFound when nothing of that id was removed."""
    with library.session() as session:
        node = session.get(Node, node_id)
        if node is None or node.deleted_at is None:
            raise NotFound(f"There is no removed section {node_id}.")
        project = project_row(session, node.project_id)
        with_it = _removed_with(session, node)
        parent_id = node.parent_id
        while parent_id is not None and _holds_no_children(session, session.get_one(Node, parent_id)):
            parent_id = session.get_one(Node, parent_id).parent_id
        back_home = parent_id == node.parent_id
        for inner in with_it:
            inner.deleted_at = None
        node.parent_id = parent_id
        session.flush()
        shape = Shape(session, project.id)
        siblings = [other for other in shape.children(parent_id) if other is not node]
        index = sum(other.position < node.position for other in siblings) if back_home else len(siblings)
        shape.place(node, parent_id, index)
        # Their own lengths first, so that an undo is one; if the others cannot make room, theirs change.
        changed(session, shape, project, keep={inner.id for inner in with_it})
        changed(session, shape, project)
        return node


def removed(library: Library, project_id: str) -> list[Removed]:
    """What `restore` can bring back, the last removed first: of a removed chapter only the chapter."""
    with library.reading() as session:
        gone = session.exec(
            select(Node, Version.words)
            .outerjoin(Version, col(Version.id) == col(Node.version_id))
            .where(Node.project_id == project_id, col(Node.deleted_at).is_not(None))
            .order_by(col(Node.deleted_at).desc(), col(Node.position))
        ).all()
    by_id = {node.id: node for node, _ in gone}
    words: Counter[str] = Counter()
    for node, own in gone:
        words[_top_of(node, by_id).id] += own or 0
    return [Removed(node, words[node.id]) for node, _ in gone if _top_of(node, by_id) is node]


def _top_of(node: Node, gone: Mapping[str, Node]) -> Node:
    """The node that was removed, and this one with it."""
    above = gone.get(node.parent_id or "")
    return node if above is None or above.deleted_at != node.deleted_at else _top_of(above, gone)


def _holds_no_children(session: Session, node: Node) -> bool:
    return node.deleted_at is not None or has_text(session, node)


def _removed_with(session: Session, node: Node) -> list[Node]:
    gone = session.exec(
        select(Node).where(Node.project_id == node.project_id, Node.deleted_at == node.deleted_at)
    ).all()
    found, ids = [node], {node.id}
    # A parent is not always before its child in the table, so go round until nothing is added.
    while more := [inner for inner in gone if inner.parent_id in ids and inner.id not in ids]:
        found += more
        ids |= {inner.id for inner in more}
    return found
