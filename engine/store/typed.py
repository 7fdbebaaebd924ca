"""What a person typed, as a version: also where it cannot become the text of its section.

What their page showed of the section is held against what is there (`page_of`): a save may only replace
what its page had, whole. An open draft that was written on meanwhile keeps its id, so its text is compared.
A section may have been removed, or have got sections of its own, while a page still shows it as one to
write in. What is typed there is kept: with a removed section, so that bringing it back brings that text
back; beside the first section below one that is a chapter by now, where its versions are looked for.
Called by `engine.store.versions` within its transaction.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select

from engine.errors import SectionGone, StaleSave
from engine.store.following import text_in
from engine.store.rows import is_newer, node_row, touch
from engine.store.schema import Node, Version, now
from engine.text.counting import count_words


@dataclass(frozen=True)
class Page:
    """What the page of a save showed: of the version `base` the text `seen`. `stale`: by now there is another
    text, the version `other`, or `base` was written on (`grown`)."""

    base: Version | None
    seen: str
    stale: bool
    grown: bool
    other: str | None

    def says_nothing_new(self, text: str, current: Version) -> bool:
        """Whether such a save can be left alone; a stale page without a change must not raise an alarm."""
        return current.text == text or (self.stale and text == self.seen)


def page_of(
    session: Session, node: Node, current: Version | None, base_version_id: str | None, shown: str | None
) -> Page:
    """The page that showed `shown` (None: all) of a version of the node, whose text is now `current`."""
    base = session.get(Version, base_version_id) if base_version_id else None
    base = base if base is not None and base.node_id == node.id else None
    grown = base is not None and shown is not None and text_in(session, base).text != shown
    # A draft that still grows counts for as long as no text became current behind it.
    overtaken = base is not None and current is not None and is_newer(session, current.id, base.id)
    counts = node.version_id if base is None or base.sealed_at is not None or overtaken else base.id
    return Page(
        base,
        seen=shown if shown is not None else base.text if base else "",
        stale=grown or base_version_id not in (node.version_id, counts),
        grown=grown,
        other=counts,
    )


def section_of(session: Session, node_id: str) -> tuple[Node, bool]:
    """The node of that id, removed or not, and whether it takes text. Raises NotFound."""
    node = session.get(Node, node_id) or node_row(session, node_id)
    return node, node.deleted_at is None and _first_below(session, node) is None


def person_version(session: Session, node: Node, text: str, origin: str, base: Version | None) -> Version:
    """`text` as a finished version of the node, made by a person from `base`."""
    version = Version(
        project_id=node.project_id,
        node_id=node.id,
        parent_id=base.id if base else None,
        origin=origin,
        text=text,
        words=count_words(text),
        target_words=node.target_words,
        sealed_at=now(),
    )
    session.add(version)
    session.flush()
    touch(session, node.project_id)
    return version


def kept_conflict(session: Session, node: Node, text: str, base: Version | None) -> Version:
    """`text` as a version beside the one that counts."""
    # A stale page saves again and again; one copy of the same text is enough.
    known = session.exec(
        select(Version).where(
            Version.node_id == node.id,
            Version.origin == "conflict",
            Version.parent_id == (base.id if base else None),
            Version.text == text,
        )
    ).first()
    return known or person_version(session, node, text, "conflict", base)


def kept_beside(session: Session, node: Node, text: str, page: Page) -> StaleSave:
    """Keep what was typed into a stale page; returns what is to be raised for it."""
    happened = "was written on meanwhile" if page.grown else "was changed in another window"
    return StaleSave(
        f"“{node.title}” {happened}; your text is kept beside it as a version.",
        kept_conflict(session, node, text, page.base).id,
        page.other,
    )


def kept_aside(session: Session, node: Node, text: str, page: Page) -> SectionGone:
    """Keep what was typed into a node that takes no text any more (empty: nothing new was); returns what
    is to be raised for it."""
    section = _first_below(session, node)
    if node.deleted_at is None and section is not None:
        said = f"“{node.title}” has sections of its own by now"
        if not text.strip():
            return SectionGone(f"{said}; its text is in these.", None)
        kept = kept_conflict(session, section, text, page.base)
        return SectionGone(
            f"{said}; your text is kept as a version of the first of them, “{section.title}”.", kept.id
        )
    said = f"“{node.title}” was removed in another window"
    if not text.strip():
        return SectionGone(f"{said}.", None)
    if page.stale or section is not None:
        kept = kept_conflict(session, node, text, page.base)
        return SectionGone(f"{said}; your text is kept with it, as a version.", kept.id)
    kept = person_version(session, node, text, "edit", page.base)
    node.version_id = kept.id
    return SectionGone(f"{said}; your text is kept with it and comes back when it does.", kept.id)


def _first_below(session: Session, node: Node) -> Node | None:
    """The first section below a node, of those that are there, or were removed, with it; None for a leaf."""
    child = session.exec(
        select(Node)
        .where(Node.parent_id == node.id, Node.deleted_at == node.deleted_at)
        .order_by(col(Node.position), col(Node.id))
    ).first()
    return child and (_first_below(session, child) or child)
