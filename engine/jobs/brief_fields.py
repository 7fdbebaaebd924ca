"""The brief and how it is drafted, as fields that are changed one by one or together.

A field may name the value that its window had read, so that a window left open never puts old words back
(`engine.store.stale`), and two fields that are saved at once do not overwrite each other. What is given
together is stored together, or not at all. Knows no pages. Called by the Plan page's route and form and by
`longwright brief`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from pydantic import BaseModel

from engine.backends import catalogue, registry
from engine.drafting.settings import LEAST_CONTEXT, WORDS_PER_TOKEN, DraftSettings, ThinkMode
from engine.errors import BadInput
from engine.home import Home
from engine.jobs import watching
from engine.planning.brief import Brief, check_goal, no_length
from engine.planning.kinds import KINDS
from engine.planning.languages import language_tag
from engine.store import jobs, projects
from engine.store.library import Library
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
Form = dict[str, str | int]

LABELS: dict[Field, str] = {
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


def form_of(project: Project) -> Form:
    """What a project has in each field, by the names of `LABELS`."""
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


def save(
    library: Library,
    home: Home,
    key: str,
    given: Mapping[Field, Value],
    read: Mapping[Field, Value] | None = None,
) -> Project:
    """Store the given fields of a project in one transaction; returns it as it is then.

    `read`: what a window that could be stale had read of them. Raises BadInput for what cannot be used,
    StaleField, NotFound for a project or a model.
    """
    book = projects.get(library, key)
    before = form_of(book)
    new = {
        field: checked(library, home, field, value)
        for field, value in given.items()
        if before[field] != value
    }
    if new.get("goal", book.goal_words) != book.goal_words:
        _refuse_while_writing(library, home, book)

    def change(project: Project) -> None:
        stored = form_of(project)
        for field, value in new.items():
            refuse_stale(f"“{LABELS[field]}”", (read or {}).get(field), stored[field], value)
            if stored[field] != value:
                _put(project, field, value)

    return projects.revise(library, book.id, change) if new else book


def checked(library: Library, home: Home, field: Field, value: Value) -> str | int:
    """`value` as it is stored in `field`. Raises BadInput, NotFound for a model that is not there."""
    if field == "goal" and isinstance(value, float) and not value.is_integer():
        raise no_length(f"{value:,}")
    if field in _NUMBERS:
        number = round(value) if isinstance(value, int | float) else 0
        return {"goal": check_goal, "parallel": _check_at_once, "context": _check_context}[field](number)
    text = storable("" if value is None else str(value))
    if field == "premise" and not text.strip():
        raise BadInput("Say in a sentence or two what the text is about.")
    if (field == "kind" and text not in KINDS) or (field == "think" and text not in get_args(ThinkMode)):
        raise BadInput(f"“{text}” cannot be chosen for “{LABELS[field]}”.")
    if field == "model":
        return registry.show(library, home, text).name
    if field == "language":
        return language_tag(text)
    return one_line(text) if field == "title" else text


def in_words(tokens: int) -> str:
    """So many tokens as a writer reads them: "some 3,100 words"."""
    return f"some {round(tokens * WORDS_PER_TOKEN, -2):,.0f} words"


def _check_at_once(count: int) -> int:
    if not 1 <= count <= MOST_AT_ONCE:
        raise BadInput(f"Between 1 and {MOST_AT_ONCE} sections can be written at once.")
    return count


def _check_context(tokens: int) -> int:
    if tokens != AS_USUAL and tokens < LEAST_CONTEXT:
        raise BadInput(f"A model cannot write with less than {in_words(LEAST_CONTEXT)} in sight.")
    return tokens


def _refuse_while_writing(library: Library, home: Home, book: Project) -> None:
    job = jobs.of_project(library, book.id)
    if job is not None and watching.state_of(home, library, job) in ("queued", "running"):
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
