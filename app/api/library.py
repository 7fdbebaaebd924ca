"""Routes of the Library page: the projects as cards, duplicate, archive, delete with its undo, samples."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, Literal

from fastapi import APIRouter

from app.api.context import Studio
from app.api.words import BUSY
from engine.errors import NotFound
from engine.jobs import client
from engine.planning.brief import Brief, check_goal, read_brief, title_of
from engine.planning.length_range import range_of
from engine.planning.outline_text import parse_outline, split_title, stated_goal
from engine.planning.quotas import SectionLimits, assign
from engine.store import outline, projects
from engine.store.library import Library
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
            "delete": projects.delete,
            "undelete": projects.undelete,
        }[verb]
        return {"project": act(library, project).id}

    return router


def card(studio: Studio, summary: ProjectSummary) -> dict[str, Any]:
    """A project as its card shows it."""
    state = client.state_of(studio.home, studio.library, summary.job) if summary.job else ""
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


def start_project(
    library: Library,
    brief: Brief,
    title: str | None = None,
    settings: dict[str, Any] | None = None,
    limits: SectionLimits | None = None,
) -> Project:
    """A project from a brief; with the brief's own outline shared out to the goal, if it has one.

    Raises BadInput for an outline or a length that cannot be used.
    """
    heading, items = split_title(parse_outline(brief.outline)) if brief.outline else (None, [])
    stated = brief.goal_words if brief.goal_words is not None else stated_goal(items)
    goal = check_goal(range_of(brief.premise, stated, brief.kind).target)
    planned = assign(items, goal, limits or SectionLimits()) if items else []
    project = projects.create(
        library,
        brief.model_copy(update={"goal_words": goal}).model_dump(mode="json"),
        title=title or heading or title_of(brief),
        kind=brief.kind,
        language=brief.language,
        goal_words=goal,
        settings=settings,
    )
    if planned:
        outline.replace(library, project.id, planned)
    return project


def start_sample(studio: Studio, name: str) -> Project:
    """One of the samples that come with Longwright, as a project of the writer's own. Raises NotFound."""
    if name not in SAMPLES:
        raise NotFound(f"There is no sample called {name}.")
    text = files("assets").joinpath("samples", f"{name}.md").read_text(encoding="utf-8")
    brief, _, own_outline = text.partition(OUTLINE_MARK)
    limits = client.section_limits(studio.library, studio.home, None)
    return start_project(studio.library, read_brief(brief, outline=own_outline), limits=limits)
