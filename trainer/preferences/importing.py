"""Taking rows of a file into the library: all that are new, in one transaction, or none.

A row that the library holds already is not taken again, nor one that the writer deleted: what was put away
stays away until it is brought back. What was erased is not known any more. Called by the command
line and the Train page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.errors import BadInput
from engine.store import feedback, projects
from engine.store.library import Library
from engine.store.schema import Feedback
from trainer.preferences.collect import collect
from trainer.preferences.columns import ImportRow
from trainer.preferences.jsonl import Read
from trainer.preferences.record import PreferenceRecord, content_key, prompt_group


@dataclass(frozen=True)
class Imported:
    """The rows that are new, and how many were `known` already: in the library, deleted from it
    (`known_deleted` of them), or twice in the file."""

    added: list[Feedback]
    known: int
    known_deleted: int


def import_file(library: Library, name: str, read: Read, project_id: str | None = None) -> Imported:
    """Keep what was read of the file `name`. Raises BadInput when not one of its lines can be used."""
    if not read.rows:
        if not read.problems:
            raise BadInput(f"{name} holds no preferences.")
        first = read.problems[0]
        raise BadInput(f"No line of {name} can be used. Line {first.line}: {first.reason}")
    return import_rows(library, read.rows, project_id)


def import_rows(library: Library, rows: Iterable[ImportRow], project_id: str | None = None) -> Imported:
    """Keep the rows that the library does not know; `project_id` is for those that name no project, or one
    that is not here: a file of another machine names that machine's ids."""
    here = {_key(row) for row in feedback.all(library)}
    # Thumbs and ratings are exported as the pairs they make.
    here |= {_record_key(record) for record in collect(library).records}
    deleted = {_key(row) for row in feedback.all(library, deleted=True)} - here
    by_name = _projects(library)
    seen: set[str | None] = set()
    fresh, known, known_deleted = [], 0, 0
    for row in rows:
        if row.key in here or row.key in deleted or row.key in seen:
            known += 1
            known_deleted += row.key in deleted
            continue
        seen.add(row.key)
        owner = by_name.get(row.project, project_id) if row.project else project_id
        fresh.append(_columns(row, owner))
    return Imported(feedback.add_all(library, fresh) if fresh else [], known, known_deleted)


def _columns(row: ImportRow, project_id: str | None) -> dict[str, object]:
    columns: dict[str, object] = {
        "kind": "import",
        "prompt": row.prompt,
        "messages": [{"role": one.role, "content": one.content} for one in row.messages],
        "text_a": row.chosen,
        "text_b": row.rejected,
        "choice": "tie" if row.tie else "a",
        "source": row.source,
        "project_id": project_id,
    }
    return columns if row.created is None else columns | {"created_at": row.created}


def _key(row: Feedback) -> str | None:
    """What the row says, if it is about two texts and the writer decided."""
    if row.text_b is None or row.choice == "skip":
        return None
    pair = (row.text_b, row.text_a) if row.choice == "b" else (row.text_a, row.text_b)
    return content_key(prompt_group(row.prompt), *pair, tie=row.choice == "tie")


def _record_key(record: PreferenceRecord) -> str:
    """As `_key`. By its prompt: a file knows nothing of sections."""
    return content_key(prompt_group(record.prompt), record.chosen, record.rejected, record.tie)


def _projects(library: Library) -> dict[str, str]:
    """Ids by id and by title; a title that two projects have names none of them."""
    everything = projects.all(library, include_archived=True)
    titles: dict[str, list[str]] = {}
    for project in everything:
        titles.setdefault(project.title, []).append(project.id)
    unique = {title: ids[0] for title, ids in titles.items() if len(ids) == 1}
    return unique | {project.id: project.id for project in everything}
