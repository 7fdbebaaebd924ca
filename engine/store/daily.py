"""How many words a project gained since a moment, a person's and a model's apart.

Only the versions made since then are read, however large the library is. Called by the studio.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from engine.store.library import Library
from engine.store.rows import VERSION_ORDER
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


@dataclass(frozen=True)
class _Step:
    version_id: str
    words: int
    beside: bool
    by_model: bool


def gained_since(library: Library, project_id: str, moment: float) -> Gain:
    """What the current texts of a project gained since `moment` (Unix seconds).

    Each section counts from its last text before `moment` to its current one, step by step; a step
    is a model's when the version names a model and no person brought it back.
    """
    with library.reading() as session:
        first_row, made = _made_since(session, project_id, moment)
        sections = _sections(session, project_id, first_row) if made else []
    own = drafted = 0
    for node_id, current_id, words_before in sections:
        words = words_before or 0
        for step in _up_to(current_id, made.get(node_id, [])):
            if step.by_model:
                drafted += step.words - words
            else:
                own += step.words - words
            words = step.words
    return Gain(own, drafted)


def _made_since(session: Session, project_id: str, moment: float) -> tuple[int, dict[str, list[_Step]]]:
    """The sealed versions by section, oldest first, and the row number of the oldest."""
    table = Version.__table__.c  # type: ignore[attr-defined]
    newest_first = (
        select_columns(
            VERSION_ORDER,
            table.node_id,
            table.id,
            table.words,
            table.origin,
            table.model,
            table.created_at,
            table.sealed_at,
        )
        .where(table.project_id == project_id)
        .order_by(VERSION_ORDER.desc())
    )
    first_row, made = 0, defaultdict[str, list[_Step]](list)
    with session.execute(newest_first.execution_options(yield_per=50)) as rows:
        for row, node_id, version_id, words, origin, model, created_at, sealed_at in rows:
            if created_at < moment:
                break
            if sealed_at is not None:
                by_model = model is not None and origin != "restore"
                made[node_id].insert(0, _Step(version_id, words, origin in BESIDE, by_model))
            first_row = row
    return first_row, made


def _sections(session: Session, project_id: str, first_row: int) -> list[tuple[str, str | None, int | None]]:
    """Every live section with its current version and the words of its last text before `first_row`."""
    row_number = VERSION_ORDER
    before = (
        select(Version.words)
        .where(
            Version.node_id == Node.id,
            row_number < first_row,
            col(Version.sealed_at).is_not(None),
            col(Version.origin).not_in(BESIDE),
        )
        .order_by(row_number.desc())
        .limit(1)
        .scalar_subquery()
    )
    live = select(Node.id, Node.version_id, before).where(
        Node.project_id == project_id, col(Node.deleted_at).is_(None)
    )
    return [(node_id, current_id, words) for node_id, current_id, words in session.execute(live)]


def _up_to(current_id: str | None, made: list[_Step]) -> list[_Step]:
    """The steps that led to the current text; none when that is older than all of `made`."""
    ids = [step.version_id for step in made]
    if current_id not in ids:
        return []
    led = made[: ids.index(current_id) + 1]
    return [step for step in led if not step.beside or step.version_id == current_id]
