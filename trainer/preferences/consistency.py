"""How far the writer agrees with the writer: what happened when a question was asked again.

A repeat (`Feedback.repeat_of`) shows the same two texts with the sides swapped. How often the answers
agree bounds what any reward model can reach, and how often the left one wins shows a habit of the hand.
Reads the library, writes nothing. Called by the Compare page, the Train page and the run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.store import feedback
from engine.store.library import Library
from engine.store.schema import Feedback


@dataclass(frozen=True)
class Consistency:
    """`repeats`: questions answered twice, of which `agreed` the same way, ties included; `decided`:
    those where both answers chose a text, of which `decided_agreed` the same one. `left_shown`:
    decided questions whose sides are known, of which `left_chosen` went to the left."""

    repeats: int
    agreed: int
    decided: int
    decided_agreed: int
    left_shown: int
    left_chosen: int

    @property
    def agreement(self) -> float | None:
        """Share of repeats that were answered the same way; None before the first."""
        return self.agreed / self.repeats if self.repeats else None

    @property
    def ceiling(self) -> float | None:
        """The accuracy that a perfect judge of this writer would reach on single answers.

        If an answer is wrong with chance e, independently, two agree with chance A = (1-e)^2 + e^2, so
        1-e = (1 + sqrt(2A-1)) / 2; an agreement at or below one half says nothing but chance.
        """
        if not self.decided:
            return None
        return (1 + math.sqrt(max(0.0, 2 * self.decided_agreed / self.decided - 1))) / 2


def consistency(library: Library, project_id: str | None = None) -> Consistency:
    """What the repeats of the library, or of one project, say; skipped questions count for nothing."""
    rows = [row for row in feedback.all(library, project_id, kind="ab") if row.choice != "skip"]
    by_id = {row.id: row for row in rows}
    answers = [
        (_winner(by_id[row.repeat_of]), _winner(row))
        for row in rows
        if row.repeat_of in by_id and _texts(by_id[row.repeat_of]) == _texts(row)
    ]
    decided = [pair for pair in answers if None not in pair]
    sided = [row for row in rows if row.shown_left is not None and row.choice in ("a", "b")]
    return Consistency(
        repeats=len(answers),
        agreed=sum(first == second for first, second in answers),
        decided=len(decided),
        decided_agreed=sum(first == second for first, second in decided),
        left_shown=len(sided),
        left_chosen=sum(row.choice == row.shown_left for row in sided),
    )


def _texts(row: Feedback) -> set[str | None]:
    return {row.text_a, row.text_b}


def _winner(row: Feedback) -> str | None:
    """The text that won, whichever letter it had; None for a tie."""
    return {"a": row.text_a, "b": row.text_b}.get(row.choice or "")
