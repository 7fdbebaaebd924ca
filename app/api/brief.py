"""The brief and how it is drafted, as one form that is saved field by field.

A save names the value that its window had read, so that a window left open never puts old words back
(`engine.store.stale`), and two fields that are saved at once do not overwrite each other. The Plan page
shows the form (`app.pages.plan`); `assets/js/brief.js` saves what the writer leaves.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.context import Studio
from app.api.desk import latest_draft
from engine.backends import catalogue, registry
from engine.drafting.settings import LEAST_CONTEXT, DraftSettings, ThinkMode
from engine.errors import BadInput
from engine.planning.brief import KINDS, Brief, check_goal
from engine.planning.languages import language_tag
from engine.store import projects
from engine.store.rows import one_line, storable
from engine.store.schema import Project
from engine.store.stale import refuse_stale

Field = Literal[
    "title",
    "kind",
    "premise",
    "audience",
    "style",
    "language",
    "goal",
    "model",
    "think",
    "parallel",
    "context",
]
Value = str | int | float | None

LABELS: dict[str, str] = {
    "title": "Title",
    "kind": "What it is",
    "premise": "What it is about",
    "audience": "For whom",
    "style": "How it should sound",
    "language": "Language",
    "goal": "Length in words",
    "model": "Model",
    "think": "Think before writing",
    "parallel": "Sections at once",
    "context": "How much it sees at once",
}
MOST_AT_ONCE = 64
AS_USUAL = 0
"""In the field `context`: what the model is opened with when nothing is chosen."""
_SETTINGS = ("model", "think", "parallel", "context")
_NUMBERS = ("goal", "parallel", "context")


class FieldSave(BaseModel):
    """One field as the writer left it, and what its window had read of it."""

    field: Field
    value: Value = None
    base: Value = None


def routes(studio: Studio) -> APIRouter:
    """The router; mounted below /api by `app.studio`."""
    router = APIRouter()

    @router.post("/brief/{project}")
    def save(project: str, given: FieldSave) -> dict[str, Any]:
        return {"value": save_field(studio, project, given.field, given.value, given.base)}

    return router


def form_of(project: Project) -> dict[str, str | int]:
    """What the form shows of a project, by the names of `LABELS`."""
    brief, settings = Brief.model_validate(project.brief), DraftSettings.model_validate(project.settings)
    return {
        "title": project.title,
        "kind": project.kind,
        "premise": brief.premise,
        "audience": brief.audience,
        "style": brief.style,
        "language": project.language,
        "goal": project.goal_words,
        "model": settings.model or catalogue.EMBEDDED,
        "think": settings.think,
        "parallel": settings.parallel,
        "context": settings.context or AS_USUAL,
    }


def save_field(studio: Studio, key: str, field: Field, value: Value, base: Value = None) -> str | int:
    """Store one field; returns it as it is stored. `base` None: no window that could be stale.

    Raises BadInput for what cannot be used, StaleField, NotFound for a project or a model.
    """
    book = projects.get(studio.library, key)
    if form_of(book)[field] == value:
        return form_of(book)[field]
    given = checked(studio, field, value)
    if field == "goal" and given != book.goal_words:
        _refuse_while_writing(studio, book)

    def change(project: Project) -> None:
        stored = form_of(project)[field]
        refuse_stale(f"“{LABELS[field]}”", base, stored, given)
        if stored != given:
            _put(project, field, given)

    return form_of(projects.revise(studio.library, book.id, change))[field]


def checked(studio: Studio, field: Field, value: Value) -> str | int:
    """`value` as it is stored in `field`. Raises BadInput, NotFound for a model that is not there."""
    if field in _NUMBERS:
        number = round(value) if isinstance(value, int | float) else 0
        return {"goal": check_goal, "parallel": _check_at_once, "context": _check_context}[field](number)
    text = storable("" if value is None else str(value))
    if field == "premise" and not text.strip():
        raise BadInput("Say in a sentence or two what the text is about.")
    if (field == "kind" and text not in KINDS) or (field == "think" and text not in get_args(ThinkMode)):
        raise BadInput(f"“{text}” cannot be chosen for “{LABELS[field]}”.")
    if field == "model":
        return registry.show(studio.library, studio.home, text).name
    if field == "language":
        return language_tag(text)
    return one_line(text) if field == "title" else text


def _check_at_once(count: int) -> int:
    if not 1 <= count <= MOST_AT_ONCE:
        raise BadInput(f"Between 1 and {MOST_AT_ONCE} sections can be written at once.")
    return count


def _check_context(tokens: int) -> int:
    if tokens != AS_USUAL and tokens < LEAST_CONTEXT:
        raise BadInput(f"A model cannot write with less than {LEAST_CONTEXT} tokens in sight.")
    return tokens


def _refuse_while_writing(studio: Studio, book: Project) -> None:
    draft = latest_draft(studio, book.id)
    if draft and draft["busy"]:
        raise BadInput("A draft is being written; change the length when it rests.")


def _put(project: Project, field: Field, given: str | int) -> None:
    if field in _SETTINGS:
        unset = field == "context" and given == AS_USUAL
        project.settings = _with(DraftSettings, project.settings, field, None if unset else given)
        return
    column = "goal_words" if field == "goal" else field
    if field in ("title", "kind", "language", "goal"):
        setattr(project, column, given)
    if field != "title":
        project.brief = _with(Brief, project.brief, column, given)


def _with(
    model: type[BaseModel], stored: dict[str, Any], name: str, given: str | int | None
) -> dict[str, Any]:
    return model.model_validate({**stored, name: given}).model_dump(mode="json")
