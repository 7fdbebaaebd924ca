"""Rows of the library -> a Manuscript: titles and current texts in reading order, and what is unfinished.

Only the text that counts leaves the library: no thinking, no older version, no draft in the making, no
beat. Called by `exports.writers`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from engine.store import outline, versions
from engine.store.library import Library
from engine.store.schema import Project
from engine.text.counting import count_words
from exports.model import Manuscript, Section


def manuscript_of(library: Library, project: Project, author: str = "") -> tuple[Manuscript, tuple[str, ...]]:
    """The manuscript, and the titles of its unfinished sections with their numbers (`2.3 The harbour`).

    Raises NotFound.
    """
    rows = outline.tree(library, project.id)
    texts = versions.current_texts(library, project.id)
    sections = [Section(row.depth, row.node.title, texts.get(row.node.id, "")) for row in rows]
    manuscript = Manuscript(
        title=project.title,
        kind=project.kind,
        language=project.language,
        sections=tuple(sections),
        words=sum(count_words(section.markdown) for section in sections),
        author=author,
        date=datetime.fromtimestamp(project.updated_at, UTC).date().isoformat(),
    )
    return manuscript, tuple(f"{row.number} {row.name}" for row in rows if row.is_leaf and not row.done)
