"""Questions that wait for the writer: two texts for one request, and which one is better?

A question is made once, with its sides drawn by chance and kept, and is answered once: the answer is a row of
`engine.store.feedback`, stored in the same transaction that closes the question. It can be taken back.
Knows nothing of the order in which questions are put (`trainer.preferences.queue`). Called by
`trainer.preferences.capture`, the job that writes pairs, and the studio's routes.
"""

from __future__ import annotations

import random
from typing import Any

from sqlmodel import Session, col, func, select

from engine.errors import NotFound
from engine.store import feedback
from engine.store.library import Library
from engine.store.schema import Feedback, Question, now
from engine.text.counting import count_words

_KEPT = (
    "project_id", "node_id", "version_a_id", "version_b_id", "repeat_of", "shown_left", "source", "model",
    "adapter", "adapter_scale", "seed_a", "seed_b", "sampling", "prompt", "messages", "text_a", "text_b",
)  # fmt: skip


def add(library: Library, **columns: Any) -> Question:  # noqa: ANN401 (the columns of Question)
    """Keep a question; without `shown_left` chance decides what stands at the left. Of two versions, and
    of the repetition of one answer, there is only one question: the one that is there already is returned.

    Raises BadInput for an empty or enormous text.
    """
    question = Question(**columns)
    question.prompt = feedback.checked_text(question.prompt, "prompt")
    question.text_a = feedback.checked_text(question.text_a, "text")
    question.text_b = feedback.checked_text(question.text_b, "second text")
    question.words_a, question.words_b = count_words(question.text_a), count_words(question.text_b)
    question.shown_left = question.shown_left or random.choice("ab")
    with library.session() as session:
        known = _same(session, question)
        if known is not None:
            return known
        session.add(question)
    return question


def get(library: Library, question_id: str) -> Question:
    """One question. Raises NotFound."""
    with library.reading() as session:
        return _row(session, question_id)


def waiting(library: Library, project_id: str | None = None, node_id: str | None = None) -> list[Question]:
    """Questions without an answer, oldest first."""
    query = select(Question).where(col(Question.answered_at).is_(None)).order_by(col(Question.created_at))
    if project_id is not None:
        query = query.where(Question.project_id == project_id)
    if node_id is not None:
        query = query.where(Question.node_id == node_id)
    with library.reading() as session:
        return list(session.exec(query).all())


def counts(library: Library, project_id: str | None = None) -> tuple[int, int]:
    """How many questions wait, and how many were answered (of a project)."""
    query = select(func.count(col(Question.id)), func.count(col(Question.answered_at)))
    if project_id is not None:
        query = query.where(Question.project_id == project_id)
    with library.reading() as session:
        every, answered = session.exec(query).one()
    return every - answered, answered


def answer(library: Library, question_id: str, choice: str) -> Feedback:
    """Close a question with a, b, tie or skip; a second answer changes nothing. Raises BadInput, NotFound."""
    with library.session() as session:
        question = _row(session, question_id)
        if question.feedback_id is not None:
            return session.get_one(Feedback, question.feedback_id)
        kept = question.model_dump(include=set(_KEPT))
        row = feedback.sound_row({**kept, "kind": "ab", "choice": choice})
        session.add(row)
        session.flush()
        question.feedback_id, question.answered_at = row.id, now()
        return row


def take_back(library: Library, question_id: str) -> Question:
    """Open a question again; its answer is put away as deleted feedback is. Raises NotFound."""
    with library.session() as session:
        question = _row(session, question_id)
        if question.feedback_id is not None:
            session.get_one(Feedback, question.feedback_id).deleted_at = now()
        question.feedback_id = question.answered_at = None
        return question


def repeated(library: Library) -> set[str]:
    """Ids of the feedback that a question, answered or not, asks again."""
    query = select(Question.repeat_of).where(col(Question.repeat_of).is_not(None))
    with library.reading() as session:
        return {str(key) for key in session.exec(query)}


def _same(session: Session, question: Question) -> Question | None:
    if question.version_a_id is None and question.repeat_of is None:
        if question.seed_a is None:
            return None
        # Pairs written for a request: a job that was killed writes its last one again, word for word.
        return session.exec(
            select(Question).where(
                Question.prompt == question.prompt,
                Question.seed_a == question.seed_a,
                Question.text_a == question.text_a,
                Question.text_b == question.text_b,
                col(Question.answered_at).is_(None),
            )
        ).first()
    return session.exec(
        select(Question).where(
            Question.version_a_id == question.version_a_id,
            Question.version_b_id == question.version_b_id,
            Question.repeat_of == question.repeat_of,
        )
    ).first()


def _row(session: Session, question_id: str) -> Question:
    question = session.get(Question, question_id)
    if question is None:
        raise NotFound(f"There is no question {question_id} in this library.")
    return question
