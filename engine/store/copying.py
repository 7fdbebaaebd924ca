"""Copying one project's outline and current texts into another; sealed texts never leave SQLite.

A text brings what it goes back to: a person's the nearest draft, a draft the nearest text of a person. By
that the copy is told, as the original is, whether a draft goes on with it, which part of it is not to be
reshaped, what the model was asked for, and which sentences are the model's. All other versions stay
behind. Called by `engine.store.projects.duplicate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Insert, bindparam, insert, null, select
from sqlmodel import Session, SQLModel

from engine.store.following import text_in
from engine.store.rows import version_row
from engine.store.schema import DRAFTED, Node, new_id, now
from engine.store.tree import Shape
from engine.text.counting import count_words


def copy_outline(session: Session, source_id: str, target_id: str) -> None:
    """Copy all live nodes of the one project, with their current texts, into the empty other one."""
    shape = Shape(session, source_id)
    # Parents first: the foreign key is checked with every row.
    nodes = [node for top in shape.children(None) for node in shape.subtree(top)]
    new_nodes = {node.id: new_id() for node in nodes}
    new_versions = {node.version_id: new_id() for node in nodes if node.version_id}
    if nodes:
        session.execute(insert(Node), [_copied(node, target_id, new_nodes, new_versions) for node in nodes])
    beginnings: dict[str, str] = {}
    texts: list[dict[str, str | None]] = []
    for node in nodes:
        ids = {"new_project_id": target_id, "new_node_id": new_nodes[node.id]}
        parent: str | None = None
        if (beginning := _beginning(session, node.version_id)) is not None:
            parent = new_id()
            beginnings[parent] = beginning
            texts.append({"old": beginning, "new_id": parent, "new_parent_id": None, **ids})
        if node.version_id:
            new = new_versions[node.version_id]
            texts.append({"old": node.version_id, "new_id": new, "new_parent_id": parent, **ids})
    if texts:
        session.connection().execute(_version_copy(), texts)
        _end_open_drafts(session, beginnings)


def _copied(
    node: Node, target_id: str, new_nodes: dict[str, str], new_versions: dict[str, str]
) -> dict[str, Any]:
    return node.model_dump() | {
        "id": new_nodes[node.id],
        "project_id": target_id,
        "parent_id": new_nodes[node.parent_id] if node.parent_id else None,
        "version_id": new_versions[node.version_id] if node.version_id else None,
    }


def _beginning(session: Session, version_id: str | None) -> str | None:
    """The version that a text goes back to, if any."""
    table = SQLModel.metadata.tables["version"].c
    hand: bool | None = None
    while version_id is not None:
        one = select(table.origin, table.parent_id).where(table.id == version_id)
        origin, parent_id = session.execute(one).one()
        by_model = origin in DRAFTED
        if hand not in (None, by_model):
            return version_id
        hand, version_id = by_model, parent_id
    return None


def _end_open_drafts(session: Session, copies: Mapping[str, str]) -> None:
    """A draft that is still open is, in the copy, where nobody writes it, one that was stopped. `copies`:
    which version each is a copy of."""
    table = SQLModel.metadata.tables["version"].c
    for new, old in copies.items():
        if session.execute(select(table.sealed_at).where(table.id == old)).scalar_one() is None:
            told, draft = text_in(session, version_row(session, old)), version_row(session, new)
            draft.text, draft.think, draft.words = told.text, told.think, count_words(told.text)
            draft.finish, draft.sealed_at = "stopped", now()


def _version_copy() -> Insert:
    """INSERT INTO version SELECT the same columns FROM version, but for the ids."""
    table = SQLModel.metadata.tables["version"]
    changed: dict[str, ColumnElement[Any]] = {
        "id": bindparam("new_id"),
        "project_id": bindparam("new_project_id"),
        "node_id": bindparam("new_node_id"),
        "parent_id": bindparam("new_parent_id"),
        "job_id": null(),
    }
    columns = [changed.get(column.name, column) for column in table.columns]
    source = select(*columns).where(table.c.id == bindparam("old"))
    return insert(table).from_select([column.name for column in table.columns], source)
