"""Many sections, one batch: the loop between a backend's stream and the sections that feed on it.

`draft_books` writes several manuscripts in one stream (variants, a benchmark's rows); `draft_book`
is the one of them that most callers want. Sections start in reading order, at most `parallel` at
once; the words that one is short of or over go into the book's pot and are taken up by those still
being written. Called by `engine.jobs` and `trainer.evaluation.length_books`. It knows no store: text goes
to the `Sink`, and an error of the sink or of the backend ends the draft and is passed on.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.backends.protocol import Backend, Finished, Request, Stream, Token
from engine.drafting.ledger import RepetitionLedger
from engine.drafting.length_control import WordPot
from engine.drafting.section import SectionDraft, Step, Surroundings
from engine.drafting.settings import DraftSettings
from engine.drafting.task import BookOutcome, Finish, SectionOutcome, SectionTask, Sink

WHOLE_WITHIN = 0.012
"""How near the last section brings the whole book to its goal, where sentences allow it."""
SECONDS_BETWEEN_QUESTIONS = 0.1


@dataclass
class BookTask:
    """One manuscript to be written by `draft_books`.

    `carry_words`: words that sections finished earlier are short of (positive) or over (negative).
    `goal_words`: of the whole book, finished sections included; None: the sum of the tasks.
    """

    tasks: Sequence[SectionTask]
    sink: Sink
    settings: DraftSettings
    ledger: RepetitionLedger
    kind: str = "other"
    language: str = "en"
    carry_words: int = 0
    goal_words: int | None = None
    outcomes: dict[str, SectionOutcome] = field(default_factory=dict)


def draft_book(
    backend: Backend,
    tasks: Sequence[SectionTask],
    sink: Sink,
    settings: DraftSettings,
    ledger: RepetitionLedger,
    *,
    kind: str = "other",
    language: str = "en",
    carry_words: int = 0,
    goal_words: int | None = None,
) -> BookOutcome:
    """Draft `tasks` in order, `settings.parallel` at once, in one stream. See `BookTask`.

    A section that cannot be written well is an outcome, not an error. Raises PromptTooLong from a
    task's prompt, the backend's errors, and whatever the sink raises.
    """
    book = BookTask(tasks, sink, settings, ledger, kind, language, carry_words, goal_words)
    return draft_books(backend, [book], settings.parallel)[0]


def draft_books(backend: Backend, books: Sequence[BookTask], parallel: int) -> list[BookOutcome]:
    """Draft several books in one stream, `parallel` sections at once over all of them.

    Sections start book by book. One sink's `should_stop` stops its own book only.
    """
    began = time.monotonic()
    writing = [_Book(backend, book, f"{number}") for number, book in enumerate(books)]
    _Press(backend, writing, parallel).run()
    return [book.outcome(time.monotonic() - began) for book in writing]


class _Book:
    """A book's waiting tasks, running sections and pot."""

    def __init__(self, backend: Backend, book: BookTask, name: str) -> None:
        self.book = book
        self.waiting = list(reversed(book.tasks))
        self.running: set[str] = set()
        self._name = name
        self._started = 0
        self._around = Surroundings(
            backend=backend,
            ledger=book.ledger,
            sink=book.sink,
            pot=WordPot(book.carry_words),
            sampling=book.settings.sampling_for(book.kind),
            kind=book.kind,
            language=book.language,
            seed=book.settings.seed,
            think_tokens=book.settings.plan_tokens(backend.info),
            tight=self._tight,
        )
        self._goal = book.goal_words or sum(task.target_words for task in book.tasks)

    def next_section(self) -> SectionDraft | None:
        if not self.waiting:
            return None
        task = self.waiting.pop()
        self.running.add(task.key)
        self._started += 1
        return SectionDraft(task, self._around, f"{self._name}.{self._started}")

    def seal(self, section: SectionDraft, outcome: SectionOutcome) -> None:
        self.running.discard(section.task.key)
        self.book.outcomes[section.task.key] = outcome
        self.book.sink.sealed(section.task, outcome)

    def outcome(self, seconds: float) -> BookOutcome:
        tasks = self.book.tasks
        done = {task.key: self.book.outcomes[task.key] for task in tasks if task.key in self.book.outcomes}
        finish: Finish = "complete" if len(done) == len(tasks) else "stopped"
        others = [outcome.finish for outcome in done.values() if outcome.finish != "complete"]
        return BookOutcome(
            sections=done,
            words=sum(outcome.words for outcome in done.values()),
            target_words=sum(task.target_words for task in tasks),
            finish=others[0] if others else finish,
            seconds=seconds,
            generated_tokens=sum(outcome.generated_tokens for outcome in done.values()),
        )

    def _tight(self) -> int | None:
        """How closely the last running sections must end, in words; several share the allowance."""
        if self.waiting:
            return None
        return max(2, int(self._goal * WHOLE_WITHIN / math.sqrt(max(1, len(self.running)))))


class _Press:
    """Runs the stream: events go to their section, its steps go back into the stream."""

    def __init__(self, backend: Backend, books: Sequence[_Book], parallel: int) -> None:
        self._backend = backend
        self._books = books
        self._parallel = parallel
        self._running: dict[str, tuple[_Book, SectionDraft]] = {}
        self._stream: Stream | None = None
        self._asked = 0.0

    def run(self) -> None:
        first = list(self._fill())
        while first:
            self._stream = self._backend.stream(first, self._ask_whether_to_stop)
            try:
                for event in self._stream:
                    self._handle(event)
                    self._ask_whether_to_stop()
            finally:
                self._stream.close()
                self._stream = None
            first = list(self._fill())

    def _handle(self, event: Token | Finished) -> None:
        entry = self._running.get(event.request_id)
        if entry is None:
            return  # a token of a request that was cancelled
        book, section = entry
        ended = isinstance(event, Finished)
        step = section.ended() if isinstance(event, Finished) else section.take(event)
        if step.request is None and step.outcome is None:
            return
        del self._running[event.request_id]
        assert self._stream is not None
        if not ended:
            self._stream.cancel(event.request_id)
        self._follow(book, section, step)

    def _follow(self, book: _Book, section: SectionDraft, step: Step) -> None:
        assert self._stream is not None
        if step.outcome is not None:
            book.seal(section, step.outcome)
            for request in self._fill():
                self._stream.add(request)
        elif step.request is not None:
            self._running[step.request.id] = (book, section)
            self._stream.add(step.request)

    def _fill(self) -> list[Request]:
        """Start waiting sections while there is room; their first requests."""
        requests: list[Request] = []
        for book in self._books:
            while len(self._running) < self._parallel and (section := book.next_section()) is not None:
                step = section.start()
                if step.outcome is not None:
                    book.seal(section, step.outcome)
                elif step.request is not None:
                    self._running[step.request.id] = (book, section)
                    requests.append(step.request)
        return requests

    def _ask_whether_to_stop(self) -> None:
        now = time.monotonic()
        if now - self._asked < SECONDS_BETWEEN_QUESTIONS:
            return
        self._asked = now
        for book in self._books:
            if (book.running or book.waiting) and book.book.sink.should_stop():
                self._stop(book)

    def _stop(self, stopped: _Book) -> None:
        assert self._stream is not None
        stopped.waiting.clear()
        for request_id, (book, section) in list(self._running.items()):
            if book is stopped:
                del self._running[request_id]
                self._stream.cancel(request_id)
                book.seal(section, section.stop())
        for request in self._fill():
            self._stream.add(request)
