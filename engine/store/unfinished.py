"""Which sections a draft would go on with: the one place that decides it.

A section is unfinished when its text

    has no word
    is a draft that was broken off (`UNFINISHED`)
    goes back to such a draft, or to one that is still open, by a person's changes, and is shorter than
        `ENOUGH` of its target: so near to it the drafting room could only make it too long

A person's own text is finished however short it is, and so is a draft that is what the model could do.
Locks are not looked at, texts are not read. Called by `engine.jobs.worklist` (what a draft does) and by the
pages (whether they offer one).
"""

from __future__ import annotations

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col, func

from engine.store.library import Library
from engine.store.schema import DRAFTED, ENOUGH, UNFINISHED, Node, Version


def unfinished(library: Library, project_id: str) -> frozenset[str]:
    """The ids of the unfinished sections of a project."""
    half, child = _half_drafts(project_id).subquery(), aliased(Node)
    has_sections = select(col(child.id)).where(
        col(child.parent_id) == Node.id, col(child.deleted_at).is_(None)
    )
    too_short = col(Version.words) < ENOUGH * col(Node.target_words)
    query = (
        select(col(Node.id))
        .outerjoin(Version, col(Version.id) == col(Node.version_id))
        .outerjoin(half, half.c.node_id == Node.id)
        .where(col(Node.project_id) == project_id, col(Node.deleted_at).is_(None), ~has_sections.exists())
        .where(
            or_(
                func.coalesce(Version.words, 0) == 0,
                half.c.id == Node.version_id,
                and_(half.c.id.is_not(None), too_short),
            )
        )
    )
    with library.reading() as session:
        return frozenset(session.execute(query).scalars())


def _half_drafts(project_id: str) -> Select[tuple[str, str]]:
    """The broken-off or open draft that each text is or goes back to, as `node_id` and `id`."""
    behind = (
        select(col(Node.id).label("node_id"), col(Version.id), col(Version.parent_id), col(Version.origin))
        .join(Version, col(Version.id) == col(Node.version_id))
        .where(col(Node.project_id) == project_id, col(Node.deleted_at).is_(None))
        .cte(recursive=True)
    )
    older = aliased(Version)
    behind = behind.union_all(
        select(behind.c.node_id, col(older.id), col(older.parent_id), col(older.origin))
        .join(behind, col(older.id) == behind.c.parent_id)
        .where(behind.c.origin.not_in(DRAFTED))
    )
    return (
        select(behind.c.node_id, col(Version.id))
        .join(Version, col(Version.id) == behind.c.id)
        .where(behind.c.origin.in_(DRAFTED))
        .where(or_(col(Version.sealed_at).is_(None), col(Version.finish).in_(UNFINISHED)))
    )
