"""Reading a draft while it grows, and folding its pieces into one text.

The rule by which a page never misses or repeats text:

- Chunks are written in transactions that exclude each other, with numbers (`seq`) that only grow and
  are never given out twice. So whoever has seen chunk n has seen all earlier ones.
- As long as `Follow.sealed` is False: apply `deltas` in order (append `text` and `think` to their
  channels, take `cut` back from the end of the text) and pass `seq` to the next call.
- When `Follow.sealed` is True: set the text to `Follow.text` and the thinking to `Follow.think`, whole.
  Sealing folds the chunks and removes them in one transaction; a reader sees it before or after,
  never between. Nothing more will come for this version.
- `reset` says that the answer is about another version than the one asked about: clear the page
  first, then apply the answer.

Called by the pages through `engine.store.versions`; `engine.store.drafts` seals with `text_in`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from engine.store.library import Library
from engine.store.rows import VERSION_ORDER, is_newer, node_row, version_row
from engine.store.schema import Chunk, Version


@dataclass(frozen=True)
class Text:
    """What a version says, and what the model thought before it said so."""

    text: str
    think: str


@dataclass(frozen=True)
class Delta:
    """One piece of a growing draft; `channel` is `text`, `think` or `cut`."""

    seq: int
    channel: str
    text: str


@dataclass(frozen=True)
class Follow:
    """What is new since `after_seq`; how to apply it is in the module's docstring.

    `version_id` is None for a section without any text. `text` and `think` are None while the
    version is open. `words` and `finish` are those of the sealed version, 0 and None before.
    """

    version_id: str | None
    seq: int
    reset: bool
    deltas: tuple[Delta, ...]
    sealed: bool
    text: str | None
    think: str | None
    words: int
    finish: str | None


def follow(library: Library, version_id: str, after_seq: int = 0) -> Follow:
    """What came to one version behind `after_seq` (0: everything). Raises NotFound."""
    with library.reading() as session:
        return _follow(session, version_id, after_seq, reset=False)


def follow_node(library: Library, node_id: str, version_id: str | None = None, after_seq: int = 0) -> Follow:
    """What a page shows for a section: its newest open draft, or its current text if that is newer.

    `version_id` and `after_seq` are what the page has already (from the last `Follow`); when another
    version is to be shown now, `reset` is True and the answer starts from its beginning.
    A version that stays beside the current text is never followed here. Raises NotFound.
    """
    with library.reading() as session:
        node = node_row(session, node_id)
        draft = _open_draft_of(session, node_id)
        overtaken = draft and node.version_id and is_newer(session, node.version_id, draft)
        shown = node.version_id if draft is None or overtaken else draft
        if shown is None:
            return Follow(None, 0, version_id is not None, (), True, "", "", 0, None)
        if shown != version_id:
            return _follow(session, shown, 0, reset=True)
        return _follow(session, shown, after_seq, reset=False)


def chunks_since(library: Library, version_ids: Sequence[str], seq: int) -> list[Chunk]:
    """Chunks behind `seq` of the open ones among these versions, in order; sealed ones have none."""
    with library.reading() as session:
        return _chunks(session, version_ids, seq)


def text_of(library: Library, version_id: str) -> Text:
    """The whole text of a version, sealed or still growing. Raises NotFound."""
    with library.reading() as session:
        return text_in(session, version_row(session, version_id))


def text_in(session: Session, version: Version) -> Text:
    """`text_of` within a session."""
    if version.sealed_at is not None:
        return Text(version.text, version.think)
    return fold((chunk.channel, chunk.text) for chunk in _chunks(session, [version.id], 0))


def fold(pieces: Iterable[tuple[str, str]]) -> Text:
    """Put (channel, text) pieces together. A `cut` that is not the end of the text takes nothing."""
    text: list[str] = []
    think: list[str] = []
    for channel, piece in pieces:
        if channel == "cut":
            text = ["".join(text).removesuffix(piece)]
        else:
            (think if channel == "think" else text).append(piece)
    return Text("".join(text), "".join(think))


def _follow(session: Session, version_id: str, after_seq: int, reset: bool) -> Follow:
    version = version_row(session, version_id)
    if version.sealed_at is not None:
        return Follow(
            version_id, after_seq, reset, (), True, version.text, version.think, version.words, version.finish
        )
    chunks = _chunks(session, [version_id], after_seq)
    deltas = tuple(Delta(chunk.seq or 0, chunk.channel, chunk.text) for chunk in chunks)
    last = deltas[-1].seq if deltas else after_seq
    return Follow(version_id, last, reset, deltas, False, None, None, 0, None)


def _open_draft_of(session: Session, node_id: str) -> str | None:
    # Variants stay beside the text; following one of several would show them in turn.
    return session.exec(
        select(Version.id)
        .where(Version.node_id == node_id, col(Version.sealed_at).is_(None), Version.origin != "variant")
        .order_by(VERSION_ORDER.desc())
    ).first()


def _chunks(session: Session, version_ids: Sequence[str], after_seq: int) -> list[Chunk]:
    return list(
        session.exec(
            select(Chunk)
            .where(col(Chunk.version_id).in_(version_ids), col(Chunk.seq) > after_seq)
            .order_by(col(Chunk.seq))
        )
    )
