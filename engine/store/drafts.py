"""Texts that a model writes: opened, grown piece by piece, sealed.

Whether a sealed draft becomes the section's current text (`Node.version_id`) is decided here alone:

- An empty text never does.
- It does when the section has no text yet, when it goes on from the current text (adds to its end, or is
  its successor and not shorter), or when it is `complete` and not shorter than both the current text and
  90 % of its own target.
- It stays beside the current text when `keep_current` asks for it, when the section was removed meanwhile,
  or when a newer text became current after the draft was opened. A locked section keeps even no text.

Called by the writer process through `engine.store.versions`, and by `engine.store.jobs` when a job ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, delete, insert, select
from sqlmodel.sql.expression import SelectOfScalar

from engine.errors import Conflict, NodeLocked, NotFound
from engine.store.following import text_in
from engine.store.library import Library
from engine.store.rows import (
    VERSION_ORDER,
    is_newer,
    light_versions,
    node_row,
    refuse_chapter,
    storable,
    touch,
    version_row,
)
from engine.store.schema import ENOUGH, Chunk, Node, Version, now
from engine.text.counting import count_words


def open_draft(
    library: Library,
    node_id: str,
    origin: str,
    model: str | None,
    seed: int | None,
    sampling: Mapping[str, Any],
    prompt: Mapping[str, Any],
    job_id: str | None,
    parent_id: str | None = None,
    prefix_text: str = "",
    prefix_think: str = "",
    target_words: int | None = None,
) -> Version:
    """Begin a version that grows by `append` and ends by `seal`.

    `prefix_*` is what it starts from, `target_words` what is asked of it (default: the section's
    target). Raises NotFound, NodeLocked, BadInput for a chapter that has sections.
    """
    with library.session() as session:
        node = node_row(session, node_id)
        if node.locked:
            raise NodeLocked(f"“{node.title}” is locked; unlock it to have it written.")
        refuse_chapter(session, node)
        version = Version(
            project_id=node.project_id,
            node_id=node_id,
            parent_id=parent_id,
            job_id=job_id,
            origin=origin,
            target_words=node.target_words if target_words is None else target_words,
            model=model,
            seed=seed,
            sampling=dict(sampling),
            prompt=dict(prompt),
        )
        session.add(version)
        session.flush()
        prefixes = (("think", prefix_think), ("text", prefix_text))
        _add_chunks(session, [(version.id, channel, piece) for channel, piece in prefixes if piece])
        return version


def take_up(
    library: Library,
    version_id: str,
    model: str | None,
    sampling: Mapping[str, Any],
    prompt: Mapping[str, Any],
) -> None:
    """Write on in an open version: from now on it tells what the model was and saw last.

    Raises Conflict when it is sealed, NotFound.
    """
    with library.session() as session:
        _refuse_sealed(session, version_id)
        version = version_row(session, version_id)
        version.model, version.sampling, version.prompt = model, dict(sampling), dict(prompt)


def append(library: Library, rows: Sequence[tuple[str, str, str]]) -> None:
    """Store pieces (version id, channel, text) in one transaction: all or none.

    Channels: `text`, `think`, or `cut` (what is taken back from the end of the text). Raises Conflict
    when one of the versions is sealed, NotFound when there is none of that id.
    """
    with library.session() as session:
        for version_id in {row[0] for row in rows}:
            _refuse_sealed(session, version_id)
        _add_chunks(session, rows)


def seal(library: Library, version_id: str, finish: str, words: int, keep_current: bool = False) -> Version:
    """End a draft: its chunks become its text, and it becomes current by the rule of this module.

    `words` is the count by `engine.text.counting` of the text channel. Raises Conflict when it is
    sealed already, NotFound.
    """
    with library.session() as session:
        _refuse_sealed(session, version_id)
        return _seal(session, version_row(session, version_id), finish, words, keep_current)


def open_versions(library: Library, job_id: str) -> list[Version]:
    """The versions that a job is still writing, oldest first, without their long columns."""
    with library.reading() as session:
        return list(session.exec(_of_job(light_versions(), job_id)))


def newest_drafted(library: Library, node_id: str) -> Version | None:
    """The section's newest version that a model wrote (of an open one: see `text_of`); None without."""
    query = select(Version).where(Version.node_id == node_id, col(Version.model).is_not(None))
    with library.reading() as session:
        return session.exec(query.order_by(VERSION_ORDER.desc()).limit(1)).first()


def seal_open_of(session: Session, job_id: str, finish: str) -> None:
    """Seal whatever a job left open, so that its text counts; within the caller's transaction."""
    for version in session.exec(_of_job(select(Version).order_by(VERSION_ORDER), job_id)).all():
        _seal(session, version, finish, None, keep_current=version.origin == "variant")


def _of_job(versions: SelectOfScalar[Version], job_id: str) -> SelectOfScalar[Version]:
    return versions.where(Version.job_id == job_id, col(Version.sealed_at).is_(None))


def _add_chunks(session: Session, rows: Sequence[tuple[str, str, str]]) -> None:
    if rows:
        session.execute(
            insert(Chunk),
            [{"version_id": v, "channel": channel, "text": storable(piece)} for v, channel, piece in rows],
        )


def _refuse_sealed(session: Session, version_id: str) -> None:
    row = session.exec(select(Version.id, Version.sealed_at).where(Version.id == version_id)).first()
    if row is None:
        raise NotFound(f"There is no version {version_id} in this library.")
    if row[1] is not None:
        raise Conflict("This version is finished; nothing can be added to it.")


def _seal(session: Session, version: Version, finish: str, words: int | None, keep_current: bool) -> Version:
    folded = text_in(session, version)
    version.text, version.think = folded.text, folded.think
    version.words = count_words(folded.text) if words is None else words
    version.finish = finish
    version.sealed_at = now()
    session.execute(delete(Chunk).where(col(Chunk.version_id) == version.id))
    node = session.get_one(Node, version.node_id)
    if _becomes_current(session, node, version, keep_current):
        node.version_id = version.id
    touch(session, version.project_id)
    return version


def _becomes_current(session: Session, node: Node, version: Version, keep_current: bool) -> bool:
    if not version.text.strip():
        return False
    current = version_row(session, node.version_id) if node.version_id else None
    if current is None or not current.text.strip():
        return True
    locked_away = node.locked or node.deleted_at is not None
    if keep_current or locked_away or is_newer(session, current.id, version.id):
        return False
    follows = version.parent_id == current.id and version.words >= current.words
    if follows or version.text.startswith(current.text):
        return True
    too_short = version.words < min(current.words, ENOUGH * version.target_words)
    return version.finish == "complete" and not too_short
