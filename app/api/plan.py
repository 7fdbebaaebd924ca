"""Routes of the editable outline: one call for each key of the writer; the answer is the whole outline.

Nothing is decided here: the quotas add up in `engine.store.outline`, and pasted Markdown is read by
`engine.store.planned`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.context import Studio
from app.api.desk import book_view, latest_draft, row_view
from engine.drafting.settings import DraftSettings
from engine.errors import BadInput
from engine.jobs.limits import section_limits
from engine.planning.quotas import SectionLimits
from engine.store import outline, planned, projects
from engine.store.library import Library
from engine.store.schema import Node

NEW_TITLE = "New section"

Verb = Literal[
    "insert",
    "rename",
    "beat",
    "target",
    "lock",
    "indent",
    "outdent",
    "up",
    "down",
    "remove",
    "restore",
    "split",
    "split-all",
]


class Edit(BaseModel):
    """One change. `text` is a title or a beat and `base` the one that the page showed, `words` a target,
    `flag` a lock."""

    verb: Verb
    id: str = ""
    text: str = ""
    base: str | None = None
    words: int = 0
    flag: bool = False


class Paste(BaseModel):
    """An outline as Markdown. `keep`: sections whose titles match go on with their text."""

    markdown: str
    keep: bool = False


def routes(studio: Studio) -> APIRouter:
    """The router; mounted below /api by `app.studio`."""
    router = APIRouter()

    @router.get("/outline/{project}")
    def show(project: str) -> dict[str, Any]:
        return plan_view(studio, project)

    @router.get("/outline/{project}/markdown")
    def markdown(project: str) -> dict[str, Any]:
        return {"markdown": planned.outline_markdown(studio.library, projects.get(studio.library, project))}

    @router.post("/outline/{project}")
    def edit(project: str, asked: Edit) -> dict[str, Any]:
        node = apply(studio, project, asked)
        return {**plan_view(studio, project), "changed": node.id}

    @router.post("/outline/{project}/paste")
    def paste(project: str, given: Paste) -> dict[str, Any]:
        paste_outline(studio, project, given.markdown, given.keep)
        return plan_view(studio, project)

    return router


def apply(studio: Studio, project: str, asked: Edit) -> Node:
    """Do one change; returns the node that the page should go to."""
    library = studio.library
    verbs: dict[Verb, Callable[[], Node]] = {
        "insert": lambda: outline.insert(
            library, project, asked.text or NEW_TITLE, after_id=asked.id or None
        ),
        "rename": lambda: outline.rename(library, asked.id, asked.text, asked.base),
        "beat": lambda: outline.set_beat(library, asked.id, asked.text, asked.base),
        "target": lambda: outline.set_target(library, asked.id, asked.words),
        "lock": lambda: outline.lock(library, asked.id, asked.flag),
        "indent": lambda: outline.indent(library, asked.id),
        "outdent": lambda: outline.outdent(library, asked.id),
        "up": lambda: shift(library, asked.id, -1),
        "down": lambda: shift(library, asked.id, 1),
        "remove": lambda: outline.remove(library, asked.id),
        "restore": lambda: outline.restore(library, asked.id),
        "split": lambda: outline.split(library, asked.id, limits_of(studio, project).most),
        "split-all": lambda: split_all(studio, project),
    }
    return verbs[asked.verb]()


def split_all(studio: Studio, project: str) -> Node:
    """Split every section that is too long to be written in one go; returns the first part of all."""
    limit = limits_of(studio, project).most
    done = outline.split_long(studio.library, projects.get(studio.library, project).id, limit)
    if not done:
        raise BadInput(f"Every section can be written in one go ({limit:,} words are the most).")
    return done[0].parts[0]


def shift(library: Library, node_id: str, by: int) -> Node:
    """Move a node among its neighbours; at the end it stays where it is."""
    node = outline.get(library, node_id)
    siblings = [
        row.node for row in outline.tree(library, node.project_id) if row.node.parent_id == node.parent_id
    ]
    index = [sibling.id for sibling in siblings].index(node_id) + by
    if not 0 <= index < len(siblings):
        return node
    return outline.move(library, node_id, node.parent_id, index)


def paste_outline(studio: Studio, project: str, markdown: str, keep: bool = False) -> None:
    """Replace the outline by Markdown headings; targets are shared out to the book's goal.

    Raises BadInput for Markdown without headings, with too many, or a goal too small for them.
    """
    book = projects.get(studio.library, project)
    planned.set_outline(studio.library, book, markdown, limits_of(studio, project), keep)


def limits_of(studio: Studio, project: str) -> SectionLimits:
    """How long a section of this book may be for the model that the book is set to."""
    settings = DraftSettings.model_validate(projects.get(studio.library, project).settings)
    return section_limits(studio.library, studio.home, settings.model, settings.context)


def plan_view(studio: Studio, project: str) -> dict[str, Any]:
    """Everything that the Plan page shows of an outline."""
    book = projects.get(studio.library, project)
    rows = outline.tree(studio.library, book.id)
    return {
        "project": book_view(studio, book, rows),
        "outline": [row_view(row) for row in rows],
        "most": limits_of(studio, project).most,
        "draft": latest_draft(studio, book.id),
        "removed": [
            {"id": one.node.id, "title": one.node.title, "words": one.words}
            for one in outline.removed(studio.library, book.id)
        ],
    }
