"""Routes of the Write page as a whole: the book with its outline, following a draft, starting and
resting one. Reading only, except for jobs, which `engine.jobs.submitting` submits.
"""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.context import Studio
from app.api.measures import today
from app.api.words import BUSY, draft_view, finish
from engine.errors import NotFound
from engine.jobs import client, starting, submitting, watching
from engine.jobs.progress import DraftParams, Mode
from engine.store import jobs, outline, projects, versions
from engine.store.outline import OutlineNode
from engine.store.schema import Project
from engine.store.unfinished import unfinished
from engine.text.counting import count_words


class DraftRequest(BaseModel):
    """`sections` None: every unfinished one."""

    project: str
    sections: list[str] | None = None
    mode: Mode = "continue"
    variants: int = 1


def routes(studio: Studio) -> APIRouter:
    """The router; mounted below /api by `app.studio`."""
    router = APIRouter()

    @router.get("/desk")
    def desk(project: str) -> dict[str, Any]:
        book = projects.get(studio.library, project)
        rows = outline.tree(studio.library, book.id)
        return {
            "project": book_view(studio, book, rows),
            "outline": [row_view(row) for row in rows],
            "draft": latest_draft(studio, book.id),
            "today": today(studio, book.id),
        }

    @router.get("/follow")
    def follow(
        project: str, section: str = "", version: str = "", after: int = 0, sealed: bool = False
    ) -> dict[str, Any]:
        book = projects.get(studio.library, project)
        draft = latest_draft(studio, book.id)
        return {
            "draft": draft,
            "stamp": book.updated_at,
            "live": live_words(studio, draft),
            "section": section_view(studio, section, version, after, sealed) if section else None,
        }

    @router.post("/draft")
    def start(asked: DraftRequest) -> dict[str, Any]:
        job = submitting.submit_draft(
            studio.library,
            asked.project,
            node_ids=asked.sections,
            mode=asked.mode,
            variants=asked.variants,
            new_seed=asked.mode != "continue",
            home=studio.home,
        )
        starting.set_going(studio.home, studio.library, job)
        return {"draft": job.id, "split": DraftParams.model_validate(job.params).told_of_split}

    @router.post("/draft-outline")
    def start_outline(asked: DraftRequest) -> dict[str, Any]:
        job = submitting.submit_outline(studio.library, asked.project, home=studio.home)
        starting.set_going(studio.home, studio.library, job)
        return {"draft": job.id}

    @router.post("/draft/{draft_id}/{wish}")
    def control(draft_id: str, wish: Literal["pause", "stop", "resume"]) -> dict[str, Any]:
        act = {"pause": client.pause, "stop": client.stop, "resume": client.resume}[wish]
        job = act(studio.home, studio.library, draft_id)
        if wish == "resume":
            starting.set_going(studio.home, studio.library, job)
        return {"draft": job.id}

    return router


def book_view(studio: Studio, book: Project, rows: list[OutlineNode]) -> dict[str, Any]:
    """The book as the top of a page shows it; `unfinished` counts sections a draft would write."""
    leaves = [row for row in rows if row.is_leaf]
    open_ones = unfinished(studio.library, book.id)
    return {
        "id": book.id,
        "title": book.title,
        "kind": book.kind,
        "language": book.language,
        "goal_words": book.goal_words,
        "words": sum(row.words for row in leaves),
        "target_words": sum(row.target for row in leaves),
        "unfinished": sum(row.node.id in open_ones and not row.node.locked for row in leaves),
    }


def row_view(row: OutlineNode) -> dict[str, Any]:
    """A row of the outline with asked and got."""
    return {
        "id": row.node.id,
        "parent": row.node.parent_id,
        "depth": row.depth,
        "number": row.number,
        "title": row.node.title,
        "name": row.name,
        "beat": row.node.beat,
        "locked": row.node.locked,
        "leaf": row.is_leaf,
        "words": row.words,
        "target": row.target,
        "finish": row.finish,
        "state": finish(row.finish) if row.is_leaf else "",
        "versions": row.version_count,
    }


def latest_draft(studio: Studio, project_id: str) -> dict[str, Any] | None:
    """The active job of a project, else its last one; None when there never was one. Pairs for the Compare
    page are only told of while they are under way: they leave nothing on the desk to go on with."""
    job = jobs.of_project(studio.library, project_id)
    job = job or jobs.latest(studio.library, project_id, ("draft", "outline"))
    if job is None:
        return None
    job = starting.keep_going(studio.home, studio.library, job)
    state = studio.patience.state_of(studio.home, studio.library, job)
    waits = state == "queued" and any(
        watching.state_of(studio.home, studio.library, other) == "running"
        for other in jobs.all(studio.library, active_only=True)
    )
    return draft_view(job, state, waits)


def live_words(studio: Studio, draft: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Words so far of the sections being written; they are a few hundred words each. What is written to take
    the place of a text, or to stand beside it, does not count before it does: the text is there till then."""
    if draft is None or draft["state"] not in (*BUSY, "paused", "interrupted"):
        return []
    return [
        {"section": version.node_id, "words": count_words(versions.text_of(studio.library, version.id).text)}
        for version in versions.open_versions(studio.library, draft["id"])
        if version.origin not in ("variant", "regenerate")
    ]


def section_view(
    studio: Studio, section: str, version: str, after: int, sealed: bool
) -> dict[str, Any] | None:
    """What a page that shows `version` up to `after` must do now (`engine.store.following`); None when
    the section was removed. `sealed`: the page has the whole text, it need not be sent again."""
    try:
        told = versions.follow_node(studio.library, section, version or None, after)
    except NotFound:
        return None
    has_it = sealed and told.sealed and not told.reset
    return {
        "id": section,
        "version": told.version_id,
        "after": told.seq,
        "reset": told.reset,
        "sealed": told.sealed,
        "pieces": [{"channel": delta.channel, "text": delta.text} for delta in told.deltas],
        "text": None if has_it else told.text,
        "words": told.words,
        "finish": told.finish,
    }
