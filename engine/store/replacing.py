"""A whole new outline for a project, without losing what is there.

`fingerprint` tells one outline from another, so that whoever made a new one over some time can have it
refused when the writer changed the old one meanwhile. Called through `engine.store.outline` by the plan
page, `longwright write` and the outline job.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence

from sqlmodel import Session, col, select

from engine.errors import BadInput, Conflict, NodeLocked
from engine.planning.outline_text import MOST_NODES, OutlineItem, count_items
from engine.store.library import Library
from engine.store.rows import one_line, project_row, storable
from engine.store.schema import Node, Version, now
from engine.store.targets import changed
from engine.store.tree import OutlineNode, Shape, tree

_Path = tuple[str, ...]


def fingerprint(library: Library, project_id: str) -> str:
    """The same for the same outline, another one after any change of a person's; empty for no outline."""
    with library.reading() as session:
        return _fingerprint(Shape(session, project_id))


def refuse_replace(library: Library, project_id: str, instead_of: str | None = None) -> None:
    """Raise what `replace` would raise now, whatever the new outline is; it costs a model minutes."""
    with library.reading() as session:
        _refuse(session, Shape(session, project_id), project_id, instead_of)


def replace(
    library: Library,
    project_id: str,
    items: Sequence[OutlineItem],
    keep_matching: bool = False,
    instead_of: str | None = None,
) -> list[OutlineNode]:
    """Give the project the outline `items`; returns it as `tree` does.

    Without `keep_matching` this is only allowed as long as no section has text. With it, a new heading of
    the same title (at the same place, else anywhere) goes on as the old node with its text, and sections
    with text that match nothing are removed, to be restored by `outline.restore`. A locked node is never
    changed or removed. `instead_of` is the fingerprint of the outline that may be replaced. Raises
    BadInput, NodeLocked, NotFound, Conflict when another outline is there by now.
    """
    if not items:
        raise BadInput("The outline has no sections.")
    if count_items(items) > MOST_NODES:
        raise BadInput(f"The outline has more than {MOST_NODES:,} sections, the most for one project.")
    with library.session() as session:
        project = project_row(session, project_id)
        shape = Shape(session, project_id)
        if keep_matching:
            _refuse_changed(shape, instead_of)
        else:
            _refuse(session, shape, project_id, instead_of)
        matched = _match(shape, items) if keep_matching else {}
        _remove_others(shape, {node.id for node in matched.values()})
        _store(session, project_id, items, None, matched)
        session.flush()
        changed(session, Shape(session, project_id), project)
    return tree(library, project_id)


def _fingerprint(shape: Shape) -> str:
    told = [
        [node.id, node.parent_id, node.title, node.beat, node.target_words, node.locked]
        for top in shape.children(None)
        for node in shape.subtree(top)
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest() if told else ""


def _refuse(session: Session, shape: Shape, project_id: str, instead_of: str | None) -> None:
    """Refuse an outline that keeps nothing of this one."""
    _refuse_changed(shape, instead_of)
    _refuse_loss(session, shape, project_id)
    _refuse_locked(shape.nodes.values())


def _refuse_changed(shape: Shape, instead_of: str | None) -> None:
    if instead_of is not None and _fingerprint(shape) != instead_of:
        raise Conflict(
            "The outline was changed after the model was asked for one, so it stays as it is; "
            "let the model draft it again if the model's shall take its place."
        )


def _refuse_loss(session: Session, shape: Shape, project_id: str) -> None:
    being_written = session.exec(
        select(Version.node_id).where(Version.project_id == project_id, col(Version.sealed_at).is_(None))
    ).all()
    holder = next((n for n in shape.nodes.values() if n.version_id or n.id in being_written), None)
    if holder is not None:
        raise BadInput(
            f"“{holder.title}” has text already; keep the sections whose titles match, "
            "or start a new project."
        )


def _refuse_locked(removed: Iterable[Node]) -> None:
    locked = next((node for node in removed if node.locked), None)
    if locked is not None:
        raise NodeLocked(f"“{locked.title}” is locked and would be removed; unlock it or keep its heading.")


def _match(shape: Shape, items: Sequence[OutlineItem]) -> dict[int, Node]:
    """Old nodes by the identity of the new items that go on with them: first by the whole path of
    titles, then by title alone. A section matches only a section, a chapter only a chapter."""
    matched: dict[int, Node] = {}
    for length in (None, 1):
        taken = {node.id for node in matched.values()}
        waiting: dict[tuple[_Path, bool], deque[Node]] = defaultdict(deque)
        for path, node in _old_paths(shape, None, ()):
            if node.id not in taken:
                waiting[_tail(path, length), bool(shape.children(node.id))].append(node)
        for path, item in _new_paths(items, ()):
            candidates = waiting[_tail(path, length), bool(item.children)]
            if id(item) not in matched and candidates:
                matched[id(item)] = candidates.popleft()
    return matched


def _tail(path: _Path, length: int | None) -> _Path:
    return path if length is None else path[-length:]


def _old_paths(shape: Shape, parent_id: str | None, above: _Path) -> Iterator[tuple[_Path, Node]]:
    for node in shape.children(parent_id):
        path = (*above, node.title.casefold())
        yield path, node
        yield from _old_paths(shape, node.id, path)


def _new_paths(items: Sequence[OutlineItem], above: _Path) -> Iterator[tuple[_Path, OutlineItem]]:
    for item in items:
        path = (*above, one_line(item.title).casefold())
        yield path, item
        yield from _new_paths(item.children, path)


def _remove_others(shape: Shape, kept: set[str]) -> None:
    stamp = now()
    others = [node for node in shape.nodes.values() if node.id not in kept]
    _refuse_locked(others)
    for node in others:
        node.deleted_at = stamp


def _store(
    session: Session,
    project_id: str,
    items: Sequence[OutlineItem],
    parent_id: str | None,
    matched: dict[int, Node],
) -> None:
    for position, item in enumerate(items):
        node = matched.get(id(item))
        if node is None:
            node = Node(project_id=project_id, position=position, title=one_line(item.title))
            session.add(node)  # parents before children: the foreign key is checked row by row
        if not node.locked:
            node.title, node.beat = one_line(item.title), storable(item.beat)
            node.target_words = 0 if item.children else item.target or 0
        node.locked = node.locked or item.locked
        node.parent_id, node.position = parent_id, position
        if (
            item.children
        ):  # SQLAlchemy changes rows before it adds any, and a child may have been there before
            session.flush()
        _store(session, project_id, item.children, node.id, matched)
