"""From the rows of a library to preference records.

What was chosen between two texts is a record as it stands: variants side by side, an edit (what was kept
over what the model wrote), a regeneration, an import. Thumbs and ratings are about one text, so they are
paired within their section, or their prompt where there is none: up over down, and ratings that are
`RATING_GAP` or more apart; every text finds one partner, the shorter side is used again, and of several
words on one text the last one counts.

A pair that was judged the same way again stays one record; a pair that was judged both ways stays as
two at `CONTRADICTED` of their weight. Reads the library through `engine.store.feedback`, writes nothing.
Called by the run, the Train page and the export.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from engine.backends.protocol import Message
from engine.store import feedback
from engine.store.library import Library
from engine.store.schema import Feedback
from trainer.preferences.record import PreferenceRecord, content_key, group_of

WEIGHTS = {"ab": 1.0, "import": 1.0, "edit": 1.0, "thumb": 0.7, "rating": 0.5, "regeneration": 0.3}
"""How far each kind of signal is trusted. Asked side by side, or corrected by hand: fully. Thumbs and
ratings were given at different moments; a regeneration may only mean that something else was wanted."""

RATING_GAP = 2
"""Ratings closer than this say nothing about which text is better."""

CONTRADICTED = 0.5

_Score = Callable[[Feedback], int]


@dataclass(frozen=True)
class Collected:
    """The records, oldest first; `waiting` counts by kind what has no counterpart yet; `contradicting`
    the pairs that were judged both ways; `skipped` the questions that the writer left open."""

    records: list[PreferenceRecord]
    waiting: dict[str, int] = field(default_factory=dict)
    contradicting: int = 0
    skipped: int = 0


def collect(library: Library, project_id: str | None = None) -> Collected:
    """All that can be learned from, or what is of one project alone; what was deleted is left out."""
    rows = feedback.all(library, project_id)
    rows.reverse()
    judged = [row for row in rows if row.text_b is not None and row.choice != "skip"]
    records = [_of_pair(row) for row in judged]
    waiting: dict[str, int] = {}
    for kind, score, gap in (("thumb", _thumb, 1), ("rating", _stars, RATING_GAP)):
        single = [row for row in rows if row.kind == kind]
        found, alone = _paired(single, score, gap)
        records += found
        if alone:
            waiting[kind] = alone
    records, contradicting = _settled(records)
    return Collected(records, waiting, contradicting, sum(row.choice == "skip" for row in rows))


def _of_pair(row: Feedback) -> PreferenceRecord:
    first, second = row.text_a, row.text_b or ""
    chosen, rejected = (second, first) if row.choice == "b" else (first, second)
    # Only a file says where its rows were judged; what was judged here is known by its kind.
    source = (row.source if row.kind == "import" else "") or row.kind
    return _record(row, row.id, chosen, rejected, source, row.choice == "tie")


def _record(
    row: Feedback, record_id: str, chosen: str, rejected: str, source: str, tie: bool = False
) -> PreferenceRecord:
    return PreferenceRecord(
        id=record_id,
        prompt=row.prompt,
        messages=tuple(Message(**message) for message in row.messages),  # type: ignore[arg-type]
        chosen=chosen,
        rejected=rejected,
        tie=tie,
        source=source,
        project_id=row.project_id,
        created_at=row.created_at,
        # An imported record weighs what its kind weighed where it was exported.
        weight=WEIGHTS.get(source, WEIGHTS[row.kind]),
        node_id=row.node_id,
    )


def _thumb(row: Feedback) -> int:
    return int(row.choice == "up")


def _stars(row: Feedback) -> int:
    return row.rating or 0


def _paired(rows: Sequence[Feedback], score: _Score, gap: int) -> tuple[list[PreferenceRecord], int]:
    """Records from rows about one text each, and how many rows found no partner."""
    groups: dict[str, dict[str, Feedback]] = defaultdict(dict)
    for row in rows:  # oldest first: the last word on a text counts
        groups[group_of(row.prompt, row.node_id)][row.text_a.strip()] = row
    records, alone = [], 0
    for texts in groups.values():
        same_group = list(texts.values())
        pairs = list(_partners(same_group, score, gap))
        records += [_of_two(better, worse) for better, worse in pairs]
        found = {row.id for pair in pairs for row in pair}
        alone += sum(row.id not in found for row in same_group)
    return records, alone


def _partners(rows: Sequence[Feedback], score: _Score, gap: int) -> Iterator[tuple[Feedback, Feedback]]:
    """(better, worse): each row with one that is as far away as can be and was used least."""
    uses: Counter[str] = Counter()
    for row in rows:
        apart = [other for other in rows if abs(score(row) - score(other)) >= gap]
        if uses[row.id] or not apart:
            continue
        partner = max(apart, key=lambda other: (-uses[other.id], abs(score(row) - score(other))))
        uses.update((row.id, partner.id))
        yield (row, partner) if score(row) > score(partner) else (partner, row)


def _of_two(better: Feedback, worse: Feedback) -> PreferenceRecord:
    record = _record(better, f"{better.id}+{worse.id}", better.text_a, worse.text_a, better.kind)
    return replace(record, created_at=max(better.created_at, worse.created_at))


def _settled(records: Iterable[PreferenceRecord]) -> tuple[list[PreferenceRecord], int]:
    """Each judgement once, the contradicted ones at less weight, oldest first; and how many pairs were
    judged both ways."""
    kept: dict[str, PreferenceRecord] = {}
    for record in sorted(records, key=lambda one: (-one.weight, one.created_at, one.id)):
        kept.setdefault(content_key(record.group, record.chosen, record.rejected, record.tie), record)
    against = {key for key, one in kept.items() if not one.tie and _reversed(one) in kept}
    settled = [
        replace(one, weight=one.weight * CONTRADICTED) if key in against else one for key, one in kept.items()
    ]
    return sorted(settled, key=lambda one: (one.created_at, one.id)), len(against) // 2


def _reversed(record: PreferenceRecord) -> str:
    return content_key(record.group, record.rejected, record.chosen, False)
