"""A writer's words for what the library calls otherwise. Pure functions; no job, node or token here.

Called by the routes in this package, whose answers the page shows as they are, and by `draft` and `outcome`
of `app.commands`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.jobs.progress import DraftResult, Progress
from engine.store.schema import Job

ORIGINS = {
    "draft": "Draft",
    "regenerate": "Written again",
    "variant": "Variant",
    "edit": "Your edit",
    "restore": "Brought back",
    "conflict": "Kept from another window",
    "import": "Imported",
}
FINISHES = {
    None: "",
    "complete": "",
    "short": "shorter than asked",
    "long": "longer than asked",
    "stopped": "stopped",
    "empty": "no text came",
    "repeating": "repeats itself",
    "clipped": "ends inside a sentence",
    "failed": "cut off",
}
NO_SEED = "Its server takes no seed: the same one gives another text each time."
"""Told behind what such a model wrote; before its first answer nobody can know."""
MOST_NAMED = 3
_LACKS = {
    "empty": ("has no text", "have no text"),
    "short": ("is shorter than asked", "are shorter than asked"),
    "long": ("is longer than asked", "are longer than asked"),
    "repeating": ("repeats itself", "repeat themselves"),
    "clipped": ("ends inside a sentence", "end inside a sentence"),
}
BUSY = frozenset({"queued", "running"})
CAN_RESUME = frozenset({"paused", "stopped", "failed", "interrupted"})

_RESTING = {
    "paused": "Paused",
    "stopped": "Stopped; the text is kept",
    "done": "Finished",
    "interrupted": "Cut off; every word is kept",
}
_PHASES = {"waiting": "Starting…", "loading": "Loading the model…", "planning": "Planning…"}


def origin(name: str) -> str:
    """How a version came to be."""
    return ORIGINS.get(name, name)


def finish(name: str | None) -> str:
    """How a draft ended; empty when there is nothing to say."""
    return FINISHES.get(name, name or "")


def sentence(job: Job, state: str, others_wait: bool = False) -> str:
    """What a draft is doing now, as the writer should read it."""
    if state == "failed":
        return job.error or "The draft failed; the text is kept."
    if state == "done" and (lacking := shortfall(job)):
        return lacking
    if state in _RESTING:
        return _RESTING[state]
    if job.control in ("pause", "stop"):
        return "Pausing…" if job.control == "pause" else "Stopping…"
    if state == "queued":
        return "Waiting for another book's draft" if others_wait else _PHASES["waiting"]
    progress = Progress.model_validate(job.progress or {})
    return progress.message or _PHASES.get(progress.phase, "Writing")


def shortfall(job: Job) -> str:
    """What a finished draft lacks, section by section; empty when every one is as it was asked for."""
    if job.kind != "draft":
        return ""
    sections = DraftResult.model_validate(job.result or {}).sections
    told = [
        f"{_named(titles)} {one if len(titles) == 1 else many}"
        for finish, (one, many) in _LACKS.items()
        if (titles := list(dict.fromkeys(row.title for row in sections if row.finish == finish)))
    ]
    return f"Finished, but {'; '.join(told)}" if told else ""


def _named(titles: Sequence[str]) -> str:
    """“A”, “B” and “C”; or, of many, the first ones and how many more."""
    shown = [f"“{title}”" for title in titles]
    if len(shown) > MOST_NAMED:
        shown = [*shown[: MOST_NAMED - 1], f"{len(shown) - MOST_NAMED + 1} more sections"]
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def draft_view(job: Job, state: str, others_wait: bool = False) -> dict[str, Any]:
    """A draft or an outline under way, or the last one, for the page."""
    progress = Progress.model_validate(job.progress or {})
    return {
        "id": job.id,
        "kind": job.kind,
        "mode": job.params.get("mode", ""),
        "asked": list(job.params.get("node_ids") or []),
        "state": state,
        "busy": state in BUSY,
        "can_resume": state in CAN_RESUME,
        "lacking": state == "done" and bool(shortfall(job)),
        "sentence": sentence(job, state, others_wait),
        "current": list(progress.current) if state == "running" else [],
        **progress.model_dump(
            include={
                "words",
                "words_target",
                "sections_done",
                "sections_total",
                "words_per_minute",
                "eta_seconds",
            }
        ),
    }
