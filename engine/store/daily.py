"""How many words a project gained since a moment, a person's and a model's apart.

Only the versions made since then are read, however large the library is. Called by the studio.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from sqlmodel import Session, col, select

from engine.store.library import Library
from engine.store.rows import VERSION_ORDER, light_versions
from engine.store.schema import Node, Version

BESIDE = ("conflict", "variant")
"""Origins of texts that are kept beside a section's own until a person brings them back."""


@dataclass(frozen=True)
class Gain:
    """Words gained, net: less than 0 when more was cut than written."""

    own: int = 0
    drafted: int = 0

    @property
    def words(self) -> int:
        """Both together."""
        return self.own + self.drafted


def gained_since(library: Library, project_id: str, moment: float) -> Gain:
    """What the current texts of a project gained since `moment` (Unix seconds).

    Each section counts from its last text before `moment` to its current one, step by step; a step
    is a model's when the version names a model and no person brought it back.
    """
    own = drafted = 0
    with library.reading() as session:
        made = sorted(_since(session, project_id, moment), key=lambda row: (row[0].node_id, row[1]))
        for node_id, steps in groupby(made, key=lambda row: row[0].node_id):
            rows = list(steps)
            current = session.exec(select(Node.version_id, Node.deleted_at).where(Node.id == node_id)).one()
            words = _words_before(session, node_id, rows[0][1])
            for version in _up_to(current[0], [row[0] for row in rows]) if current[1] is None else []:
                if version.model is not None and version.origin != "restore":
                    drafted += version.words - words
                else:
                    own += version.words - words
                words = version.words
    return Gain(own, drafted)


def _since(session: Session, project_id: str, moment: float) -> Iterator[tuple[Version, int]]:
    """Sealed versions with their row numbers, newest first, until one is older than `moment`."""
    newest_first = (
        light_versions()
        .add_columns(VERSION_ORDER)
        .where(col(Version.project_id) == project_id)
        .order_by(None)
        .order_by(VERSION_ORDER.desc())
    )
    with session.execute(newest_first.execution_options(yield_per=50)) as rows:
        for version, number in rows:
            if version.created_at < moment:
                return
            if version.sealed_at is not None:
                yield version, number


def _words_before(session: Session, node_id: str, number: int) -> int:
    row_number = VERSION_ORDER
    before = select(Version.words).where(
        Version.node_id == node_id,
        row_number < number,
        col(Version.sealed_at).is_not(None),
        col(Version.origin).not_in(BESIDE),
    )
    return session.exec(before.order_by(VERSION_ORDER.desc()).limit(1)).first() or 0


def _up_to(current_id: str | None, made: list[Version]) -> list[Version]:
    """The steps that led to the current text; none when that is older than all of `made`."""
    ids = [version.id for version in made]
    if current_id not in ids:
        return []
    led = made[: ids.index(current_id) + 1]
    return [version for version in led if version.origin not in BESIDE or version.id == current_id]
