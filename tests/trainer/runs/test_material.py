"""What a run works with is written once and read again the same."""

from __future__ import annotations

from pathlib import Path

from engine.backends.protocol import Message
from engine.store import outline, versions
from engine.store.library import Library
from engine.text.counting import count_words
from tests.jobs.conftest import make_project
from tests.store.test_judged import drafted
from trainer.preferences.record import PreferenceRecord
from trainer.runs.material import chosen_prose, own_prose, passages, read_records, write_records


def record(number: int, **changes: object) -> PreferenceRecord:
    made = {"chosen": f"Chosen {number}.", "rejected": "Rejected.", "messages": ()} | changes
    return PreferenceRecord(id=str(number), prompt=f"Prompt {number}", **made)  # type: ignore[arg-type]


def test_records_come_back_as_they_were(tmp_path: Path) -> None:
    records = [
        record(1, messages=(Message("system", "Be brief."), Message("user", "A\u2028storm."))),
        record(2, tie=True, weight=0.3, project_id="p"),
    ]
    write_records(tmp_path / "learned.jsonl", records)
    assert read_records(tmp_path / "learned.jsonl") == records
    assert read_records(tmp_path / "missing.jsonl") == []


def test_passages_are_whole_sentences() -> None:
    sentence = "The keeper climbed the stairs and looked out over the sea once more. "
    found = passages(sentence * 30)
    assert all(passage.endswith(".") for passage in found)
    assert all(30 <= count_words(passage) <= 140 for passage in found)
    assert passages("Too short.") == []


def test_own_prose_is_what_the_writer_wrote_and_never_a_draft_that_was_chosen(library: Library) -> None:
    assert own_prose(library, None, [], seed=1) == []
    project = make_project(library, [100])
    node = outline.leaves(library, project.id)[0].node
    mine = "I wrote this sentence myself, late at night, with the window open. " * 5
    versions.save_edit(library, node.id, mine, None)
    assert own_prose(library, None, [], seed=1) == passages(mine)
    assert own_prose(library, project.id, [], seed=1) == passages(mine)


def test_chosen_prose_is_what_was_chosen_and_kept_unseen() -> None:
    chosen = "Nobody on the island had seen such a winter since the year of the wreck. " * 4
    unseen = [record(1, chosen=chosen), record(2, chosen="A tie. " * 60, tie=True)]
    assert chosen_prose([], unseen, seed=1) == passages(chosen)
    assert chosen_prose([record(3, chosen="Rain.", rejected=chosen)], unseen, seed=1) == []


def test_own_prose_holds_nothing_that_the_run_learns_from(library: Library) -> None:
    project = make_project(library, [100, 100])
    edited, untouched = (row.node for row in outline.leaves(library, project.id))
    kept = " ".join(f"The keeper wrote line {n} of the log by the light of the lamp." for n in range(30))
    mine = " ".join(f"Nobody came up the path on day {n} of that winter, he said." for n in range(30))
    versions.save_edit(library, edited.id, kept, None)
    versions.save_edit(library, untouched.id, f"Yes. No. {mine}", None)
    learned = [
        record(1, chosen=kept.replace(". ", ".\n\n"), source="edit"),
        record(2, chosen="Yes.", rejected="No."),
    ]
    found = own_prose(library, project.id, learned, seed=1)
    assert sorted(found) == sorted(passages(f"Yes. No. {mine}"))
    taught = [*learned, record(3, chosen="Rain.", rejected=mine)]
    assert own_prose(library, project.id, taught, seed=1) == []


def test_of_a_draft_that_the_writer_touched_only_new_passages_are_own_prose(
    library: Library,
) -> None:
    node = outline.leaves(library, make_project(library, [100]).id)[0].node
    draft = " ".join(f"The lamp burned through night {n} of the storm without a sound." for n in range(12))
    mine = " ".join(f"I counted {n} boats before the fog took the harbour from me." for n in range(12))
    version = drafted(library, node, draft)
    versions.save_edit(library, node.id, draft.replace("night 3", "the third night"), version.id)
    assert own_prose(library, None, [], seed=1) == []
    current = outline.leaves(library, node.project_id)[0].node.version_id
    versions.save_edit(library, node.id, f"{draft}\n\n{mine}", current)
    found = own_prose(library, None, [], seed=1)
    assert found
    assert all("boats" in passage and "lamp" not in passage for passage in found)
