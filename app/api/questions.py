"""Routes of the questions: two texts, blind, and which one is better. The order in which they are put is
`trainer.preferences.queue`'s; what an answer is worth, `trainer.preferences.collect`'s.
"""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.context import Studio
from engine.errors import BadInput
from engine.store import outline, questions, versions
from engine.store.library import Library
from engine.store.schema import Question

Side = Literal["left", "right", "tie", "skip"]


class Answer(BaseModel):
    """`take`: the chosen text becomes the section's text; the other one stays among its versions."""

    choice: Side
    take: bool = False


def routes(studio: Studio) -> APIRouter:
    """The router; mounted below /api by `app.studio`."""
    router = APIRouter()

    @router.post("/questions/{question}")
    def answer(question: str, given: Answer) -> dict[str, Any]:
        asked = questions.get(studio.library, question)
        row = questions.answer(studio.library, asked.id, choice_of(asked, given.choice))
        taken = take(studio.library, asked, row.choice or "") if given.take else None
        return {"answer": row.id, "version": taken}

    @router.post("/questions/{question}/take-back")
    def take_back(question: str) -> dict[str, Any]:
        return question_view(studio.library, questions.take_back(studio.library, question))

    return router


def choice_of(question: Question, side: Side) -> str:
    """What stood at the side that was chosen: a, b, tie or skip."""
    if side in ("tie", "skip"):
        return side
    other = "b" if question.shown_left == "a" else "a"
    return question.shown_left if side == "left" else other


def take(library: Library, question: Question, choice: str) -> str | None:
    """Put the chosen version on the page; the id of the version that counts then. Raises BadInput."""
    chosen = {"a": question.version_a_id, "b": question.version_b_id}.get(choice)
    if choice not in ("a", "b"):
        return None
    if chosen is None:
        raise BadInput("These texts belong to no section; there is no page to put them on.")
    return versions.restore(library, chosen).id


def question_view(library: Library, question: Question) -> dict[str, Any]:
    """The two texts by side. Nothing in it tells which model wrote which."""
    texts = {
        "a": {"text": question.text_a, "words": question.words_a},
        "b": {"text": question.text_b, "words": question.words_b},
    }
    left = texts.pop(question.shown_left)
    (right,) = texts.values()
    title = outline.get(library, question.node_id).title if question.node_id else ""
    return {"id": question.id, "title": title, "prompt": question.prompt, "left": left, "right": right}
