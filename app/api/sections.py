"""Routes for one section and its versions: save, lock, target, notes, compare, restore, what was seen."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.context import Studio
from app.api.words import NO_SEED, finish, origin
from engine import home_settings
from engine.errors import NotFound
from engine.jobs import watching
from engine.store import outline, versions
from engine.store.schema import Version
from engine.text.counting import count_words
from engine.text.difference import word_diff
from trainer.preferences import capture


class Save(BaseModel):
    """What a person typed, and the version that their page showed; `shown`: what it had of an open one."""

    text: str
    base: str | None = None
    shown: str | None = None
    confirm: bool = False


class Lock(BaseModel):
    """Whether a model may touch it."""

    locked: bool


class Target(BaseModel):
    """The length asked for."""

    words: int


class Beat(BaseModel):
    """What happens here, and what the page showed of it before."""

    beat: str
    base: str | None = None


def routes(studio: Studio) -> APIRouter:
    """The router; mounted below /api by `app.studio`."""
    router = APIRouter()
    library = studio.library

    @router.post("/section/{section}")
    def save(section: str, given: Save) -> dict[str, Any]:
        saved = versions.save_edit(library, section, given.text, given.base, given.confirm, given.shown)
        capture.saved(library, saved.id, note_edits=home_settings.load(studio.home).note_edits)
        return {"version": saved.id, "words": saved.words}

    @router.post("/section/{section}/lock")
    def lock(section: str, given: Lock) -> dict[str, Any]:
        outline.lock(library, section, given.locked)
        return {"locked": given.locked}

    @router.post("/section/{section}/target")
    def target(section: str, given: Target) -> dict[str, Any]:
        outline.set_target(library, section, given.words)
        return {}

    @router.post("/section/{section}/beat")
    def beat(section: str, given: Beat) -> dict[str, Any]:
        outline.set_beat(library, section, given.beat, given.base)
        return {}

    @router.get("/section/{section}/versions")
    def history(section: str) -> dict[str, Any]:
        newest_first = list(reversed(versions.history(library, section)))
        current = outline.get(library, section).version_id
        tuned = versions.tuned_by(library, section)
        told = [version_view(version, tuned.get(version.id)) for version in newest_first]
        return {"current": current, "versions": told}

    @router.get("/section/{section}/seen")
    def seen(section: str, version: str | None = None) -> dict[str, Any]:
        return {"version": prompt_view(studio, section, version)}

    @router.get("/compare")
    def compare(old: str, new: str) -> dict[str, Any]:
        was, becomes = versions.text_of(library, old).text, versions.text_of(library, new).text
        return {
            "old_words": count_words(was),
            "new_words": count_words(becomes),
            "changes": [{"kind": change.kind, "text": change.text} for change in word_diff(was, becomes)],
        }

    @router.post("/version/{version}/restore")
    def restore(version: str) -> dict[str, Any]:
        restored = versions.restore(library, version).id
        capture.brought_back(library, restored)
        return {"version": restored}

    return router


def version_view(version: Version, tuned: tuple[str, float] | None = None) -> dict[str, Any]:
    """A line of the list of versions, in a writer's words. `tuned`: the tuned model that wrote it, and how
    strongly it did."""
    return {
        "id": version.id,
        "name": origin(version.origin),
        "origin": version.origin,
        "words": version.words,
        "state": finish(version.finish),
        "model": version.model,
        "tuned": tuned[0] if tuned else None,
        "strength": tuned[1] if tuned else None,
        "created_at": version.created_at,
        "open": version.sealed_at is None,
    }


def prompt_view(studio: Studio, section: str, chosen: str | None = None) -> dict[str, Any] | None:
    """What the model saw for a version, with its thinking; None when no model wrote in the section.

    `chosen` None: the newest that a model wrote. Raises NotFound for one that it did not write here.
    """
    if chosen is None:
        version = versions.newest_drafted(studio.library, section)
    else:
        version = versions.of_section(studio.library, section, chosen)
    if version is None:
        return None
    if version.model is None:
        raise NotFound("No model wrote such a version of this section.")
    return {
        "id": version.id,
        "name": origin(version.origin),
        "model": version.model,
        "seed": version.seed,
        "without_seed": "" if watching.took_seed(studio.library, version) else NO_SEED,
        "tuned": version.sampling.get("adapter"),
        "strength": version.sampling.get("adapter_scale"),
        "created_at": version.created_at,
        "prompt": version.prompt,
        "think": versions.text_of(studio.library, version.id).think,
    }
