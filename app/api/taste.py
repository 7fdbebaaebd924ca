"""Routes for what the writer thinks of the section on the page: thumbs, stars, texts kept, the consent to
learn from edits. What is noted and when is decided in `trainer.preferences.capture`.
"""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.context import Studio
from app.api.questions import question_view
from engine import home_settings
from engine.store import judged, outline, questions, versions
from engine.store.library import Library
from engine.store.schema import Version
from trainer.preferences import capture


class Thumb(BaseModel):
    """A thumb for a drafted text; `choice` None takes it back."""

    version: str
    choice: Literal["up", "down"] | None
    reasons: list[str] = []


class Rating(BaseModel):
    """Stars for a text; None takes them back."""

    version: str
    stars: int | None


class Consent(BaseModel):
    """Whether edits may be noted."""

    on: bool


def routes(studio: Studio) -> APIRouter:
    """The router; mounted below /api by `app.studio`."""
    router = APIRouter()
    library = studio.library

    @router.get("/taste/{section}")
    def taste(section: str) -> dict[str, Any]:
        return taste_view(studio, section)

    @router.post("/taste/{section}/thumb")
    def thumb(section: str, given: Thumb) -> dict[str, Any]:
        capture.thumb(library, given.version, given.choice, given.reasons)
        return taste_view(studio, section)

    @router.post("/taste/{section}/rating")
    def rating(section: str, given: Rating) -> dict[str, Any]:
        capture.rate(library, given.version, given.stars)
        return taste_view(studio, section)

    @router.post("/taste/{section}/kept")
    def kept(section: str) -> dict[str, Any]:
        version = outline.get(library, section).version_id
        return {"noted": version is not None and capture.kept_again(library, version) is not None}

    @router.post("/taste-edits")
    def consent(given: Consent) -> dict[str, Any]:
        return {"edits": home_settings.change(studio.home, note_edits=given.on).note_edits}

    return router


def taste_view(studio: Studio, section: str) -> dict[str, Any]:
    """What can be said of a section's text, and what was said. Raises NotFound."""
    library = studio.library
    node = outline.get(library, section)
    capture.ask_about_pairs(library, node_id=node.id)
    waiting = [one for one in questions.waiting(library, node_id=node.id) if one.source == "variant"]
    told = text_view(library, versions.get(library, node.version_id)) if node.version_id else NO_TEXT
    return {
        **told,
        "question": question_view(library, waiting[-1]) if waiting else None,
        "edits": home_settings.load(studio.home).note_edits,
    }


NO_TEXT: dict[str, Any] = {
    "version": None,
    "generated": None,
    "thumb": None,
    "reasons": [],
    "rateable": False,
    "rating": None,
    "again": False,
}


def text_view(library: Library, version: Version) -> dict[str, Any]:
    """`generated`: the drafted version that stands on the page as it was drafted; None for edited text.
    `again`: leaving it there says that it is better than what stood there before."""
    source = judged.generated_behind(library, version.id)
    untouched = source is not None and source.text == version.text
    thumb = capture.said(library, source.id, "thumb") if source and untouched else None
    rated = capture.said(library, version.id, "rating")
    return {
        "version": version.id,
        "generated": source.id if source and untouched and version.text.strip() else None,
        "thumb": thumb.choice if thumb else None,
        "reasons": thumb.reasons if thumb else [],
        "rateable": source is not None and version.sealed_at is not None and bool(version.text.strip()),
        "rating": rated.rating if rated else None,
        "again": capture.waits_to_be_kept(library, version.id),
    }
