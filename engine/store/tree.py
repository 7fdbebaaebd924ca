"""A project's outline in reading order, with what was asked and got; one query, and never a text.

Also the shape that the editing functions work on (`Shape`). Called by `engine.store.outline` and, through
it, by the pages, the command line, the jobs and the exports.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from engine.errors import BadInput, NotFound
from engine.planning.own_numbers import without_own_numbers
from engine.store.library import Library
from engine.store.rows import project_row
from engine.store.schema import ENOUGH, Node, Version


@dataclass(frozen=True)
class OutlineNode:
    """A row of the outline.

    `depth` is 0 at the top; `number` is like "2.3", and `name` is the title as it is read behind it: without
    a number that it brings along itself. `words` and `target` are in words and, above the
    leaves, sums. `finish` is that of a leaf's current version; of a chapter it is "complete" when all
    its sections are done, else None. `version_count` counts all versions of the node itself.
    """

    node: Node
    depth: int
    number: str
    name: str
    words: int
    target: int
    finish: str | None
    is_leaf: bool
    version_count: int

    @property
    def done(self) -> bool:
        """A complete draft, a person's text of at least 90 % of the target, or a chapter of such."""
        if self.finish is not None or not self.is_leaf:
            return self.finish == "complete"
        return self.words > 0 and self.words >= ENOUGH * self.target


@dataclass(frozen=True)
class _Row:
    node: Node
    words: int
    finish: str | None
    version_count: int


def tree(library: Library, project_id: str) -> list[OutlineNode]:
    """All nodes of a project in reading order, each before what is below it. Raises NotFound."""
    with library.reading() as session:
        rows = _rows(session, project_id)
        if not rows:
            project_row(session, project_id)
    found = _flattened(_by_parent(rows), None, 0, "")
    names = without_own_numbers([row.name for row in found])
    return [replace(row, name=name) for row, name in zip(found, names, strict=True)]


def leaves(library: Library, project_id: str) -> list[OutlineNode]:
    """The nodes that carry text, in reading order. Raises NotFound."""
    return [row for row in tree(library, project_id) if row.is_leaf]


def find(rows: Sequence[OutlineNode], key: str) -> OutlineNode:
    """The row of that id, that number or exactly that title, with a number of its own or without. Raises
    NotFound, BadInput for a title that several have."""
    exact = [row for row in rows if key in (row.node.id, row.number)]
    found = exact or [row for row in rows if key in (row.node.title, row.name)]
    if not found:
        raise NotFound(f"There is no section {key}; give its number, its id or its exact title.")
    if len(found) > 1 and not exact:
        numbers = ", ".join(row.number for row in found)
        raise BadInput(f"Several sections are called {key}; say which by its number ({numbers}).")
    return found[0]


def below(rows: Sequence[OutlineNode], top: OutlineNode) -> list[OutlineNode]:
    """A row of the outline and all below it."""
    return [row for row in rows if row is top or row.number.startswith(f"{top.number}.")]


class Shape:
    """The live nodes of a project within a session, for changing; `written` holds those with text."""

    def __init__(self, session: Session, project_id: str) -> None:
        rows = _rows(session, project_id)
        self.nodes = {row.node.id: row.node for row in rows}
        self.written = {row.node.id for row in rows if row.words}
        self._below: dict[str | None, list[Node]] = {
            parent: [row.node for row in children] for parent, children in _by_parent(rows).items()
        }

    def children(self, parent_id: str | None) -> list[Node]:
        """The nodes below one (None: the top), in order."""
        return self._below.get(parent_id, [])

    def subtree(self, node: Node) -> Iterator[Node]:
        """The node and everything below it, in reading order."""
        yield node
        for child in self.children(node.id):
            yield from self.subtree(child)

    def leaves(self, below: Node | None = None) -> list[Node]:
        """The leaves in reading order, of the whole project or of one node."""
        tops = self.children(None) if below is None else [below]
        return [node for top in tops for node in self.subtree(top) if not self.children(node.id)]

    def place(self, node: Node, parent_id: str | None, index: int) -> None:
        """Put the node (new or moved) below a parent at an index and number the siblings anew."""
        if node.id in self.nodes:
            self.take_out(node)
        self.nodes[node.id] = node
        siblings = self._below.setdefault(parent_id, [])
        siblings.insert(index, node)
        node.parent_id = parent_id
        for position, sibling in enumerate(siblings):
            sibling.position = position

    def take_out(self, node: Node) -> None:
        """Forget the node's place; the gap in the positions of its siblings does no harm."""
        self._below[node.parent_id] = [other for other in self.children(node.parent_id) if other is not node]
        del self.nodes[node.id]


def _rows(session: Session, project_id: str) -> list[_Row]:
    every = aliased(Version)
    count = select(func.count()).select_from(every).where(every.node_id == Node.id).scalar_subquery()
    rows = session.execute(
        select(Node, Version.words, Version.finish, count)
        .outerjoin(Version, col(Version.id) == col(Node.version_id))
        .where(Node.project_id == project_id, col(Node.deleted_at).is_(None))
        .order_by(col(Node.position), col(Node.id))
    )
    return [_Row(node, words or 0, finish, versions) for node, words, finish, versions in rows]


def _by_parent(rows: list[_Row]) -> dict[str | None, list[_Row]]:
    below: dict[str | None, list[_Row]] = defaultdict(list)
    for row in rows:
        below[row.node.parent_id].append(row)
    return below


def _flattened(
    below: dict[str | None, list[_Row]], parent: str | None, depth: int, prefix: str
) -> list[OutlineNode]:
    found: list[OutlineNode] = []
    for place, row in enumerate(below.get(parent, ()), start=1):
        number = f"{prefix}{place}"
        inner = _flattened(below, row.node.id, depth + 1, f"{number}.")
        children = [node for node in inner if node.depth == depth + 1]
        found += [_outline_node(row, depth, number, children), *inner]
    return found


def _outline_node(row: _Row, depth: int, number: str, children: list[OutlineNode]) -> OutlineNode:
    node = row.node
    if not children:
        return OutlineNode(
            node, depth, number, node.title, row.words, node.target_words, row.finish, True, row.version_count
        )
    words = sum(child.words for child in children)
    target = sum(child.target for child in children)
    finish = "complete" if all(child.done for child in children) else None
    return OutlineNode(node, depth, number, node.title, words, target, finish, False, row.version_count)
