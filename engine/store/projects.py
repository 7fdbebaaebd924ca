"""The books and reports of a library. Deleting is a date and can be undone; a title need not be unique.

Called by the pages, the command line and the jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, or_
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select

from engine.errors import BadInput, NotFound, ProjectBusy
from engine.store.copying import copy_outline
from engine.store.jobs import is_interrupted
from engine.store.library import Library
from engine.store.rows import one_line, project_row
from engine.store.schema import ACTIVE_STATES, ENOUGH, Job, Node, Project, Version, now
from engine.store.targets import settle
from engine.store.tree import Shape


@dataclass(frozen=True)
class ProjectSummary:
    """A project as a card: words so far, sections in all and finished, and its active job if any."""

    project: Project
    words: int
    sections: int
    sections_done: int
    job: Job | None


def create(
    library: Library,
    brief: Mapping[str, Any],
    title: str,
    kind: str,
    language: str,
    goal_words: int,
    settings: Mapping[str, Any] | None = None,
) -> Project:
    """Begin a project without an outline. The values are checked already (`engine.planning.brief`)."""
    with library.session() as session:
        project = Project(
            title=one_line(title),
            kind=kind,
            language=language,
            goal_words=goal_words,
            brief=dict(brief),
            settings=dict(settings or {}),
        )
        session.add(project)
        return project


def get(library: Library, key: str) -> Project:
    """The project of that id, of exactly that title, or of that beginning of an id; archived ones too. A
    title goes before a beginning: a book may be called “4” or “Dad”.

    Raises NotFound, and BadInput when several answer to it.
    """
    with library.reading() as session:
        live = select(Project).where(col(Project.deleted_at).is_(None))
        by_beginning = col(Project.id).startswith(key, autoescape=True)
        for fits in (col(Project.id) == key, col(Project.title) == key, by_beginning):
            found = session.exec(live.where(fits).limit(2)).all() if key else []
            if len(found) == 1:
                return found[0]
            if found:
                ids = ", ".join(project.id for project in found)
                raise BadInput(f"Several projects are called {key}; say which by its id ({ids}, ...).")
    raise NotFound(f"There is no project {key} in this library.")


def all(library: Library, include_archived: bool = False, deleted: bool = False) -> list[Project]:  # noqa: A001
    """Projects, the last changed first; with `deleted` only the deleted ones, the last deleted first."""
    gone = col(Project.deleted_at)
    if deleted:
        query = select(Project).where(gone.is_not(None)).order_by(gone.desc())
    else:
        query = select(Project).where(gone.is_(None)).order_by(col(Project.updated_at).desc())
        if not include_archived:
            query = query.where(col(Project.archived_at).is_(None))
    with library.reading() as session:
        return list(session.exec(query).all())


def summaries(library: Library, include_archived: bool = False) -> list[ProjectSummary]:
    """All projects as cards, the last changed first; one query, and no text is read."""
    child = aliased(Node)
    inner = select(child.id).where(child.parent_id == Node.id, col(child.deleted_at).is_(None)).exists()
    own_text = and_(
        col(Version.finish).is_(None),
        col(Version.words) > 0,
        col(Version.words) >= ENOUGH * col(Node.target_words),
    )
    done = case((or_(col(Version.finish) == "complete", own_text), 1), else_=0)
    leaf_sums = (
        select(
            Node.project_id,
            func.sum(func.coalesce(Version.words, 0)).label("words"),
            func.count().label("sections"),
            func.sum(done).label("sections_done"),
        )
        .outerjoin(Version, col(Version.id) == col(Node.version_id))
        .where(col(Node.deleted_at).is_(None), ~inner)
        .group_by(col(Node.project_id))
        .subquery()
    )
    active = and_(col(Job.project_id) == col(Project.id), col(Job.state).in_(ACTIVE_STATES))
    query = (
        select_columns(Project, leaf_sums.c.words, leaf_sums.c.sections, leaf_sums.c.sections_done, Job)
        .outerjoin(leaf_sums, leaf_sums.c.project_id == Project.id)
        .outerjoin(Job, active)
        .where(col(Project.deleted_at).is_(None))
        .order_by(col(Project.updated_at).desc())
    )
    if not include_archived:
        query = query.where(col(Project.archived_at).is_(None))
    with library.reading() as session:
        rows = session.execute(query).all()
    return [ProjectSummary(row[0], row[1] or 0, row[2] or 0, row[3] or 0, row[4]) for row in rows]


def update(
    library: Library,
    project_id: str,
    *,
    title: str | None = None,
    kind: str | None = None,
    language: str | None = None,
    goal_words: int | None = None,
    brief: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Project:
    """Change what is given. A new goal is spread over the sections that may change. Raises NotFound."""
    with library.session() as session:
        project = project_row(session, project_id)
        project.title = project.title if title is None else one_line(title)
        project.kind = project.kind if kind is None else kind
        project.language = project.language if language is None else language
        project.brief = project.brief if brief is None else dict(brief)
        project.settings = project.settings if settings is None else dict(settings)
        if goal_words is not None:
            project.goal_words = goal_words
            settle(Shape(session, project_id), goal_words)
        project.updated_at = now()
        return project


def revise(library: Library, project_id: str, change: Callable[[Project], None]) -> Project:
    """Let `change` read and alter a project within one transaction, so that two windows that save
    different fields at once lose neither. A new goal is spread over the sections that may change.
    Raises NotFound and what `change` raises; then everything is as it was."""
    with library.session() as session:
        project = project_row(session, project_id)
        goal = project.goal_words
        change(project)
        if project.goal_words != goal:
            settle(Shape(session, project_id), project.goal_words)
        project.updated_at = now()
        return project


def duplicate(library: Library, project_id: str, title: str | None = None) -> Project:
    """A copy with the same outline, locks and current texts under new ids; no older versions, no jobs."""
    with library.session() as session:
        source = project_row(session, project_id)
        copied = source.model_dump(include={"kind", "language", "goal_words", "brief", "settings"})
        copy = Project(title=one_line(title or f"{source.title} (copy)"), **copied)
        session.add(copy)
        session.flush()
        copy_outline(session, source.id, copy.id)
        return copy


def archive(library: Library, project_id: str) -> Project:
    """Take a project off the desk, as it is. Raises NotFound."""
    return _dated(library, project_id, "archived_at", now())


def unarchive(library: Library, project_id: str) -> Project:
    """Undo `archive`."""
    return _dated(library, project_id, "archived_at", None)


def delete(library: Library, project_id: str) -> Project:
    """Delete a project; everything is kept and `undelete` brings it back.

    Raises ProjectBusy while a draft of it is queued or being written, NotFound.
    """
    with library.session() as session:
        project = project_row(session, project_id)
        jobs = select(Job).where(Job.project_id == project.id, col(Job.state).in_(("queued", "running")))
        if any(not is_interrupted(job, now()) for job in session.exec(jobs)):
            raise ProjectBusy(f"“{project.title}” is being written; stop the draft before deleting it.")
        project.deleted_at = now()
        return project


def undelete(library: Library, project_id: str) -> Project:
    """Bring a deleted project back. Raises NotFound when none of that id was deleted."""
    with library.session() as session:
        project = session.get(Project, project_id)
        if project is None or project.deleted_at is None:
            raise NotFound(f"There is no deleted project {project_id}.")
        project.deleted_at = None
        return project


def _dated(library: Library, project_id: str, column: str, value: float | None) -> Project:
    with library.session() as session:
        project = project_row(session, project_id)
        setattr(project, column, value)
        return project
