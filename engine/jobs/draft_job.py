"""A drafting job from the first to the last of its sections: the glue between store and drafting.

Takes the worklist of the job, gives the drafting room one task a section (whose prompt is built when
the section starts, from what the manuscript says by then), and tells what came out. It owns no
process and no lease. Called by `engine.jobs.writer` with a `Desk`.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.backends.protocol import Backend
from engine.backends.tuning import choice
from engine.drafting.book import BookTask, draft_books
from engine.drafting.ledger import RepetitionLedger
from engine.drafting.settings import DraftSettings
from engine.drafting.silence import gave_no_text
from engine.drafting.task import SectionTask
from engine.jobs.context import ManuscriptSoFar
from engine.jobs.desk import Desk, Outcome
from engine.jobs.progress import DraftParams, DraftResult, Progress, SectionResult
from engine.jobs.sink import OutlineChanged, StoreSink, first_unfinished
from engine.jobs.worklist import Piece, Worklist, draw_up
from engine.planning.brief import Brief
from engine.store import projects
from engine.store.schema import Project
from engine.text.repetition import measure

SLOT_STRIDE = 10_000
"""Variants of one section draw their seeds this far apart, beyond every section of one book."""


def run(desk: Desk) -> Outcome:
    """Draft what the job asks for. Raises `LongwrightError` for what the writer must be told."""
    job = desk.job
    params = DraftParams.model_validate(job.params)
    settings = DraftSettings.model_validate(params.settings)
    if params.mode == "variants":
        settings = settings.model_copy(update={"parallel": max(settings.parallel, params.variants)})
    project = projects.get(desk.library, job.project_id)
    before = Progress.model_validate(job.progress or {})
    desk.beat.progress = lambda: before.model_copy(update={"phase": "loading", "current": ()})
    backend = desk.model(
        settings.model,
        settings.parallel,
        choice(settings.adapter),
        settings.adapter_scale,
        settings.context,
    )
    while True:
        worklist = draw_up(desk.library, project.id, job.id, params)
        drafting = _Drafting(desk, project, settings, backend, worklist, before)
        desk.beat.progress = drafting.sink.progress
        try:
            if not desk.beat.should_stop():
                drafting.write()
        except OutlineChanged:
            # The writer works on the outline while it is being written: go on with what it is now.
            desk.beat.commit()
            before = drafting.sink.progress()
            continue
        return drafting.outcome()


class _Drafting:
    """One run of one drafting job with its loaded model."""

    def __init__(
        self,
        desk: Desk,
        project: Project,
        settings: DraftSettings,
        backend: Backend,
        worklist: Worklist,
        before: Progress,
    ) -> None:
        self._desk, self._project, self._settings = desk, project, settings
        self._backend, self._worklist = backend, worklist
        self._brief = Brief.model_validate(project.brief)
        rewritten = {piece.node_id for piece in worklist.pieces}
        self._so_far = ManuscriptSoFar(desk.library, project.id, without=rewritten)
        self.sink = StoreSink(
            desk.library, desk.job, desk.beat, worklist, settings, backend.info, before, self._tell
        )

    def write(self) -> None:
        """Write every piece of the worklist, until done or asked to stop."""
        draft_books(self._backend, self._books(), self._settings.parallel)

    def _books(self) -> list[BookTask]:
        """The manuscript; or, of variants, one for each, since they are not to know of each other."""
        pieces = self._worklist.pieces
        if not any(piece.origin == "variant" for piece in pieces):
            return [self._book(pieces, self._worklist.carry_words, self._worklist.target_words)]
        slots = sorted({piece.slot for piece in pieces})
        return [self._book([piece for piece in pieces if piece.slot == slot]) for slot in slots]

    def _book(self, pieces: Sequence[Piece], carry_words: int = 0, goal_words: int | None = None) -> BookTask:
        ledger = RepetitionLedger()
        for text in self._so_far.texts():
            ledger.add(text)
        return BookTask(
            [self._task(piece, ledger) for piece in pieces],
            self.sink,
            self._settings,
            ledger,
            kind=self._project.kind,
            language=self._project.language,
            carry_words=carry_words,
            goal_words=goal_words,
        )

    def outcome(self) -> Outcome:
        """The state the job rests in, and what it made so far."""
        beat = self._desk.beat
        beat.commit()
        if beat.asked == "stop":
            state = "stopped"
        elif beat.should_stop():
            return Outcome("paused")
        else:
            state = "done"
            self._refuse_silence()
        return Outcome(state, self._result().model_dump(mode="json"))

    def _refuse_silence(self) -> None:
        """A job without a word in any of its sections has failed; with some of them it is finished, and says
        which have none."""
        done = self.sink.done
        if done and all(section.finish == "empty" for section in done):
            which = f"any of the {len(done)} sections" if len(done) > 1 else f"“{done[0].title}”"
            raise gave_no_text(self._backend.info, f" for {which}")

    def _result(self) -> DraftResult:
        progress = self.sink.progress()
        sections = tuple(sorted(self.sink.done, key=self._reading_order))
        manuscript = ManuscriptSoFar(self._desk.library, self._project.id)
        repetition = measure("\n\n".join(manuscript.texts()))
        tuning = self._backend.info.tuning
        return DraftResult(
            model=self._backend.info.name,
            adapter=tuning.name if tuning else None,
            adapter_scale=tuning.scale if tuning else None,
            takes_seed=self._backend.info.takes_seed,
            words=sum(section.words for section in sections),
            words_target=progress.words_target,
            sections=sections,
            duplicate_sentence_share=repetition.duplicate_sentence_share,
            distinct_4grams=repetition.distinct_4grams,
            finish=first_unfinished(sections) if len(sections) == progress.sections_total else "stopped",
            seconds=progress.seconds,
            generated_tokens=progress.generated_tokens,
            tokens_per_second=round(progress.generated_tokens / progress.seconds, 2)
            if progress.seconds
            else 0.0,
        )

    def _reading_order(self, section: SectionResult) -> int:
        return self._so_far.place(section.node_id)

    def _task(self, piece: Piece, ledger: RepetitionLedger) -> SectionTask:
        return SectionTask(
            key=piece.key,
            title=piece.title,
            beat=piece.beat,
            target_words=piece.target_words,
            ordinal=piece.place + SLOT_STRIDE * piece.slot,
            prompt=lambda: self._so_far.prompt(
                self._backend, self._brief, piece.node_id, self._settings, ledger
            ),
            prefix_text=piece.prefix_text,
            prefix_think=piece.prefix_think,
            kept=piece.kept,
        )

    def _tell(self, piece: Piece, text: str) -> None:
        """Later sections are told of this one; a mere variant is not part of the manuscript."""
        if piece.origin != "variant":
            self._so_far.tell(piece.node_id, text)
