"""An import takes what is new, all of it or nothing; an export that comes back is the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.errors import BadInput, NotFound
from engine.home import open_home
from engine.planning.outline_text import OutlineItem
from engine.store import feedback, outline, projects
from engine.store.library import Library, open_library
from trainer.preferences import jsonl
from trainer.preferences.collect import collect
from trainer.preferences.importing import Imported, import_file
from trainer.preferences.record import PreferenceRecord

Import = Callable[..., Imported]


@pytest.fixture
def bring(library: Library, tmp_path: Path) -> Import:
    """Write rows to a file and import it."""

    def imported(*rows: dict[str, Any], project_id: str | None = None) -> Imported:
        path = tmp_path / "rows.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return import_file(library, path.name, jsonl.read(path), project_id)

    return imported


def row(number: int, **more: object) -> dict[str, Any]:
    return {"prompt": f"Prompt {number}.", "chosen": "good", "rejected": "bad", **more}


def test_rows_are_kept_as_imports(library: Library, bring: Import) -> None:
    told = row(1, source="club", created=5, prompt=[{"role": "user", "content": "Hi."}])
    done = bring(told, row(2, tie=True))
    assert (len(done.added), done.known, done.known_deleted) == (2, 0, 0)
    tie, first = feedback.all(library)
    assert (first.kind, first.choice, first.source, first.created_at) == ("import", "a", "club", 5.0)
    assert (first.prompt, first.messages) == ("Hi.", [{"role": "user", "content": "Hi."}])
    assert (first.text_a, first.text_b, first.words_a) == ("good", "bad", 1)
    assert tie.choice == "tie"


def test_the_same_file_again_adds_nothing(library: Library, bring: Import) -> None:
    bring(row(1), row(2, tie=True))
    again = bring(row(1), row(2, tie=True, chosen="bad", rejected="good"), row(3))
    assert (len(again.added), again.known) == (1, 2)
    assert feedback.count(library) == 3


def test_a_row_twice_in_one_file_is_one(bring: Import) -> None:
    done = bring(row(1), row(1, prompt="PROMPT 1. "), row(1, chosen="bad", rejected="good"))
    assert (len(done.added), done.known) == (2, 1)


def test_what_the_writer_deleted_does_not_come_back_by_itself(library: Library, bring: Import) -> None:
    first = bring(row(1)).added[0]
    feedback.delete(library, first.id)
    again = bring(row(1), row(2))
    assert (len(again.added), again.known, again.known_deleted) == (1, 1, 1)
    feedback.erase(library, first.id)
    assert len(bring(row(1)).added) == 1


def test_what_was_judged_here_is_known(library: Library, bring: Import) -> None:
    told = {"prompt": "Prompt 1.", "kind": "ab", "text_a": "bad", "text_b": "good"}
    first = feedback.add(library, **told, choice="b")
    assert bring(row(1)).known == 1
    feedback.edit(library, first.id, choice="a")
    assert bring(row(1)).known == 0


def test_what_was_judged_about_a_section_is_known_by_its_request(library: Library, bring: Import) -> None:
    project = projects.create(library, {}, "Pier", "story", "en", 500)
    outline.replace(library, project.id, [OutlineItem("Dusk", "", 500)])
    node = outline.leaves(library, project.id)[0].node.id
    for text, thumb in (("good", "up"), ("bad", "down")):
        feedback.add(library, kind="thumb", prompt="Prompt 1.", text_a=text, choice=thumb, node_id=node)
    assert bring(row(1)).known == 1


def test_a_project_is_found_by_title_or_id_and_else_the_one_that_is_given(
    library: Library, bring: Import
) -> None:
    pier, storm = (projects.create(library, {}, name, "story", "en", 500) for name in ("Pier", "Storm"))
    for _ in range(2):
        projects.create(library, {}, "Twin", "story", "en", 500)
    names = [pier.title, pier.id, "Unknown", "Twin", None]
    given = bring(*(row(number, project=name) for number, name in enumerate(names)), project_id=storm.id)
    assert [one.project_id for one in given.added] == [pier.id, pier.id, storm.id, storm.id, storm.id]
    none = bring(*(row(10 + number, project=name) for number, name in enumerate(names)))
    assert [one.project_id for one in none.added] == [pier.id, pier.id, None, None, None]


def test_a_file_without_a_usable_row_imports_nothing(library: Library, bring: Import) -> None:
    with pytest.raises(BadInput, match=r"No line of rows\.jsonl can be used\. Line 1: The prompt is empty\."):
        bring(row(1, prompt=""), row(2, chosen=""))
    with pytest.raises(BadInput, match=r"rows\.jsonl holds no preferences"):
        bring()
    assert feedback.count(library) == 0


def test_nothing_is_half_imported(library: Library, bring: Import) -> None:
    with pytest.raises(NotFound):
        bring(row(1, project=None), row(2), project_id="nowhere")
    assert feedback.count(library) == 0


def test_an_export_that_comes_back_gives_the_same_records(library: Library, tmp_path: Path) -> None:
    fill(library)
    found = collect(library)
    assert len(found.records) == 9
    assert found.contradicting == 1
    path = tmp_path / "rows.jsonl"
    jsonl.write(path, found.records)
    here_again = import_file(library, "rows", jsonl.read(path))
    assert (here_again.added, here_again.known) == ([], 9)
    other = open_library(open_home(tmp_path / "other"))
    assert len(import_file(other, "rows", jsonl.read(path)).added) == 9
    assert named(collect(other).records) == named(found.records)
    other.close()


def fill(library: Library) -> None:
    """One signal of each kind, a contradiction, a tie, a row that was skipped and one that was deleted."""
    seen = [{"role": "system", "content": "Write."}, {"role": "user", "content": "The whole prompt."}]
    pair = {"prompt": "p", "text_a": "one", "text_b": "two", "messages": seen}
    for kind, choice in (("ab", "a"), ("ab", "b"), ("ab", "tie"), ("ab", "skip")):
        feedback.add(library, **pair, kind=kind, choice=choice)
    for kind in ("edit", "regeneration", "import"):
        feedback.add(library, **{**pair, "prompt": kind, "messages": []}, kind=kind, created_at=7.0)
    for text, choice in (("x", "up"), ("y", "down"), ("z", "down")):
        feedback.add(library, kind="thumb", prompt="thumbs", text_a=text, choice=choice)
    for rating in (1, 5):
        feedback.add(library, kind="rating", prompt="stars", text_a=f"{rating}", rating=rating)
    feedback.delete(library, feedback.add(library, **{**pair, "prompt": "gone"}, kind="ab", choice="a").id)


def named(records: list[PreferenceRecord]) -> set[PreferenceRecord]:
    """Records without the ids that a library gives."""
    return {replace(record, id="", project_id=None) for record in records}
