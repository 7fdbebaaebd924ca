"""A job that lets the model draft the outline of a project from its brief.

The outline replaces what was there only when it is whole; until then nothing of the project is
touched, so a killed outline job has nothing to resume and simply starts anew. An outline that the
writer changed since the job was asked for is not replaced. Called by `engine.jobs.writer` with a `Desk`.
"""

from __future__ import annotations

import time

from engine.backends.protocol import Backend
from engine.drafting.settings import DraftSettings
from engine.jobs.desk import Desk, Left, Outcome
from engine.jobs.progress import OutlineParams, OutlineResult, Progress
from engine.planning.brief import Brief
from engine.planning.outline_draft import draft_outline
from engine.planning.outline_text import OutlineItem
from engine.planning.quotas import SectionLimits
from engine.store import outline, projects
from engine.store.schema import Project


def run(desk: Desk) -> Outcome:
    """Draft and store the outline. Raises `LongwrightError` for what the writer must be told."""
    params = OutlineParams.model_validate(desk.job.params)
    settings = DraftSettings.model_validate(params.settings)
    project = projects.get(desk.library, desk.job.project_id)
    # Here for a job that is resumed, so that nobody waits for an outline that will be refused.
    outline.refuse_replace(desk.library, project.id, params.instead_of)
    desk.beat.progress = lambda: Progress(phase="loading", words_target=project.goal_words)
    # Tuned models learned to write prose; an outline is another task, and the base's.
    backend = desk.model(settings.model, settings.parallel, None, None, settings.context)
    desk.beat.progress = lambda: Progress(phase="planning", words_target=project.goal_words)
    started = time.monotonic()
    try:
        items = _draft(desk, project, backend, settings.seed)
    except Left:
        return desk.left()
    outline.replace(desk.library, project.id, items, instead_of=params.instead_of)
    result = OutlineResult(
        model=backend.info.name,
        sections=sum(_leaf_count(item) for item in items),
        words_target=project.goal_words,
        seconds=round(time.monotonic() - started, 3),
    )
    return Outcome("done", result.model_dump(mode="json"))


def _draft(desk: Desk, project: Project, backend: Backend, seed: int) -> list[OutlineItem]:
    """What the model makes of the brief. Raises `Left` when the person asks for a rest."""
    brief = Brief.model_validate(project.brief)
    limits = SectionLimits.for_context(backend.info.context, backend.info.parameters)
    return draft_outline(backend, brief, project.goal_words, limits, seed, desk.leave_if_asked)


def _leaf_count(item: OutlineItem) -> int:
    return sum(_leaf_count(child) for child in item.children) if item.children else 1
