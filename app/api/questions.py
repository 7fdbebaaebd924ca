"""Routes of the questions: two texts, blind, and which one is better. The order in which they are put is
`trainer.preferences.queue`'s; what an answer is worth, `trainer.preferences.collect`'s.
"""

from __future__ import annotations

import random
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.context import Studio
from app.api.words import draft_view
from engine.drafting.settings import DraftSettings
from engine.errors import BadInput, NotFound
from engine.jobs import starting, submitting
from engine.store import feedback, jobs, outline, projects, questions, versions
from engine.store.library import Library
from engine.store.schema import Question
from trainer.preferences import capture, queue, taste
from trainer.preferences.consistency import consistency
from trainer.preferences.requests import requests_for

Side = Literal["left", "right", "tie", "skip"]


class Answer(BaseModel):
    """`take`: the chosen text becomes the section's text; the other one stays among its versions."""

    choice: Side
    take: bool = False


class Pairs(BaseModel):
    """How many new pairs to write, with the model and for the sections of which project."""

    project: str
    count: int = Field(default=10, ge=1, le=50)


def routes(studio: Studio) -> APIRouter:
    """The router; mounted below /api by `app.studio`."""
    router = APIRouter()

    @router.get("/questions")
    def next_one(project: str = "") -> dict[str, Any]:
        return queue_view(studio, projects.get(studio.library, project).id if project else None)

    @router.post("/questions")
    def write(asked: Pairs) -> dict[str, Any]:
        library = studio.library
        requests = requests_for(library, asked.project, asked.count, seed=random.randrange(2**31))
        settings = DraftSettings.model_validate(projects.get(library, asked.project).settings)
        chosen = settings.model_copy(update={"seed": random.randrange(2**31)})
        job = submitting.submit_pairs(library, asked.project, requests, settings=chosen)
        starting.set_going(studio.home, library, job)
        return {"draft": job.id}

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


def queue_view(studio: Studio, project_id: str | None) -> dict[str, Any]:
    """The question to put next, how many wait, and how far the writer agrees with the writer.

    With a project: its own questions and those of no project.
    """
    library = studio.library
    capture.ask_about_pairs(library, project_id)
    queue.ask_again(library, project_id)
    waiting = [
        one
        for one in questions.waiting(library)
        if project_id in (None, one.project_id) or not one.project_id
    ]
    taste.look(studio.home, library, waiting)
    ordered = queue.order(waiting, taste.margins(studio.home))
    agreed = consistency(library, project_id)
    return {
        "question": question_view(library, ordered[0]) if ordered else None,
        "waiting": len(ordered),
        "answered": feedback.count(library, project_id, kind="ab"),
        "repeats": agreed.repeats,
        "agreed": agreed.agreed,
        "writing": writing_view(studio, project_id),
        "projects": [{"id": one.id, "title": one.title} for one in projects.all(library)],
    }


def writing_view(studio: Studio, project_id: str | None) -> dict[str, Any] | None:
    """The pairs being written, of this project or of any; None when none are."""
    job = jobs.latest(studio.library, project_id, ("pairs",))
    if job is None:
        return None
    job = starting.keep_going(studio.home, studio.library, job)
    state = studio.patience.state_of(studio.home, studio.library, job)
    return draft_view(job, state) if state != "done" else None


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
    return {
        "id": question.id,
        "title": title_of(library, question),
        "prompt": question.prompt,
        "left": left,
        "right": right,
    }


def title_of(library: Library, question: Question) -> str:
    """The section that the texts were written for; empty for none, or one that was removed since."""
    try:
        return outline.get(library, question.node_id).title if question.node_id else ""
    except NotFound:
        return ""
