"""What the writer said about texts: rows to add, read, correct, put away and, if wanted, erase for good.

Knows what a sound row is (`engine.store.schema.Feedback`) and nothing of how rows become training records
(`trainer.preferences`). Deleting is a date, as everywhere in a library; `erase` alone removes a row.
A row stays when its project is deleted: the taste is the writer's. Called by the pages, the command line
and `trainer.preferences`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import delete as delete_rows
from sqlalchemy import literal_column, update
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from engine.errors import BadInput, NotFound
from engine.store.library import Library
from engine.store.rows import storable
from engine.store.schema import Feedback, Node, Project, Question, Version, now
from engine.text.counting import count_words

LARGEST_TEXT = 2 << 20
"""Bytes of UTF-8 that one text may have."""

_PAIR = frozenset({"a", "b", "tie", "skip"})
CHOICES: dict[str, frozenset[str]] = {
    "ab": _PAIR,
    "thumb": frozenset({"up", "down"}),
    "edit": _PAIR,
    "regeneration": _PAIR,
    "rating": frozenset(),
    "import": _PAIR,
}
"""What may be chosen in a row of each kind; a rating has stars instead."""

_SINGLE = frozenset({"thumb", "rating"})
_DEFAULT_CHOICE = {"edit": "b", "regeneration": "b", "import": "a"}
_COMPUTED = frozenset({"id", "words_a", "words_b", "edited_at", "deleted_at"})
_PARENTS: dict[str, Any] = {
    "project_id": Project,
    "node_id": Node,
    "version_a_id": Version,
    "version_b_id": Version,
    "repeat_of": Feedback,
}


def add(library: Library, **columns: object) -> Feedback:
    """Keep one row; the columns are those of `Feedback` but for the ids, word counts and dates made here.

    An edit or a regeneration without a `choice` is one for what was kept. Raises BadInput for a row that
    says nothing, NotFound for a project, section or version that is not there.
    """
    return add_all(library, [columns])[0]


def add_all(library: Library, rows: Iterable[Mapping[str, Any]]) -> list[Feedback]:
    """Keep several rows, all of them or none (see `add`)."""
    made = [sound_row(columns) for columns in rows]
    with library.session() as session:
        for row in made:
            _refuse_orphan(session, row)
        session.add_all(made)
    return made


def sound_row(columns: Mapping[str, Any]) -> Feedback:
    """A row that is not stored yet, checked and counted. Raises BadInput."""
    wrong = columns.keys() - (Feedback.model_fields.keys() - _COMPUTED)
    if wrong:
        raise TypeError(f"feedback has no column {', '.join(sorted(wrong))} to set")
    row = Feedback(**columns)
    if row.kind not in CHOICES:
        raise BadInput(f"There is no feedback of the kind {row.kind}; the kinds are {', '.join(CHOICES)}.")
    row.choice = row.choice or _DEFAULT_CHOICE.get(row.kind)
    row.prompt = checked_text(row.prompt, "prompt")
    row.text_a = checked_text(row.text_a, "text")
    if row.kind in _SINGLE:
        if row.text_b is not None:
            raise BadInput(f"A {row.kind} is about one text, and two were given.")
    else:
        row.text_b = checked_text(row.text_b or "", "second text")
    row.source, row.note = storable(row.source), storable(row.note)
    row.messages = [{key: storable(text) for key, text in message.items()} for message in row.messages]
    row.words_a, row.words_b = count_words(row.text_a), count_words(row.text_b or "")
    _check_judgement(row)
    return row


def checked_text(text: str, name: str) -> str:
    """`text` as it can be stored. Raises BadInput when it is empty or above `LARGEST_TEXT`."""
    text = storable(text)
    if not text.strip():
        raise BadInput(f"The {name} is empty.")
    if len(text) > LARGEST_TEXT or len(text.encode()) > LARGEST_TEXT:
        raise BadInput(f"The {name} is larger than {LARGEST_TEXT >> 20} MB.")
    return text


def get(library: Library, key: str) -> Feedback:
    """The row of that id, or of that beginning of an id; put away or not. Raises NotFound, and BadInput
    when several answer to it."""
    with library.reading() as session:
        found = session.get(Feedback, key)
        if found is not None:
            return found
        alike = select(Feedback).where(col(Feedback.id).startswith(key, autoescape=True)).limit(2)
        several = session.exec(alike).all() if key else []
    if len(several) > 1:
        raise BadInput(f"Several rows begin with {key}; give more of the id.")
    if not several:
        raise NotFound(f"There is no feedback “{key}”; `longwright feedback list` shows what there is.")
    return several[0]


def all(  # noqa: A001
    library: Library,
    project_id: str | None = None,
    kind: str | None = None,
    choice: str | None = None,
    limit: int | None = None,
    deleted: bool = False,
) -> list[Feedback]:
    """Rows, the newest first; with `deleted` only those put away."""
    query = _chosen(select(Feedback), project_id, kind, choice, deleted)
    # SQLite's row number settles what the clock leaves open: an import may have one date for all.
    query = query.order_by(col(Feedback.created_at).desc(), literal_column("feedback.rowid").desc())
    with library.reading() as session:
        return list(session.exec(query.limit(limit)).all())


def count(
    library: Library,
    project_id: str | None = None,
    kind: str | None = None,
    choice: str | None = None,
    deleted: bool = False,
) -> int:
    """How many rows `all` would give; no text is read."""
    query = _chosen(select(func.count(col(Feedback.id))), project_id, kind, choice, deleted)
    with library.reading() as session:
        return int(session.exec(query).one())


def edit(
    library: Library,
    feedback_id: str,
    *,
    choice: str | None = None,
    rating: int | None = None,
    reasons: list[str] | None = None,
    note: str | None = None,
) -> Feedback:
    """Correct what is given; texts and prompt stay as they were. Raises BadInput, NotFound."""

    def correct(row: Feedback) -> None:
        row.choice = row.choice if choice is None else choice
        row.rating = row.rating if rating is None else rating
        row.reasons = row.reasons if reasons is None else list(reasons)
        row.note = row.note if note is None else storable(note)
        row.edited_at = now()
        _check_judgement(row)

    return _change(library, feedback_id, correct)


def rewrite(library: Library, feedback_id: str, text_b: str, version_b_id: str) -> Feedback:
    """Bring an edit up to date: what was kept is this by now. Raises BadInput, NotFound."""

    def correct(row: Feedback) -> None:
        row.text_b, row.version_b_id = checked_text(text_b, "second text"), version_b_id
        row.words_b, row.edited_at = count_words(row.text_b), now()
        _check_judgement(row)

    return _change(library, feedback_id, correct)


def delete(library: Library, feedback_id: str) -> Feedback:
    """Put a row away: no list, no count and no training run sees it until `undelete`. Raises NotFound."""
    return _change(library, feedback_id, lambda row: setattr(row, "deleted_at", row.deleted_at or now()))


def undelete(library: Library, feedback_id: str) -> Feedback:
    """Undo `delete`. Raises NotFound."""
    return _change(library, feedback_id, lambda row: setattr(row, "deleted_at", None))


def erase(library: Library, feedback_id: str) -> None:
    """Remove a row and its texts, those of its question too, from the library for good. Raises NotFound."""
    with library.session() as session:
        row = _row(session, feedback_id)
        # What is removed must not be readable in the file's free pages.
        session.connection().exec_driver_sql("PRAGMA secure_delete = ON")
        for table in (Feedback, Question):
            session.execute(update(table).where(col(table.repeat_of) == row.id).values(repeat_of=None))
        session.execute(delete_rows(Question).where(col(Question.feedback_id) == row.id))
        session.delete(row)


def _change(library: Library, feedback_id: str, change: Callable[[Feedback], None]) -> Feedback:
    with library.session() as session:
        row = _row(session, feedback_id)
        change(row)
        return row


def _row(session: Session, feedback_id: str) -> Feedback:
    row = session.get(Feedback, feedback_id)
    if row is None:
        raise NotFound(f"There is no feedback {feedback_id} in this library.")
    return row


def _refuse_orphan(session: Session, row: Feedback) -> None:
    for column, parent in _PARENTS.items():
        key = getattr(row, column)
        if key is not None and session.get(parent, key) is None:
            raise NotFound(f"There is no {parent.__name__.lower()} {key} in this library.")


def _check_judgement(row: Feedback) -> None:
    if row.rating is not None and not 1 <= row.rating <= 5:
        raise BadInput("A rating is a number from 1 to 5.")
    if row.kind == "rating":
        if row.rating is None or row.choice is not None:
            raise BadInput("A rating is a number from 1 to 5, and nothing else is chosen.")
        return
    if row.choice not in CHOICES[row.kind]:
        allowed = ", ".join(sorted(CHOICES[row.kind]))
        raise BadInput(f"“{row.choice or 'nothing'}” cannot be chosen here; it is one of {allowed}.")
    if row.choice in ("a", "b") and row.text_a.strip() == (row.text_b or "").strip():
        raise BadInput("The two texts are the same, so neither can be the better one.")
    if row.shown_left not in (None, "a", "b"):
        raise BadInput("The text at the left is a or b.")


def _chosen(
    query: SelectOfScalar[Any], project_id: str | None, kind: str | None, choice: str | None, deleted: bool
) -> SelectOfScalar[Any]:
    gone = col(Feedback.deleted_at)
    query = query.where(gone.is_not(None) if deleted else gone.is_(None))
    for column, wanted in (("project_id", project_id), ("kind", kind), ("choice", choice)):
        if wanted is not None:
            query = query.where(getattr(Feedback, column) == wanted)
    return query
