"""Which drafted texts of a section can be judged against each other, and what was said of a text.

A text is generated when a model wrote all of it: a draft, a text written again, a variant, or one of these
brought back. Two of one section make a pair when they answer the same wish: variants of one batch, or a text
written again and the drafted text that it was to replace. Knows nothing of rewards and pages.
Called by `trainer.preferences.capture` and the studio's routes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, or_, select

from engine.store.library import Library
from engine.store.rows import light_versions, version_row
from engine.store.schema import DRAFTED, Feedback, Node, Project, Question, Version

WHOLE = frozenset({"complete", "short", "long"})
"""`Version.finish` of texts that the model brought to an end; others are not fit to be compared."""


@dataclass(frozen=True)
class Pair:
    """Two generated versions of one section, the older first."""

    first: str
    second: str


def generated_behind(library: Library, version_id: str) -> Version | None:
    """The text that a model wrote and that this version goes back to: itself, what was brought back, or
    what a person's edits began with. None for a person's own text. Raises NotFound."""
    with library.reading() as session:
        return _source(session, version_row(session, version_id))


def about(library: Library, version_id: str) -> list[Feedback]:
    """What was said of a version, newest first."""
    either = or_(col(Feedback.version_a_id) == version_id, col(Feedback.version_b_id) == version_id)
    query = select(Feedback).where(either, col(Feedback.deleted_at).is_(None))
    with library.reading() as session:
        return list(session.exec(query.order_by(col(Feedback.created_at).desc())))


def pairs(library: Library, project_id: str | None = None, node_id: str | None = None) -> list[Pair]:
    """Every pair of a library, a project or a section, newest section text last."""
    query = (
        light_versions()
        .join(Node, col(Node.id) == col(Version.node_id))
        .join(Project, col(Project.id) == col(Version.project_id))
        .where(col(Node.deleted_at).is_(None), col(Project.deleted_at).is_(None))
    )
    if project_id is not None:
        query = query.where(Version.project_id == project_id)
    if node_id is not None:
        query = query.where(Version.node_id == node_id)
    with library.reading() as session:
        by_node: dict[str, list[Version]] = defaultdict(list)
        for version in session.exec(query):
            by_node[version.node_id].append(version)
    return [pair for versions in by_node.values() for pair in _pairs_of(versions)]


def asked_pairs(library: Library) -> set[frozenset[str]]:
    """Pairs of version ids that were put to the writer or judged, deleted rows included: what the writer
    has thrown away is not asked again."""
    with library.reading() as session:
        return {
            frozenset((str(a), str(b)))
            for table in (Feedback, Question)
            for a, b in session.exec(select(table.version_a_id, table.version_b_id))
            if a and b
        }


def replaced_by(library: Library, version_id: str) -> Version | None:
    """The generated text that a text written again was to replace; None where there was none, or where
    a person's own text stood there. Raises NotFound."""
    with library.reading() as session:
        version = version_row(session, version_id)
        history = list(session.exec(light_versions().where(Version.node_id == version.node_id)))
    before = _before(history, version_id)
    if before is None:
        return None
    with library.reading() as session:  # a new one: the rows of the first lack their texts
        return version_row(session, before.id)


def _source(session: Session, version: Version | None) -> Version | None:
    while version is not None and version.origin not in DRAFTED:
        version = session.get(Version, version.parent_id) if version.parent_id else None
    return version


def _pairs_of(history: Sequence[Version]) -> Iterator[Pair]:
    """Pairs of one section; `history` is oldest first."""
    grown = {version.parent_id for version in history if version.origin in DRAFTED}
    whole = [version for version in history if _fit(version) and version.id not in grown]
    batches: dict[str | None, list[Version]] = defaultdict(list)
    for version in whole:
        if version.origin == "variant" and version.job_id:
            batches[version.job_id].append(version)
    for batch in batches.values():
        for first, second in zip(batch[::2], batch[1::2], strict=False):
            yield Pair(first.id, second.id)
    for version in whole:
        before = _before(history, version.id) if version.origin == "regenerate" else None
        if before is not None and _fit(before):
            yield Pair(before.id, version.id)


def _fit(version: Version) -> bool:
    return version.sealed_at is not None and version.words > 0 and version.finish in WHOLE


def _before(history: Sequence[Version], version_id: str) -> Version | None:
    """The generated version that counted before `version_id`; a mere variant never counted."""
    by_id = {version.id: version for version in history}
    version: Version | None = None
    for candidate in history:
        if candidate.id == version_id:
            break
        if candidate.origin not in ("variant", "conflict") and candidate.sealed_at is not None:
            version = candidate
    while version is not None and version.origin == "restore":
        version = by_id.get(version.parent_id or "")
    return version if version is not None and version.origin in DRAFTED else None
