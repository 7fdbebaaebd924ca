"""A job that lets the model draft the outline of a project from its brief.

The outline replaces what was there only when it is whole; until then nothing of the project is
touched, so a killed outline job has nothing to resume and simply starts anew. Called by
`engine.jobs.writer` with a `Desk`.
"""

from __future__ import annotations

import time

from engine.drafting.settings import DraftSettings
from engine.jobs.desk import Desk, Outcome
from engine.jobs.progress import OutlineParams, OutlineResult, Progress
from engine.planning.brief import Brief
from engine.planning.outline_draft import draft_outline
from engine.planning.outline_text import OutlineItem
from engine.planning.quotas import SectionLimits
from engine.store import outline, projects


class _Left(Exception):
    """The person asked for a pause or a stop while the outline was being made."""


def run(desk: Desk) -> Outcome:
    """Draft and store the outline. Raises `LongwrightError` for what the writer must be told."""
    params = OutlineParams.model_validate(desk.job.params)
    settings = DraftSettings.model_validate(params.settings)
    project = projects.get(desk.library, desk.job.project_id)
    desk.beat.progress = lambda: Progress(phase="loading", words_target=project.goal_words)
    # Tuned models learned to write prose; an outline is another task, and the base's.
    backend = desk.model(settings.model, settings.parallel, None, None, settings.context)
    desk.beat.progress = lambda: Progress(phase="planning", words_target=project.goal_words)
    started = time.monotonic()

    def on_text(_text: str) -> None:
        if desk.beat.should_stop():
            raise _Left

    try:
        items = draft_outline(
            backend,
            Brief.model_validate(project.brief),
            project.goal_words,
            SectionLimits.for_context(backend.info.context, backend.info.parameters),
            settings.seed,
            on_text=on_text,
        )
    except _Left:
        return Outcome("stopped" if desk.beat.asked == "stop" else "paused")
    outline.replace(desk.library, project.id, items)
    result = OutlineResult(
        model=backend.info.name,
        sections=sum(_leaf_count(item) for item in items),
        words_target=project.goal_words,
        seconds=round(time.monotonic() - started, 3),
    )
    return Outcome("done", result.model_dump(mode="json"))


def _leaf_count(item: OutlineItem) -> int:
    return sum(_leaf_count(child) for child in item.children) if item.children else 1
