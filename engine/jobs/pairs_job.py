"""A job that writes pairs to be compared: two texts for each request, kept as questions to the writer.

A pair is stored when both of its texts are there; what a stop or a kill interrupts is written anew when the
job goes on, from the request that its progress names. Called by `engine.jobs.writer` with a `Desk`.
"""

from __future__ import annotations

import time
from typing import Any

from engine.backends.protocol import Backend
from engine.backends.tuning import choice
from engine.drafting.alone import draft_alone, pack_alone, seed_of_text
from engine.drafting.settings import DraftSettings
from engine.errors import PromptTooLong
from engine.jobs.desk import Desk, Left, Outcome
from engine.jobs.progress import PairRequest, PairsParams, Progress
from engine.store import questions

SEED_STRIDE = 1000
"""Requests draw their seeds this far apart, so that no two pairs of one job share one."""


def run(desk: Desk) -> Outcome:
    """Write the pairs that are still missing. Raises `LongwrightError` for what the writer must be told."""
    params = PairsParams.model_validate(desk.job.params)
    settings = DraftSettings.model_validate(params.settings)
    before = Progress.model_validate(desk.job.progress or {})
    desk.beat.progress = lambda: before.model_copy(update={"phase": "loading", "message": ""})
    parallel = max(2, settings.parallel)
    backend = desk.model(
        settings.model, parallel, choice(settings.adapter), settings.adapter_scale, settings.context
    )
    pairs = _Pairs(desk, settings, backend, params, before)
    desk.beat.progress = pairs.progress
    try:
        pairs.write()
    except Left:
        return desk.left()
    return Outcome("done", {"pairs": len(params.requests), "words": pairs.words})


class _Pairs:
    """One run of one job with its loaded model."""

    def __init__(
        self, desk: Desk, settings: DraftSettings, backend: Backend, params: PairsParams, before: Progress
    ) -> None:
        self._desk, self._settings, self._backend = desk, settings, backend
        self._requests = params.requests
        self._done = before.sections_done
        self._seconds = before.seconds
        self._began = time.monotonic()
        self.words = before.words

    def write(self) -> None:
        """Write every pair that is not there yet."""
        while self._done < len(self._requests):
            self._desk.leave_if_asked()
            self._write_pair(self._requests[self._done], self._done)
            self._done += 1

    def progress(self) -> Progress:
        """How far the job is; called by the beat."""
        count = len(self._requests)
        return Progress(
            phase="writing",
            message=f"Writing pairs for you to compare: {min(self._done + 1, count)} of {count}",
            words=self.words,
            words_target=2 * sum(request.words for request in self._requests),
            sections_done=self._done,
            sections_total=count,
            seconds=round(self._seconds + time.monotonic() - self._began, 3),
        )

    def _write_pair(self, request: PairRequest, place: int) -> None:
        settings = self._settings.model_copy(
            update={"seed": seed_of_text(self._settings, SEED_STRIDE * (place + 1))}
        )
        try:
            first, second = draft_alone(
                self._backend,
                request.text,
                request.words,
                2,
                settings,
                look_up=self._desk.leave_if_asked,
                language=request.language,
            )
        except PromptTooLong:
            return  # this request alone: the others may well fit the model
        self.words += first.words + second.words
        if first.text.strip() and second.text.strip() and first.text != second.text:
            self._keep(request, settings, first.text, second.text)

    def _keep(self, request: PairRequest, settings: DraftSettings, first: str, second: str) -> None:
        pack = pack_alone(self._backend, request.text, request.words, request.language, settings)
        questions.add(
            self._desk.library,
            project_id=self._desk.job.project_id if request.node_id else None,
            node_id=request.node_id,
            prompt=request.text,
            messages=pack.as_json()["messages"],
            text_a=first,
            text_b=second,
            seed_a=settings.seed,
            seed_b=seed_of_text(settings, 1),
            source=request.source,
            **_made_by(self._backend, settings),
        )


def _made_by(backend: Backend, settings: DraftSettings) -> dict[str, Any]:
    """The model, the tuned one over it, and how it was asked."""
    tuning = backend.info.tuning
    return {
        "model": backend.info.name,
        "adapter": tuning.name if tuning else None,
        "adapter_scale": tuning.scale if tuning else None,
        "sampling": settings.model_dump(mode="json"),
    }
