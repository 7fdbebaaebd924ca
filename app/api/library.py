"""Routes of the Library page: the projects as cards, duplicate, archive, delete with its undo, samples."""

from __future__ import annotations

from functools import partial
from importlib.resources import files
from typing import Any, Literal

from fastapi import APIRouter

from app.api.context import Studio
from app.api.words import BUSY
from engine.errors import NotFound
from engine.jobs import client
from engine.jobs.limits import section_limits
from engine.planning.brief import read_brief
from engine.store import planned, projects
from engine.store.projects import ProjectSummary
from engine.store.schema import Project

SAMPLES = {"novel": "A sample novel", "report": "A sample report"}
OUTLINE_MARK = "\n<!-- outline -->\n"


def routes(studio: Studio) -> APIRouter:
    """The router; mounted below /api by `app.studio`."""
    router = APIRouter()
    library = studio.library

    @router.get("/library")
    def shelf() -> dict[str, Any]:
        cards = [card(studio, summary) for summary in projects.summaries(library, include_archived=True)]
        deleted = [{"id": gone.id, "title": gone.title} for gone in projects.all(library, deleted=True)]
        return {"projects": cards, "deleted": deleted, "samples": SAMPLES}

    @router.post("/samples/{name}")
    def sample(name: str) -> dict[str, Any]:
        return {"project": start_sample(studio, name).id}

    @router.post("/projects/{project}/{verb}")
    def change(
        project: str, verb: Literal["duplicate", "archive", "unarchive", "delete", "undelete"]
    ) -> dict[str, Any]:
        act = {
            "duplicate": projects.duplicate,
            "archive": projects.archive,
            "unarchive": projects.unarchive,
            "delete": partial(client.delete_project, studio.home),
            "undelete": projects.undelete,
        }[verb]
        return {"project": act(library, project).id}

    return router


def card(studio: Studio, summary: ProjectSummary) -> dict[str, Any]:
    """A project as its card shows it."""
    state = studio.patience.state_of(studio.home, studio.library, summary.job) if summary.job else ""
    return {
        "id": summary.project.id,
        "title": summary.project.title,
        "kind": summary.project.kind,
        "language": summary.project.language,
        "goal_words": summary.project.goal_words,
        "words": summary.words,
        "sections": summary.sections,
        "sections_done": summary.sections_done,
        "premise": str(summary.project.brief.get("premise", ""))[:240],
        "updated_at": summary.project.updated_at,
        "archived": summary.project.archived_at is not None,
        "state": {"paused": "Paused", "interrupted": "Cut off"}.get(
            state, "Being written" if state in BUSY else ""
        ),
    }


def start_sample(studio: Studio, name: str) -> Project:
    """One of the samples that come with Longwright, as a project of the writer's own. Raises NotFound."""
    if name not in SAMPLES:
        raise NotFound(f"There is no sample called {name}.")
    text = files("assets").joinpath("samples", f"{name}.md").read_text(encoding="utf-8")
    brief, _, own_outline = text.partition(OUTLINE_MARK)
    limits = section_limits(studio.library, studio.home, None)
    return planned.begin(studio.library, read_brief(brief, outline=own_outline), limits)
