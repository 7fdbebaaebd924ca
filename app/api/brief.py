"""The brief and how it is drafted, as one form that is saved field by field.

What may be in a field, and what happens when two windows save it, is in `engine.jobs.brief_fields`. The
Plan page shows the form (`app.pages.plan`); `assets/js/brief.js` saves what the writer leaves.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.context import Studio
from engine.jobs import brief_fields


class FieldSave(BaseModel):
    """One field as the writer left it, and what its window had read of it."""

    field: brief_fields.Field
    value: brief_fields.Value = None
    base: brief_fields.Value = None


def routes(studio: Studio) -> APIRouter:
    """The router; mounted below /api by `app.studio`."""
    router = APIRouter()

    @router.post("/brief/{project}")
    def save(project: str, given: FieldSave) -> dict[str, Any]:
        saved = brief_fields.save(
            studio.library, studio.home, project, {given.field: given.value}, {given.field: given.base}
        )
        return {"value": brief_fields.form_of(saved)[given.field]}

    return router
