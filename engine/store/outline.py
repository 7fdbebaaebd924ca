"""The outline of a project: reading it, and every change that a person (or an outline job) makes to it.

Ids never change: text, versions and jobs stay with their node wherever it moves. Removing is a date and
can be undone. Every function that changes the number or the lengths of sections keeps the sum of the
targets at the project's goal (`engine.store.targets`). Only leaves carry text, so nothing can be put
below a section that has some. A lock goes for everything below a node.
Called by the pages, the command line and the outline job.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from engine.errors import BadInput, NotFound
from engine.planning.outline_text import MOST_NODES
from engine.store.library import Library
from engine.store.removing import remove, removed, restore
from engine.store.replacing import fingerprint, refuse_replace, replace
from engine.store.rows import has_text, node_row, one_line, project_row, storable, touch
from engine.store.schema import Node, Project
from engine.store.splitting import split, split_long
from engine.store.stale import refuse_stale
from engine.store.targets import changed, retarget, typical
from engine.store.tree import OutlineNode, Shape, below, find, leaves, tree

__all__ = [
    "OutlineNode",
    "below",
    "find",
    "fingerprint",
    "get",
    "indent",
    "insert",
    "leaves",
    "lock",
    "move",
    "outdent",
    "refuse_replace",
    "remove",
    "removed",
    "rename",
    "replace",
    "restore",
    "set_beat",
    "set_target",
    "split",
    "split_long",
    "tree",
]


def get(library: Library, node_id: str) -> Node:
    """One node. Raises NotFound, for a removed one too."""
    with library.reading() as session:
        return node_row(session, node_id)


def insert(
    library: Library,
    project_id: str,
    title: str,
    *,
    after_id: str | None = None,
    parent_id: str | None = None,
    beat: str = "",
    target_words: int | None = None,
) -> Node:
    """Add a section right after the node `after_id`, or as the last one below `parent_id` (neither: at the
    end of the project). Without `target_words` it gets an average length; the first section below a node
    gets that node's. Raises BadInput, NotFound."""
    with library.session() as session:
        project = project_row(session, project_id)
        shape = Shape(session, project_id)
        if len(shape.nodes) >= MOST_NODES:
            raise BadInput(f"This project has {MOST_NODES:,} sections, the most that one can have.")
        before = _member(shape, after_id) if after_id is not None else None
        parent = _member(shape, before.parent_id if before else parent_id)
        _refuse_below_text(session, parent)
        siblings = shape.children(parent.id if parent else None)
        words = _first_words(shape, project, parent, siblings) if target_words is None else target_words
        node = Node(
            project_id=project_id,
            position=0,
            title=one_line(title),
            beat=storable(beat),
            target_words=_checked(words),
            locked=parent is not None and parent.locked,
        )
        session.add(node)
        index = siblings.index(before) + 1 if before else len(siblings)
        shape.place(node, parent.id if parent else None, index)
        changed(session, shape, project, keep=set() if target_words is None else {node.id})
        return node


def rename(library: Library, node_id: str, title: str, base: str | None = None) -> Node:
    """Give a node another title. `base`: the one that the caller's page shows, see `stale`.

    Raises BadInput for an empty one, StaleField, NotFound."""
    with _one(library, node_id) as node:
        given = one_line(title)
        refuse_stale(f"The title “{base}”", base, node.title, given)
        node.title = given
        return node


def set_beat(library: Library, node_id: str, beat: str, base: str | None = None) -> Node:
    """Say what happens in a section. `base`: what the caller's page shows, see `stale`.

    Raises StaleField, NotFound."""
    with _one(library, node_id) as node:
        given = storable(beat)
        refuse_stale(f"What happens in “{node.title}”", base, node.beat, given)
        node.beat = given
        return node


def set_target(library: Library, node_id: str, words: int) -> Node:
    """Ask for `words` in a section, or in a chapter as a whole; the unlocked rest makes up for it, so that
    the sum stays the goal. Raises BadInput when it cannot, NotFound."""
    with library.session() as session:
        node = node_row(session, node_id)
        project = project_row(session, node.project_id)
        retarget(Shape(session, project.id), node, words, project.goal_words)
        touch(session, project.id)
        return node


def lock(library: Library, node_id: str, locked: bool = True) -> Node:
    """Keep the model away from a node and all below it, or allow it again (then also the nodes above are no
    longer locked as a whole). Raises NotFound."""
    with library.session() as session:
        node = node_row(session, node_id)
        shape = Shape(session, node.project_id)
        for inner in shape.subtree(node):
            inner.locked = locked
        above = shape.nodes.get(node.parent_id or "")
        while above is not None and not locked:
            above.locked = False
            above = shape.nodes.get(above.parent_id or "")
        touch(session, node.project_id)
        return node


def move(library: Library, node_id: str, parent_id: str | None, index: int) -> Node:
    """Put a node, with all below it, below another one (None: the top) at `index` among the others there.

    An index behind the end means the end. Raises BadInput below itself or below a text, NotFound.
    """
    with library.session() as session:
        node = node_row(session, node_id)
        shape = Shape(session, node.project_id)
        _place(session, shape, node, _member(shape, parent_id), index)
        return node


def indent(library: Library, node_id: str) -> Node:
    """Make a node the last one below its neighbour above. Raises BadInput when there is none, NotFound."""
    with library.session() as session:
        node = node_row(session, node_id)
        shape = Shape(session, node.project_id)
        siblings = shape.children(node.parent_id)
        index = siblings.index(node)
        if index == 0:
            raise BadInput(f"There is nothing above “{node.title}” that it could belong to.")
        above = siblings[index - 1]
        _place(session, shape, node, above, len(shape.children(above.id)))
        return node


def outdent(library: Library, node_id: str) -> Node:
    """Move a node one level up, right behind the node that it was below. Raises BadInput, NotFound."""
    with library.session() as session:
        node = node_row(session, node_id)
        shape = Shape(session, node.project_id)
        if node.parent_id is None:
            raise BadInput(f"“{node.title}” is at the top level already.")
        parent = shape.nodes[node.parent_id]
        grandparent = shape.nodes.get(parent.parent_id or "")
        index = shape.children(parent.parent_id).index(parent) + 1
        _place(session, shape, node, grandparent, index)
        return node


@contextmanager
def _one(library: Library, node_id: str) -> Iterator[Node]:
    with library.session() as session:
        node = node_row(session, node_id)
        yield node
        touch(session, node.project_id)


def _member(shape: Shape, node_id: str | None) -> Node | None:
    if node_id is not None and node_id not in shape.nodes:
        raise NotFound(f"There is no section {node_id} in this project; it may have been removed.")
    return shape.nodes[node_id] if node_id is not None else None


def _refuse_below_text(session: Session, parent: Node | None) -> None:
    if parent is not None and has_text(session, parent):
        raise BadInput(f"“{parent.title}” has text of its own; sections can only be put beside it.")


def _place(session: Session, shape: Shape, node: Node, parent: Node | None, index: int) -> None:
    if parent is not None and any(inner is parent for inner in shape.subtree(node)):
        raise BadInput(f"“{node.title}” cannot be moved into itself.")
    _refuse_below_text(session, parent)
    if parent is not None and parent.locked:
        for inner in shape.subtree(node):
            inner.locked = True
    shape.place(node, parent.id if parent else None, max(0, index))
    changed(session, shape, project_row(session, node.project_id))


def _first_words(shape: Shape, project: Project, parent: Node | None, siblings: list[Node]) -> int:
    # The first section of what was a leaf takes over the leaf's length.
    if parent is not None and not siblings:
        return parent.target_words
    return typical(shape, project.goal_words)


def _checked(words: int) -> int:
    if words < 0:
        raise BadInput("A length cannot be negative.")
    return words
