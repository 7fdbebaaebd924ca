"""What a run works with, in its folder: records to learn from, records and requests kept unseen, prose.

Written once by the first stage and read by all others, so that a resumed run works with the very same
things, whatever the writer has added or deleted meanwhile. Plain JSON lines, one record a line.
"""

from __future__ import annotations

import json
import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.backends.protocol import Message
from engine.store import judged, outline, projects, versions
from engine.store.library import Library
from engine.text.counting import count_words
from engine.text.segmenting import sentences
from trainer.preferences.record import PreferenceRecord
from trainer.runs.files import write_text

PASSAGE_WORDS = 120
FEWEST_WORDS = 30
MOST_PASSAGES = 24
LEARNED_SHARE = 0.1
"""A passage with more than this share of its words in sentences that the run learns from teaches something.
Not at the first such sentence: "Yes." stands in every book."""
OWN_ORIGINS = ("edit", "import", "conflict")
"""Versions that a person wrote or corrected."""


def write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """One JSON object a line, by one rename. Raises DiskFull."""
    write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of `write_lines`; none where there is no file."""
    if not path.exists():
        return []
    # Not splitlines(): a line separator inside a JSON string does not end a row.
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def write_records(path: Path, records: Sequence[PreferenceRecord]) -> None:
    """The records of one side of the split."""
    write_lines(path, (asdict(record) for record in records))


def read_records(path: Path) -> list[PreferenceRecord]:
    """What `write_records` wrote."""
    return [
        PreferenceRecord(**{**row, "messages": tuple(Message(**message) for message in row["messages"])})
        for row in read_lines(path)
    ]


def own_prose(
    library: Library, project: str | None, learned: Sequence[PreferenceRecord], seed: int
) -> list[str]:
    """Passages of manuscripts that the writer wrote or corrected, which teach nothing in the run; at most
    `MOST_PASSAGES`.

    An edited section is often the chosen text of a record, too: what stands in a learned one is left out, and
    so is what the draft had that the edits began with. Nobody foresees that better than the model itself.
    """
    taught = _taught(learned)
    return _some(
        [
            passage
            for text, drafted in _manuscripts(library, project)
            for passage in _fresh([text], taught | drafted)
        ],
        seed,
    )


def chosen_prose(
    learned: Sequence[PreferenceRecord], unseen: Sequence[PreferenceRecord], seed: int
) -> list[str]:
    """Passages of the chosen texts that are kept unseen, whoever wrote them; at most `MOST_PASSAGES`."""
    chosen = (record.chosen for record in unseen if not record.tie)
    return _some(_fresh(chosen, _taught(learned)), seed)


def _taught(learned: Sequence[PreferenceRecord]) -> set[str]:
    """The sentences that the run learns from."""
    taught = (text for record in learned for text in (record.chosen, record.rejected))
    return {sentence for text in taught for sentence in sentences(text)}


def _some(found: list[str], seed: int) -> list[str]:
    random.Random(seed).shuffle(found)
    return found[:MOST_PASSAGES]


def _fresh(texts: Iterable[str], known: Collection[str]) -> list[str]:
    """The passages of texts whose sentences are not `known`, but for a small share."""
    return [
        passage
        for text in texts
        for run in _runs(text)
        if _words_in(run, known) <= LEARNED_SHARE * count_words(passage := " ".join(run))
    ]


def _words_in(run: Iterable[str], known: Collection[str]) -> int:
    return sum(count_words(sentence) for sentence in run if sentence in known)


def passages(text: str) -> list[str]:
    """`text` in whole sentences, about `PASSAGE_WORDS` words each; a short rest is left out."""
    return [" ".join(run) for run in _runs(text)]


def _runs(text: str) -> list[list[str]]:
    """The sentences of each passage."""
    found: list[list[str]] = []
    here: list[str] = []
    for sentence in sentences(text):
        here.append(sentence)
        if count_words(" ".join(here)) >= PASSAGE_WORDS:
            found.append(here)
            here = []
    if count_words(" ".join(here)) >= FEWEST_WORDS:
        found.append(here)
    return found


def _manuscripts(library: Library, project: str | None) -> Iterable[tuple[str, set[str]]]:
    """Texts of sections whose current version is a person's, of one project or of all, each with the
    sentences of the draft behind it."""
    chosen = [projects.get(library, project)] if project else projects.all(library)
    for one in chosen:
        for row in outline.leaves(library, one.id):
            if row.node.version_id is None:
                continue
            version = versions.get(library, row.node.version_id)
            if version.origin in OWN_ORIGINS and version.text.strip():
                draft = judged.generated_behind(library, version.id)
                yield version.text, set(sentences(draft.text)) if draft else set()
