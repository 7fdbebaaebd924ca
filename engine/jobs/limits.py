"""How long one section may be for the model that is to write it.

Called before an outline is made or divided: by the pages, the commands and `engine.jobs.submitting`.
"""

from __future__ import annotations

from engine.backends import registry
from engine.errors import NotFound
from engine.home import Home
from engine.planning.quotas import SectionLimits
from engine.store.library import Library


def section_limits(
    library: Library, home: Home, model: str | None, context: int | None = None
) -> SectionLimits:
    """How long a section may be for that model, with a chosen `context` or its own; the general limits
    while it is not on the list."""
    try:
        chosen = registry.show(library, home, model)
    except NotFound:
        return SectionLimits()
    parameters = chosen.details.parameters if chosen.details else None
    return SectionLimits.for_context(context or chosen.context or registry.DEFAULT_CONTEXT, parameters)
