"""Does the length asked for come out? LongBench-Write's S_l, for the engine and for the bare model.

Reads the benchmark's own format (one JSON object a line: `prompt`, `type`, `length`), plans and drafts
every row through the engine as a project does, all rows in one batch, and beside it asks the bare
model once per row. The score and the counter are the benchmark's own, not ours:

    S_l = 100 max(0, 1 - (got/asked - 1)/3)  if got > asked, else 100 max(0, 1 - (asked/got - 1)/2)

(THUDM/LongWriter, evaluation/eval_length.py and pred.py). No constant is tuned on these rows.
Called by `app.commands.evaluate`. Knows nothing of the library.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any

from engine.backends.protocol import Backend, Finished, Message, Request, Sampling, Token
from engine.drafting.book import BookTask, draft_books
from engine.drafting.ledger import RepetitionLedger
from engine.drafting.memory_sink import MemorySink
from engine.drafting.prompt_pack import PromptPack, build, tokens_for_words
from engine.drafting.prompt_parts import OutlineRow
from engine.drafting.settings import DraftSettings
from engine.drafting.summary import last_words, summarise
from engine.drafting.task import SectionOutcome, SectionTask
from engine.errors import BadInput
from engine.planning.brief import Brief, guess_language, read_brief, title_of
from engine.planning.outline_draft import draft_outline
from engine.planning.outline_text import OutlineItem
from engine.planning.quotas import SectionLimits, assign
from engine.text.repetition import measure

GROUPS = (("<500", 0, 500), ("500-2k", 500, 2000), ("2k-4k", 2000, 4000), (">=4k", 4000, 10**9))
HOPELESS = 4
"""Times the length asked for: from there on S_l is 0."""
_BENCHMARK_WORD = re.compile(r"[\u4e00-\u9fff]|\b[a-zA-Z]+\b")

OnRow = Callable[["Row"], None]


@dataclass(frozen=True)
class Question:
    """One row of the benchmark; `length` in its own words."""

    prompt: str
    type: str
    length: int


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


def read_questions(path: Path, limit: int | None = None) -> list[Question]:
    """The rows of a LongBench-Write file. Raises `BadInput` when it is none."""
    try:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        rows = [json.loads(line) for line in lines]
        questions = [Question(row["prompt"], row.get("type", ""), int(row["length"])) for row in rows]
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path.name} cannot be read as text: {error}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            f"{path.name} is not in LongBench-Write's format: each line must be a JSON object with "
            "prompt, type and length."
        ) from error
    if not questions:
        raise BadInput(f"{path.name} holds no questions.")
    return questions[:limit]


def benchmark_words(text: str) -> int:
    """The benchmark's own count: Chinese characters and runs of Latin letters."""
    return len(_BENCHMARK_WORD.findall(text))


def length_score(asked: int, got: int) -> float:
    """S_l of one answer, 0 to 100; 0 for an empty one (the reference code divides by zero)."""
    if got == 0:
        return 0.0
    if got > asked:
        return 100 * max(0.0, 1 - (got / asked - 1) / 3)
    return 100 * max(0.0, 1 - (asked / got - 1) / 2)


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

    books = [_book(backend, index, question, settings, finished) for index, question in enumerate(questions)]
    draft_books(backend, books, settings.parallel)
    report.rows.sort(key=lambda row: row.index)
    for index, text in bare_answers(backend, questions, settings):
        row = rows[index]
        row.words_bare = benchmark_words(text)
        row.S_l_bare = length_score(row.asked, row.words_bare)
        tell(row)
    return report


def bare_answers(
    backend: Backend, questions: Sequence[Question], settings: DraftSettings
) -> Iterator[tuple[int, str]]:
    """`(index, answer)` of the bare model, one prompt a question, as each is done; one that has become so
    long that nothing can save its score is heard no further."""
    texts = [""] * len(questions)
    requests = [
        Request(
            id=str(index),
            messages=(Message("user", question.prompt),),
            max_tokens=_most_bare_tokens(backend, question),
            sampling=Sampling(seed=settings.seed + index),
        )
        for index, question in enumerate(questions)
    ]
    stream = backend.stream(requests)
    try:
        for event in stream:
            if isinstance(event, Token):
                index = int(event.request_id)
                texts[index] += event.text
                if benchmark_words(texts[index]) > HOPELESS * questions[index].length:
                    stream.cancel(event.request_id)
            elif isinstance(event, Finished):
                yield int(event.request_id), texts[int(event.request_id)]
    finally:
        stream.close()


def _most_bare_tokens(backend: Backend, question: Question) -> int:
    """Room for somewhat more than what is heard of an answer."""
    language = guess_language(question.prompt)
    return min(backend.info.context, tokens_for_words(backend, (HOPELESS + 1) * question.length, language))


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


def _book(
    backend: Backend,
    index: int,
    question: Question,
    settings: DraftSettings,
    finished: Callable[[int, str, Sequence[SectionOutcome]], None],
) -> BookTask:
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
