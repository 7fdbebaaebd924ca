"""LongBench-Write's questions as books that the engine drafts, in memory.

Each is planned and drafted as a project is: brief, outline, sections with what was written before them.
Called by `length`. Knows nothing of the library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from engine.backends.protocol import Backend
from engine.drafting.book import BookTask
from engine.drafting.ledger import RepetitionLedger
from engine.drafting.memory_sink import MemorySink
from engine.drafting.prompt_pack import PromptPack, build
from engine.drafting.prompt_parts import OutlineRow
from engine.drafting.settings import DraftSettings
from engine.drafting.summary import last_words, summarise
from engine.drafting.task import SectionOutcome, SectionTask
from engine.planning.brief import Brief, read_brief, title_of
from engine.planning.outline_draft import draft_outline
from engine.planning.outline_text import OutlineItem
from engine.planning.quotas import SectionLimits, assign
from trainer.evaluation.longbench import Question

OnBook = Callable[[int, str, Sequence[SectionOutcome]], None]
"""Gets the question's index, its text, and what came of each section."""


class _Manuscript:
    """A row's sections in memory: outline, texts so far, and the prompts that follow from them."""

    def __init__(
        self, backend: Backend, brief: Brief, rows: Sequence[OutlineRow], settings: DraftSettings
    ) -> None:
        self.ledger = RepetitionLedger()
        self.leaves = [row for row in rows if row.is_leaf]
        self.outcomes: dict[str, SectionOutcome] = {}
        self._backend, self._brief, self._rows, self._settings = backend, brief, rows, settings

    def tasks(self) -> list[SectionTask]:
        """One for each leaf."""
        return [
            SectionTask(row.key, row.title, row.beat, row.target_words, place, partial(self._prompt, place))
            for place, row in enumerate(self.leaves)
        ]

    def _prompt(self, place: int) -> PromptPack:
        told = [row for row in self.leaves[:place] if row.key in self.outcomes]
        before = self.outcomes.get(self.leaves[place - 1].key) if place else None
        return build(
            self._backend,
            brief=self._brief,
            outline=self._rows,
            key=self.leaves[place].key,
            settings=self._settings,
            ledger=self.ledger,
            summaries=[f"{row.title}: {summarise(self.outcomes[row.key].text)}" for row in told],
            last_words=last_words(before.text) if before else "",
        )


def book_of(
    backend: Backend,
    index: int,
    question: Question,
    settings: DraftSettings,
    finished: OnBook,
) -> BookTask:
    """The question planned as a project is, to be drafted; `finished` gets the whole text."""
    brief = read_brief(question.prompt, goal_words=question.length)
    limits = SectionLimits.for_context(backend.info.context, backend.info.parameters)
    own = settings.model_copy(update={"seed": settings.seed + index})
    rows = list(_outline_rows(_plan(backend, brief, question.length, limits, own.seed)))
    manuscript = _Manuscript(backend, brief, rows, own)

    def sealed(task: SectionTask, outcome: SectionOutcome) -> None:
        manuscript.outcomes[task.key] = outcome
        if len(manuscript.outcomes) == len(manuscript.leaves):
            ordered = [manuscript.outcomes[row.key] for row in manuscript.leaves]
            finished(index, "\n\n".join(each.text for each in ordered), ordered)

    return BookTask(
        manuscript.tasks(),
        MemorySink(sealed),
        own,
        manuscript.ledger,
        kind=brief.kind,
        language=brief.language,
    )


def _plan(backend: Backend, brief: Brief, goal: int, limits: SectionLimits, seed: int) -> list[OutlineItem]:
    """One section for a short text, the model's own outline for a long one, as in a project."""
    if goal <= limits.most:
        return assign([OutlineItem(title_of(brief))], goal, limits, brief.language)
    return draft_outline(backend, brief, goal, limits, seed)


def _outline_rows(items: Sequence[OutlineItem], depth: int = 0, above: str = "") -> Iterator[OutlineRow]:
    for place, item in enumerate(items, 1):
        number = f"{above}{place}"
        yield OutlineRow(number, number, item.title, item.beat, depth, item.target or 0, not item.children)
        yield from _outline_rows(item.children, depth + 1, f"{number}.")
