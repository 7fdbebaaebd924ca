"""The texts of a section: reading them, saving what a person typed, bringing an older one back.

Versions are append-only. A person's save becomes current when it was based on what is current; a save
from a page that shows something older, or less of a draft than there is by now, is refused and kept as a
version of origin `conflict`, and one into a section that takes no text any more is kept, too (both in
`engine.store.typed`). Drafts are in `engine.store.drafts`, reading a growing one in
`engine.store.following`; both are offered here too, so that callers know one name. Called by the pages, the
command line, the writer process and exports.
"""

from __future__ import annotations

from sqlmodel import col, func, select

from engine.errors import BadInput, NotFound, SectionGone, StaleSave
from engine.store.drafts import append, newest_drafted, open_draft, open_versions, seal, take_up
from engine.store.following import (
    Delta,
    Follow,
    Text,
    chunks_since,
    follow,
    follow_node,
    text_of,
)
from engine.store.library import Library
from engine.store.rows import (
    light_versions,
    node_row,
    refuse_chapter,
    storable,
    touch,
    version_row,
)
from engine.store.schema import Node, Version, now
from engine.store.typed import kept_aside, kept_beside, page_of, person_version, section_of

__all__ = [
    "Delta",
    "Follow",
    "Text",
    "append",
    "chunks_since",
    "current_text",
    "current_texts",
    "follow",
    "follow_node",
    "get",
    "history",
    "newest_drafted",
    "of_section",
    "open_draft",
    "open_versions",
    "restore",
    "save_edit",
    "seal",
    "take_up",
    "text_of",
    "tuned_by",
]


def get(library: Library, version_id: str) -> Version:
    """One version with its stored text (of an open one: see `text_of`). Raises NotFound."""
    with library.reading() as session:
        return version_row(session, version_id)


def of_section(library: Library, node_id: str, version_id: str) -> Version:
    """`get`, for a version of that section alone. Raises NotFound."""
    version = get(library, version_id)
    if version.node_id != node_id:
        raise NotFound(f"The version {version_id} belongs to another section.")
    return version


def current_text(library: Library, node_id: str) -> str:
    """The text that counts for a section; empty when it has none. Raises NotFound."""
    with library.reading() as session:
        node = node_row(session, node_id)
        return version_row(session, node.version_id).text if node.version_id else ""


def current_texts(library: Library, project_id: str) -> dict[str, str]:
    """The current text of every section that has one, by node id, in one query."""
    with library.reading() as session:
        rows = session.exec(
            select(Node.id, Version.text)
            .join(Version, col(Version.id) == col(Node.version_id))
            .where(Node.project_id == project_id, col(Node.deleted_at).is_(None))
        )
        return dict(rows.all())


def history(library: Library, node_id: str) -> list[Version]:
    """All versions of a section, oldest first, without text, think, sampling and prompt.

    Reading one of these four from such a row raises; ask `get` or `text_of` for them.
    """
    with library.reading() as session:
        return list(session.exec(light_versions().where(Version.node_id == node_id)))


def tuned_by(library: Library, node_id: str) -> dict[str, tuple[str, float]]:
    """The tuned model, and its strength, of every version of a section that one wrote, by version id."""
    name, scale = (func.json_extract(Version.sampling, f"$.{key}") for key in ("adapter", "adapter_scale"))
    query = select(Version.id, name, scale).where(Version.node_id == node_id, name.is_not(None))
    with library.reading() as session:
        return {row[0]: (row[1], 1.0 if row[2] is None else row[2]) for row in session.exec(query)}


def save_edit(
    library: Library,
    node_id: str,
    text: str,
    base_version_id: str | None,
    confirm: bool = False,
    shown: str | None = None,
) -> Version:
    """Store what a person typed; returns the version that is current afterwards.

    `base_version_id` is the version that the person's page showed: the current one, an open draft of the
    section, or None for no text yet; `shown` is what the page had of an open one (None: all of it). Nothing
    is stored when nothing changed. Emptying a section needs `confirm`. Raises StaleSave when another text is
    current by now, or the draft was written on, and SectionGone when the section was removed or got sections
    of its own (the typed text is then kept as a version), BadInput, NotFound.
    """
    text = storable(text)
    with library.session() as session:
        node, takes_text = section_of(session, node_id)
        current = version_row(session, node.version_id) if node.version_id else None
        page = page_of(session, node, current, base_version_id, shown)
        nothing_new = current is not None and page.says_nothing_new(text, current)
        refused: StaleSave | SectionGone
        if not takes_text:
            refused = kept_aside(session, node, "" if nothing_new else text, page)
        elif current is not None and nothing_new:
            return current
        elif not page.stale:
            _refuse_emptying(node, current, text, confirm)
            saved = person_version(session, node, text, "edit", page.base)
            node.version_id = saved.id
            return saved
        else:
            refused = kept_beside(session, node, text, page)
    # Raised behind the commit: the refused text must be stored.
    raise refused


def restore(library: Library, version_id: str) -> Version:
    """Make an older version, or one that was kept beside, current: as a new version with its text.

    Raises BadInput for an open or an empty one, NotFound when its section is removed.
    """
    with library.session() as session:
        source = version_row(session, version_id)
        node = node_row(session, source.node_id)
        refuse_chapter(session, node)
        if node.version_id == source.id:
            return source
        if source.sealed_at is None:
            raise BadInput("This version is still being written; stop the draft first.")
        if not source.text.strip():
            raise BadInput("This version is empty; there is nothing to bring back.")
        copied = source.model_dump(exclude={"id", "created_at", "sealed_at", "origin", "parent_id", "job_id"})
        restored = Version(**copied, origin="restore", parent_id=source.id, sealed_at=now())
        session.add(restored)
        node.version_id = restored.id
        touch(session, node.project_id)
        return restored


def _refuse_emptying(node: Node, current: Version | None, text: str, confirm: bool) -> None:
    if text.strip() or confirm:
        return
    if current is None:
        raise BadInput(f"There is nothing to save in “{node.title}” yet.")
    raise BadInput(
        f"This would empty “{node.title}” ({current.words:,} words); "
        "confirm it, and the old text stays as a version."
    )
