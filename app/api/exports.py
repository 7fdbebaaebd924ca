"""`GET /export/{project}.{suffix}`: the manuscript as a file that downloads at the first click; and the name
of its author, which the writer gives once for all books.

The file is written and checked against the manuscript by `exports.writers`, sent, and removed. Its name and
what is unfinished in it go along as headers, percent-encoded as a header must be; `assets/js/export.js`
reads them.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import FileResponse
from pydantic import BaseModel, StringConstraints
from starlette.background import BackgroundTask

from app.api.context import Studio
from engine import home_settings
from engine.store import projects
from exports import writers

MOST_NAME_CHARACTERS = 80
MOST_NAME_BYTES = 200
"""File systems take 255 bytes, the suffix and a download's " (1)" among them."""
MOST_NAMED = 8


class Author(BaseModel):
    """The name for the title page; empty for none."""

    name: Annotated[str, StringConstraints(max_length=200)]


def routes(studio: Studio) -> APIRouter:
    """The router; mounted at the root by `app.studio`."""
    router = APIRouter()

    @router.get("/export/{project}.{suffix}")
    def export(project: str, suffix: Literal["docx", "md"]) -> FileResponse:
        book = projects.get(studio.library, project)
        folder = Path(tempfile.mkdtemp(prefix="longwright-"))
        path = folder / f"{file_name(book.title)}.{suffix}"
        author = home_settings.load(studio.home).author
        try:
            report = writers.export(studio.library, book, path, author=author)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        cleaning = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
        headers = {
            "cache-control": "no-store",
            "x-longwright-name": quote(path.name),
            "x-longwright-unfinished": quote(unfinished(report.unfinished)),
        }
        return FileResponse(path, filename=path.name, background=cleaning, headers=headers)

    @router.get("/api/author")
    def author() -> Author:
        return Author(name=home_settings.load(studio.home).author)

    @router.post("/api/author")
    def change_author(given: Author) -> Author:
        return Author(name=home_settings.change(studio.home, author=" ".join(given.name.split())).author)

    return router


def unfinished(sections: Sequence[str]) -> str:
    """What to tell with the file; empty when every section is finished."""
    if not sections:
        return ""
    more = len(sections) - MOST_NAMED
    others = f" and {more:,} more" if more > 0 else ""
    return f"The file is exported. Not finished yet: {', '.join(sections[:MOST_NAMED])}{others}."


def file_name(title: str) -> str:
    """A title as a file name that every system takes."""
    kept = " ".join(re.sub(r'[\x00-\x1f<>:"/\\|?*]+', " ", title).split())
    cut = kept[:MOST_NAME_CHARACTERS].encode()[:MOST_NAME_BYTES].decode(errors="ignore")
    return cut.strip(". ") or "manuscript"
