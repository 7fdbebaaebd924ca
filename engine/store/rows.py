"""Small helpers that the modules of this room share: finding rows, and text that SQLite can hold."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, literal_column
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from engine.errors import BadInput, NotFound
from engine.store.schema import Node, Project, Version, now

VERSION_ORDER: ColumnElement[Any] = literal_column("version.rowid")
"""SQLite's own row number: it grows with every version, so it tells the order even if the clock went back."""

_LONG_COLUMNS = (Version.text, Version.think, Version.sampling, Version.prompt)


def project_row(session: Session, project_id: str) -> Project:
    """The live project of that id, for changing. Raises NotFound."""
    project = session.get(Project, project_id)
    if project is None or project.deleted_at is not None:
        raise NotFound(f"There is no project {project_id} in this library.")
    return project


def node_row(session: Session, node_id: str) -> Node:
    """The live node of that id. Raises NotFound."""
    node = session.get(Node, node_id)
    if node is None or node.deleted_at is not None:
        raise NotFound(f"There is no section {node_id}; it may have been removed in another window.")
    return node


def version_row(session: Session, version_id: str) -> Version:
    """The version of that id, text included. Raises NotFound."""
    version = session.get(Version, version_id)
    if version is None:
        raise NotFound(f"There is no version {version_id} in this library.")
    return version


def touch(session: Session, project_id: str) -> None:
    """Note that the writer changed something in the project."""
    project = session.get(Project, project_id)
    if project is not None:
        project.updated_at = now()


def storable(text: str) -> str:
    """`text` with unpaired surrogates replaced by U+FFFD, the only characters that cannot be stored.

    A browser sends them when a surrogate pair is cut in half.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def one_line(title: str) -> str:
    """A title as it is stored: one line, single blanks. Raises BadInput for an empty one."""
    line = " ".join(storable(title).split())
    if not line:
        raise BadInput("A title cannot be empty.")
    return line


def light_versions() -> SelectOfScalar[Version]:
    """Versions, oldest first, without their four long columns; reading one of those raises."""
    without = [defer(col(column)) for column in _LONG_COLUMNS]  # type: ignore[arg-type]
    return select(Version).options(*without).order_by(VERSION_ORDER)


def is_newer(session: Session, version_id: str, than_id: str) -> bool:
    """Whether the one version was made after the other."""
    both = select(Version.id).where(col(Version.id).in_((version_id, than_id))).order_by(VERSION_ORDER)
    return version_id != than_id and session.exec(both).all()[-1] == version_id


def refuse_chapter(session: Session, node: Node) -> None:
    """Raise BadInput for a node that has sections below it: only leaves carry text."""
    below = select(Node.id).where(Node.parent_id == node.id, col(Node.deleted_at).is_(None))
    if session.exec(below).first() is not None:
        raise BadInput(f"“{node.title}” has sections of its own; its text is in these.")


def has_text(session: Session, node: Node) -> bool:
    """Whether a node has a current text or is being written."""
    open_draft = select(Version.id).where(Version.node_id == node.id, col(Version.sealed_at).is_(None))
    return node.version_id is not None or session.exec(open_draft).first() is not None
