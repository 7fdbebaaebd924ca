"""Routes of the writer's tuned models: which one writes with a text's model, how strongly, and back again.

What is chosen holds for the model, whatever text it writes; `engine.backends.adapters` keeps it. A tuned
model that was found worse is used only when the writer says so.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.context import Studio
from engine.backends import adapters, registry
from engine.backends.adapter_folder import AdapterEntry
from engine.backends.adapters import InUse
from engine.backends.registry import ModelEntry
from engine.drafting.settings import DraftSettings
from engine.errors import ModelError, NotFound
from engine.store import projects


class Choice(BaseModel):
    """`name` None: the model itself again. `sure`: also one that was found worse."""

    project: str
    name: str | None = None
    strength: float = Field(default=1.0, ge=0, le=1)
    sure: bool = False


def routes(studio: Studio) -> APIRouter:
    """The router; mounted below /api by `app.studio`."""
    router = APIRouter()

    @router.get("/tuned")
    def tuned(project: str) -> dict[str, Any]:
        return tuned_view(studio, project)

    @router.post("/tuned")
    def choose(given: Choice) -> dict[str, Any]:
        use(studio, given)
        return tuned_view(studio, given.project)

    @router.post("/tuned/{name}/remove")
    def remove(name: str) -> dict[str, Any]:
        adapters.remove(studio.home, name)
        return {}

    return router


def use(studio: Studio, given: Choice) -> None:
    """Let a tuned model write, or the model itself again. Raises BadInput, NotFound, AdapterBroken."""
    project = projects.get(studio.library, given.project)
    settings = DraftSettings.model_validate(project.settings)
    if given.name is not None:
        adapters.use(studio.home, given.name, given.strength, confirmed=given.sure)
    else:
        base = hash_of(studio, registry.show(studio.library, studio.home, settings.model))
        adapters.clear(studio.home, base)
    if (settings.adapter, settings.adapter_scale) != (None, None):
        # What is chosen here counts; a text's own choice (`longwright write --adapter`) gives way.
        plain = settings.model_copy(update={"adapter": None, "adapter_scale": None})
        projects.update(studio.library, project.id, settings=plain.model_dump(mode="json"))


def tuned_view(studio: Studio, project_id: str) -> dict[str, Any]:
    """The model of a text, the tuned models that can write with it, and the one that does."""
    settings = DraftSettings.model_validate(projects.get(studio.library, project_id).settings)
    try:
        model = registry.show(studio.library, studio.home, settings.model)
    except NotFound:
        return {"model": settings.model, "tuned": [], "in_use": None, "strength": 1.0}
    kept = adapters.list_adapters(studio.home)
    # A large model takes a while to be read through: not when there is nothing that could belong to it.
    base = hash_of(studio, model) if kept else None
    fitting = [one for one in kept if base and one.manifest and one.base_hash == base]
    now = adapters.in_use(studio.home, base) if base else None
    if settings.adapter is not None:
        chosen = settings.adapter not in ("", adapters.BASE)
        now = InUse(settings.adapter, settings.adapter_scale or 1.0) if chosen else None
    return {
        "model": model.name,
        "tuned": [entry_view(one) for one in reversed(fitting)],
        "in_use": now.name if now else None,
        "strength": now.scale if now else 1.0,
    }


def hash_of(studio: Studio, model: ModelEntry) -> str | None:
    """What tuned models know a model by; None for a server, or a file that is gone."""
    try:
        return registry.base_hash(studio.home, model)
    except ModelError:
        return None


def entry_view(entry: AdapterEntry) -> dict[str, Any]:
    """A tuned model as the menus show it."""
    manifest = entry.manifest
    verdict = (manifest.verdict if manifest else None) or {}
    return {
        "name": entry.name,
        "label": entry.label,
        "reason": str(verdict.get("reason") or ""),
        "needs_yes": entry.needs_a_yes,
        "problem": entry.problem,
        "records": manifest.records if manifest else 0,
        "created_at": manifest.created_at if manifest else 0.0,
        "run": manifest.run if manifest else None,
    }
