"""In which order waiting questions are put: where the writer's answer teaches the most comes first.

Texts of about the same length first: a choice between a short and a long text mostly tells about length. Then
those where the reward model is least sure, by the size of its margin beside its own spread; questions
that it has not looked at yet come behind them, in the order they were made. Every tenth question asks an
earlier one again with the sides swapped, which measures how far the writer agrees with the writer.
Pure functions and the store; the reward model looks at the questions elsewhere
(`trainer.preferences.taste`). Called by the Compare page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.store import feedback, questions
from engine.store.library import Library
from engine.store.schema import Feedback, Question

MATCHED = 0.1
"""Texts whose lengths differ by this share of the longer one at most count as equally long."""
REPEAT_EVERY = 10
REST_BETWEEN = 5
"""Answers between a question and its repetition, so that it is not answered from memory."""


@dataclass(frozen=True)
class Margin:
    """By how much the reward model likes the one text better (log-odds), and the spread of that."""

    mean: float
    spread: float

    @property
    def doubt(self) -> float:
        """Small where the model does not know; the questions with the smallest come first."""
        return abs(self.mean) / max(self.spread, 1e-6)


def order(waiting: Iterable[Question], margins: Mapping[str, Margin]) -> list[Question]:
    """The questions, the one to be put next first."""

    def place(question: Question) -> tuple[bool, bool, bool, float, float]:
        margin = margins.get(question.id)
        return (
            question.repeat_of is None,
            not length_matched(question.words_a, question.words_b),
            margin is None,
            margin.doubt if margin else 0.0,
            question.created_at,
        )

    return sorted(waiting, key=place)


def length_matched(first: int, second: int) -> bool:
    """Whether two texts of so many words are about equally long."""
    return abs(first - second) <= MATCHED * max(first, second)


def ask_again(library: Library, project_id: str | None = None) -> Question | None:
    """Make the repetition that is due, if one is: a tenth of all answers. None when none is due, one
    waits already, or no answer is old enough."""
    answers = [row for row in feedback.all(library, project_id, kind="ab") if row.choice != "skip"]
    again = questions.repeated(library)
    first_time = [row for row in answers if row.repeat_of is None]
    repeats = sum(row.id in again for row in first_time)
    if len(first_time) < (REPEAT_EVERY - 1) * (repeats + 1):
        return None
    old = [row for row in first_time[REST_BETWEEN:] if row.id not in again and row.text_b]
    return _swapped(library, old[-1]) if old else None


def _swapped(library: Library, row: Feedback) -> Question:
    """The same question with the sides changed; one whose sides nobody knows gets any."""
    kept = row.model_dump(
        include={
            "project_id", "node_id", "version_a_id", "version_b_id", "model", "adapter", "adapter_scale",
            "seed_a", "seed_b", "sampling", "prompt", "messages", "text_a", "text_b",
        }
    )  # fmt: skip
    swapped = {"a": "b", "b": "a"}.get(row.shown_left or "", "")
    return questions.add(library, **kept, shown_left=swapped, repeat_of=row.id, source="asked again")
