"""Routes of what the writer said about texts: the list with its filters, correcting, deleting with its undo,
taking a file in and giving one out.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field
from starlette.background import BackgroundTask

from app.api.context import Studio
from engine.errors import NotFound
from engine.store import feedback, outline, projects
from engine.store.library import Library
from engine.store.schema import Feedback
from trainer.preferences import importing, jsonl
from trainer.preferences.collect import collect

KINDS = {
    "ab": "Compared",
    "thumb": "Thumb",
    "edit": "Your edit",
    "regeneration": "Written again",
    "rating": "Rating",
    "import": "Brought in",
}
PAGE = 50
EXCERPT = 160
LARGEST_FILE = 64 << 20


class Correction(BaseModel):
    """What is changed; what is not given stays."""

    choice: Literal["a", "b", "tie", "skip", "up", "down"] | None = None
    rating: int | None = None
    note: str | None = None


class File(BaseModel):
    """A file of preferences as text."""

    name: str
    text: str = Field(max_length=LARGEST_FILE)
    project: str = ""


def routes(studio: Studio) -> APIRouter:
    """The router; mounted below /api by `app.studio`."""
    router = APIRouter()
    library = studio.library

    @router.get("/answers")
    def answers(
        project: str = "", kind: str = "", choice: str = "", deleted: bool = False, shown: int = PAGE
    ) -> dict[str, Any]:
        wanted = (project or None, kind or None, choice or None)
        rows = feedback.all(library, *wanted, limit=shown, deleted=deleted)
        titles = {one.id: one.title for one in projects.all(library, include_archived=True)}
        return {
            "answers": [row_view(row, titles) for row in rows],
            "count": feedback.count(library, *wanted, deleted=deleted),
            "deleted": feedback.count(library, deleted=True),
            "kinds": KINDS,
            "projects": titles,
            "usable": len(collect(library).records),
        }

    @router.get("/answers/{answer}")
    def answer(answer: str) -> dict[str, Any]:
        return detail_view(library, feedback.get(library, answer))

    @router.post("/answers/{answer}")
    def correct(answer: str, given: Correction) -> dict[str, Any]:
        row = feedback.edit(library, answer, choice=given.choice, rating=given.rating, note=given.note)
        return {"answer": row.id}

    @router.post("/answers/{answer}/{verb}")
    def put_away(answer: str, verb: Literal["delete", "undelete"]) -> dict[str, Any]:
        act = {"delete": feedback.delete, "undelete": feedback.undelete}[verb]
        return {"answer": act(library, answer).id}

    @router.post("/answers-file")
    def take_in(given: File) -> dict[str, Any]:
        return take_file(library, given)

    return router


def download_routes(studio: Studio) -> APIRouter:
    """The router of the file; mounted at the root by `app.studio`."""
    router = APIRouter()

    @router.get("/export-answers/preferences.jsonl")
    def give_out() -> FileResponse:
        folder = Path(tempfile.mkdtemp(prefix="longwright-"))
        path = folder / "preferences.jsonl"
        try:
            jsonl.write(path, collect(studio.library).records)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        cleaning = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
        return FileResponse(
            path, filename=path.name, background=cleaning, headers={"cache-control": "no-store"}
        )

    return router


def take_file(library: Library, given: File) -> dict[str, Any]:
    """Take in what can be used of a file; the lines that cannot are named. Raises BadInput."""
    with tempfile.TemporaryDirectory(prefix="longwright-") as folder:
        path = Path(folder) / "preferences.jsonl"
        path.write_bytes(given.text.encode("utf-8", "surrogatepass"))
        read = jsonl.read(path)
    project = projects.get(library, given.project).id if given.project else None
    done = importing.import_file(library, given.name, read, project)
    return {
        "added": len(done.added),
        "known": done.known,
        "problems": [{"line": problem.line, "reason": problem.reason} for problem in read.problems],
    }


def row_view(row: Feedback, titles: dict[str, str]) -> dict[str, Any]:
    """A line of the list; the texts come when the line is opened."""
    return {
        "id": row.id,
        "kind": row.kind,
        "name": KINDS[row.kind],
        "project": titles.get(row.project_id or "", ""),
        "choice": row.choice,
        "rating": row.rating,
        "reasons": row.reasons,
        "note": row.note,
        "words_a": row.words_a,
        "words_b": row.words_b if row.text_b is not None else None,
        "model": row.model,
        "tuned": row.adapter,
        "again": row.repeat_of is not None,
        "prompt": " ".join(row.prompt.split())[:EXCERPT],
        "created_at": row.created_at,
    }


def detail_view(library: Library, row: Feedback) -> dict[str, Any]:
    """All that is kept of one line, texts included."""
    try:
        section = outline.get(library, row.node_id).title if row.node_id else ""
    except NotFound:
        section = ""
    return {
        **row_view(row, {}),
        "section": section,
        "prompt": row.prompt,
        "text_a": row.text_a,
        "text_b": row.text_b,
        "seed_a": row.seed_a,
        "seed_b": row.seed_b,
        "strength": row.adapter_scale,
        "shown_left": row.shown_left,
        "source": row.source,
    }
