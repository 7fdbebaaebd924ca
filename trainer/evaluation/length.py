"""Does the length asked for come out? LongBench-Write's S_l, for the engine and for the bare model.

Plans and drafts every row through the engine as a project does, all rows in one batch, and beside it asks
the bare model once per row. No constant is tuned on these rows. Called by `app.commands.evaluate`. Knows
nothing of the library.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import mean
from typing import Any

from engine.backends.protocol import Backend
from engine.drafting.book import draft_books
from engine.drafting.settings import DraftSettings
from engine.drafting.task import SectionOutcome
from engine.text.repetition import measure
from trainer.evaluation.bare import bare_answers
from trainer.evaluation.length_books import book_of
from trainer.evaluation.longbench import Question, benchmark_words, length_score

GROUPS = (("<500", 0, 500), ("500-2k", 500, 2000), ("2k-4k", 2000, 4000), (">=4k", 4000, 10**9))

OnRow = Callable[["Row"], None]


@dataclass
class Row:
    """What came of one question. `words*` by the benchmark's counter, `S_l*` from 0 to 100."""

    index: int
    type: str
    asked: int
    words: int = 0
    S_l: float = 0.0
    finish: str = ""
    sections: int = 0
    duplicate_sentence_share: float = 0.0
    distinct_4grams: float = 1.0
    words_bare: int | None = None
    S_l_bare: float | None = None


@dataclass
class LengthReport:
    """All rows and their means; `S_l_bare` is None until the bare model was asked."""

    model: str
    rows: list[Row] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The object that `longwright eval length --json` prints."""
        return {
            "model": self.model,
            **_means(self.rows),
            "groups": {
                name: _means(chosen)
                for name, low, high in GROUPS
                if (chosen := [row for row in self.rows if low <= row.asked < high])
            },
            "rows": [asdict(row) for row in self.rows],
        }


def evaluate(
    backend: Backend, questions: Sequence[Question], settings: DraftSettings, on_row: OnRow | None = None
) -> LengthReport:
    """Draft every question with the engine, then ask the bare model; `on_row` after each result."""
    report = LengthReport(backend.info.name)
    rows = [Row(index, question.type, question.length) for index, question in enumerate(questions)]
    tell = on_row or _say_nothing

    def finished(index: int, text: str, outcomes: Sequence[SectionOutcome]) -> None:
        _fill(rows[index], text, outcomes)
        report.rows.append(rows[index])
        tell(rows[index])

    books = [
        book_of(backend, index, question, settings, finished) for index, question in enumerate(questions)
    ]
    draft_books(backend, books, settings.parallel)
    report.rows.sort(key=lambda row: row.index)
    for index, text in bare_answers(backend, questions, settings):
        row = rows[index]
        row.words_bare = benchmark_words(text)
        row.S_l_bare = length_score(row.asked, row.words_bare)
        tell(row)
    return report


def _fill(row: Row, text: str, outcomes: Sequence[SectionOutcome]) -> None:
    row.words = benchmark_words(text)
    row.S_l = length_score(row.asked, row.words)
    row.sections = len(outcomes)
    row.finish = next((outcome.finish for outcome in outcomes if outcome.finish != "complete"), "complete")
    repetition = measure(text)
    row.duplicate_sentence_share = repetition.duplicate_sentence_share
    row.distinct_4grams = repetition.distinct_4grams


def _means(rows: Sequence[Row]) -> dict[str, Any]:
    bare = [row.S_l_bare for row in rows if row.S_l_bare is not None]
    return {
        "count": len(rows),
        "S_l": round(mean(row.S_l for row in rows), 2) if rows else None,
        "S_l_bare": round(mean(bare), 2) if bare else None,
    }


def _say_nothing(row: Row) -> None:
    """Where nobody wants to hear of single rows."""
