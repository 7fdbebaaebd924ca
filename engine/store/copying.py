"""Copying one project's outline and current texts into another; the texts never leave SQLite.

Called by `engine.store.projects.duplicate`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Insert, bindparam, insert, null, select
from sqlmodel import Session, SQLModel

from engine.store.schema import Node, new_id
from engine.store.tree import Shape


def copy_outline(session: Session, source_id: str, target_id: str) -> None:
    """Copy all live nodes of the one project, with their current versions, into the empty other one."""
    shape = Shape(session, source_id)
    # Parents first: the foreign key is checked with every row.
    nodes = [node for top in shape.children(None) for node in shape.subtree(top)]
    new_nodes = {node.id: new_id() for node in nodes}
    new_versions = {node.version_id: new_id() for node in nodes if node.version_id}
    if nodes:
        session.execute(insert(Node), [_copied(node, target_id, new_nodes, new_versions) for node in nodes])
    texts = [
        {
            "old": node.version_id,
            "new_id": new_versions[node.version_id],
            "new_project_id": target_id,
            "new_node_id": new_nodes[node.id],
        }
        for node in nodes
        if node.version_id
    ]
    if texts:
        session.connection().execute(_version_copy(), texts)


def _copied(
    node: Node, target_id: str, new_nodes: dict[str, str], new_versions: dict[str, str]
) -> dict[str, Any]:
    return node.model_dump() | {
        "id": new_nodes[node.id],
        "project_id": target_id,
        "parent_id": new_nodes[node.parent_id] if node.parent_id else None,
        "version_id": new_versions[node.version_id] if node.version_id else None,
    }


def _version_copy() -> Insert:
    """INSERT INTO version SELECT the same columns FROM version, but for the ids."""
    table = SQLModel.metadata.tables["version"]
    changed: dict[str, ColumnElement[Any]] = {
        "id": bindparam("new_id"),
        "project_id": bindparam("new_project_id"),
        "node_id": bindparam("new_node_id"),
        "parent_id": null(),
        "job_id": null(),
    }
    columns = [changed.get(column.name, column) for column in table.columns]
    source = select(*columns).where(table.c.id == bindparam("old"))
    return insert(table).from_select([column.name for column in table.columns], source)
