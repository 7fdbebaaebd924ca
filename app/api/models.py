"""Routes of the Models page: what is there, what it needs, downloads under way, removing.

Models are only looked at here, never loaded; a download runs in a thread of its own and reports how
far it is. A download that the studio's end cuts short goes on where it was when asked for again.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.context import UNEXPECTED, Studio, log
from engine.backends import catalogue, registry
from engine.backends.memory import available_bytes
from engine.backends.registry import DEFAULT_CONTEXT, ModelEntry
from engine.drafting.settings import WORDS_PER_TOKEN
from engine.errors import LongwrightError


class Remove(BaseModel):
    """Which model goes."""

    name: str


@dataclass
class Download:
    """One download. `problem` is a sentence when it failed."""

    reference: str
    done_bytes: int = 0
    all_bytes: int = 0
    finished: bool = False
    problem: str = ""


@dataclass
class Downloads:
    """The downloads of this process by reference; kept until the studio ends."""

    studio: Studio
    running: dict[str, Download] = field(default_factory=dict)

    def start(self, reference: str, name: str | None = None) -> Download:
        """Begin to fetch `OWNER/REPOSITORY/FILE.gguf` and to add it; one that runs already is returned."""
        known = self.running.get(reference)
        if known is not None and not known.finished:
            return known
        download = self.running[reference] = Download(reference)
        threading.Thread(target=self._fetch, args=(download, name), daemon=True).start()
        return download

    def _fetch(self, download: Download, name: str | None) -> None:
        def progress(done: int, whole: int) -> None:
            download.done_bytes, download.all_bytes = done, whole

        try:
            registry.add_hub(self.studio.library, self.studio.home, download.reference, progress, name)
        except LongwrightError as error:
            download.problem = str(error)
        except Exception as error:  # noqa: BLE001 (the boundary of this thread)
            log.error("download of %s failed", download.reference, exc_info=error)
            download.problem = UNEXPECTED
        download.finished = True


def routes(studio: Studio, downloads: Downloads) -> APIRouter:
    """The router; mounted below /api by `app.studio`."""
    router = APIRouter()

    @router.get("/models")
    def models() -> dict[str, Any]:
        entries = registry.list_models(studio.library, studio.home)
        have = {entry.location.rsplit("/", 1)[-1] for entry in entries}
        return {
            "models": [model_view(entry) for entry in entries],
            "known": [known_view(entry) for entry in catalogue.known() if entry.file not in have],
            "free_bytes": available_bytes(),
            "downloads": [vars(download) for download in downloads.running.values()],
        }

    @router.post("/models/remove")
    def remove(asked: Remove) -> dict[str, Any]:
        return {"file_deleted": registry.remove(studio.library, studio.home, asked.name)}

    return router


def model_view(entry: ModelEntry) -> dict[str, Any]:
    """A model as its card shows it; sizes in bytes, what it sees at once in words."""
    facts = entry.details
    return {
        "name": entry.name,
        "server": entry.kind == "server",
        "location": entry.location,
        "embedded": entry.embedded,
        "thinks": entry.thinks,
        "reads_words": round(entry.context * WORDS_PER_TOKEN) if entry.context else None,
        "architecture": facts.architecture if facts else None,
        "parameters": facts.parameters if facts else None,
        "quantisation": facts.quantisation if facts else None,
        "needs_bytes": entry.estimate.total if entry.estimate else None,
        "fits": entry.estimate.fits if entry.estimate else None,
        "problem": entry.problem,
    }


def known_view(entry: catalogue.CatalogueEntry) -> dict[str, Any]:
    """A model that could be fetched."""
    needs = entry.memory_bytes(min(DEFAULT_CONTEXT, entry.context))
    return {
        "title": entry.title,
        "reference": f"hf:{entry.repository}/{entry.file}",
        "file_bytes": int(entry.file_gb * 1e9),
        "needs_bytes": needs,
        "fits": needs <= available_bytes(),
        "license": entry.license,
        "thinks": entry.thinks,
        "languages": entry.languages,
        "good_for": entry.good_for,
    }
