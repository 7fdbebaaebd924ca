"""The store-backed `Sink` of the drafting room: every token of every section goes to the library.

Text waits at most one beat (`engine.jobs.beat`). A section that ends because the person asked for a
stop is sealed as "stopped"; one that ends for a pause, or because the process leaves, stays open
and is written on later. A section that was locked or removed while it was being written keeps what
it had: the new text stays beside it. Knows nothing of prompts. Made by `engine.jobs.draft_job`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.backends.protocol import ModelInfo
from engine.drafting.prompt_pack import PromptPack
from engine.drafting.settings import DraftSettings
from engine.drafting.task import Channel, SectionOutcome, SectionTask
from engine.errors import BadInput, NodeLocked, NotFound
from engine.jobs.beat import Beat
from engine.jobs.progress import Progress, SectionResult
from engine.jobs.worklist import Piece, Worklist
from engine.store import outline, versions
from engine.store.library import Library
from engine.store.schema import Job
from engine.text.counting import WordCounter, count_words


@dataclass
class _Growing:
    """A section in flight: its version and its words so far."""

    version_id: str
    text: str
    counter: WordCounter = field(init=False)

    def __post_init__(self) -> None:
        self.counter = WordCounter(self.text)

    def grow(self, delta: str) -> None:
        self.text += delta
        self.counter.feed(delta)

    def shrink(self, tail: str) -> None:
        self.text = self.text[: len(self.text) - len(tail)]
        self.counter = WordCounter(self.text)


class OutlineChanged(Exception):
    """A section was locked, removed or given sections of its own before it was begun."""


class Pace:
    """Words a minute and time left, measured over what this run wrote."""

    def __init__(self) -> None:
        self._started: float | None = None
        self._words = 0

    def start(self, words: int) -> None:
        """Writing begins with `words` words there already."""
        self._started, self._words = time.monotonic(), words

    @property
    def seconds(self) -> float:
        """Seconds since `start`, 0 before."""
        return 0.0 if self._started is None else time.monotonic() - self._started

    def per_minute(self, words: int) -> float:
        """Words a minute since `start`, now that there are `words`."""
        return 60.0 * max(0, words - self._words) / self.seconds if self.seconds > 1.0 else 0.0


class StoreSink:
    """`engine.drafting.task.Sink` over one job's worklist.

    `before` is the job's progress when this run began: its seconds and tokens are added to. `told`
    is called with a piece and its text when a section is sealed, so that the prompts of later
    sections can tell of it.
    """

    def __init__(
        self,
        library: Library,
        job: Job,
        beat: Beat,
        worklist: Worklist,
        settings: DraftSettings,
        info: ModelInfo,
        before: Progress,
        told: Callable[[Piece, str], None],
    ) -> None:
        self._library, self._job, self._beat = library, job, beat
        self._model, self._told = info.name, told
        self._sampling = _as_written(settings, info)
        self._pieces = {piece.key: piece for piece in worklist.pieces}
        self._growing: dict[str, _Growing] = {}
        self._before = before
        self._waiting_words = {piece.key: count_words(piece.prefix_text) for piece in worklist.pieces}
        self._target = worklist.target_words
        self._tokens = 0
        self.done: list[SectionResult] = list(worklist.done)
        self.pace = Pace()
        self.pace.start(self._words())

    def opened(self, task: SectionTask, pack: PromptPack, seed: int) -> None:
        """A section starts: its version is opened, or the one that waits for it is taken up. One that the
        writer has written in meanwhile is looked at anew: it may want no draft any more."""
        piece = self._pieces[task.key]
        with self._beat.lock:
            self._beat.commit()
            if piece.origin == "draft" and self._current(piece.node_id) != piece.current_id:
                raise OutlineChanged
            for version_id in piece.abandoned:
                self._seal_as_it_is(version_id)
            try:
                version_id = self._take_up(piece, pack) or self._open(piece, pack, seed)
            except (NodeLocked, NotFound, BadInput) as error:
                raise OutlineChanged from error
            self._growing[task.key] = _Growing(version_id, piece.prefix_text)
            self._waiting_words.pop(task.key)

    def wrote(self, task: SectionTask, channel: Channel, text: str) -> None:
        """A piece of text or of thinking, as it came."""
        with self._beat.lock:
            growing = self._growing[task.key]
            self._beat.add(growing.version_id, channel, text)
            if channel == "text":
                growing.grow(text)

    def cut(self, task: SectionTask, text: str) -> None:
        """The end of the text was taken back."""
        with self._beat.lock:
            growing = self._growing[task.key]
            self._beat.add(growing.version_id, "cut", text)
            growing.shrink(text)

    def sealed(self, task: SectionTask, outcome: SectionOutcome) -> None:
        """A section ended; only a pause leaves its version open."""
        piece = self._pieces[task.key]
        with self._beat.lock:
            self._beat.commit()
            self._tokens += outcome.generated_tokens
            if outcome.finish == "stopped" and self._beat.asked != "stop":
                return
            growing = self._growing.pop(task.key)
            versions.seal(
                self._library,
                growing.version_id,
                finish=outcome.finish,
                words=outcome.words,
                keep_current=piece.origin == "variant",
            )
            self.done.append(
                SectionResult(
                    node_id=piece.node_id,
                    version_id=growing.version_id,
                    title=piece.title,
                    words_target=outcome.target_words,
                    words=outcome.words,
                    finish=outcome.finish,
                )
            )
        self._told(piece, outcome.text)

    def should_stop(self) -> bool:
        """Whether the person asked for a pause or a stop; raises what storing the text raised."""
        return self._beat.should_stop()

    def progress(self) -> Progress:
        """How far the job is; called by the beat."""
        with self._beat.lock:
            words = self._words()
            pace = self.pace.per_minute(words)
            left = max(0, self._target - words)
            return Progress(
                words=words,
                words_target=self._target,
                sections_done=len(self.done),
                sections_total=len(self.done) + len(self._growing) + len(self._waiting_words),
                words_per_minute=round(pace, 1),
                eta_seconds=round(60.0 * left / pace, 1) if pace else None,
                current=tuple(self._pieces[key].node_id for key in self._growing),
                phase="writing",
                seconds=round(self._before.seconds + self.pace.seconds, 3),
                generated_tokens=self._before.generated_tokens + self._tokens,
            )

    def _words(self) -> int:
        growing = sum(section.counter.words for section in self._growing.values())
        return sum(section.words for section in self.done) + growing + sum(self._waiting_words.values())

    def _take_up(self, piece: Piece, pack: PromptPack) -> str | None:
        """The version that waits for this piece, if any. What the model sees now may be another prompt than
        when it was opened: brief and notes can be changed in a pause."""
        if piece.open_version_id is not None:
            versions.take_up(
                self._library, piece.open_version_id, self._model, self._sampling, pack.as_json()
            )
        return piece.open_version_id

    def _current(self, node_id: str) -> str | None:
        try:
            return outline.get(self._library, node_id).version_id
        except NotFound as error:
            raise OutlineChanged from error

    def _open(self, piece: Piece, pack: PromptPack, seed: int) -> str:
        version = versions.open_draft(
            self._library,
            piece.node_id,
            origin=piece.origin,
            model=self._model,
            seed=seed,
            sampling=self._sampling,
            prompt=pack.as_json(),
            job_id=self._job.id,
            parent_id=piece.parent_id,
            prefix_text=piece.prefix_text,
            prefix_think=piece.prefix_think,
        )
        return version.id

    def _seal_as_it_is(self, version_id: str) -> None:
        text = versions.text_of(self._library, version_id).text
        versions.seal(self._library, version_id, finish="stopped", words=count_words(text), keep_current=True)


def _as_written(settings: DraftSettings, info: ModelInfo) -> dict[str, Any]:
    """The settings for `Version.sampling`, with the tuned model that really wrote (None: the base alone)."""
    tuning = info.tuning
    told = {"adapter": tuning.name if tuning else None, "adapter_scale": tuning.scale if tuning else None}
    return settings.model_dump(mode="json") | told


def first_unfinished(sections: Sequence[SectionResult]) -> str:
    """The finish of a whole job: `complete`, or the first thing that a section is instead."""
    return next((section.finish for section in sections if section.finish != "complete"), "complete")
