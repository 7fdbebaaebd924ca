"""Rows of the library become records: each judgement once, weighed by how it was made."""

from __future__ import annotations

import pytest

from engine.backends.protocol import Message
from engine.planning.outline_text import OutlineItem
from engine.store import feedback, outline, projects
from engine.store.library import Library
from trainer.preferences.collect import WEIGHTS, collect
from trainer.preferences.record import PreferenceRecord
from trainer.preferences.splits import folds, hold_out


def said(library: Library, kind: str, text_a: str, text_b: str | None = None, **more: object) -> str:
    """Keep a row about the prompt “A storm.” and return its id."""
    told = {"prompt": "A storm.", "kind": kind, "text_a": text_a, "text_b": text_b, **more}
    return feedback.add(library, **told).id


def pairs(library: Library) -> set[tuple[str, str]]:
    return {(record.chosen, record.rejected) for record in collect(library).records}


@pytest.fixture
def sections(library: Library) -> list[str]:
    """The ids of two sections of one book."""
    project = projects.create(library, {}, "Storms", "story", "en", 1000)
    outline.replace(library, project.id, [OutlineItem("Dusk", "", 500), OutlineItem("Night", "", 500)])
    return [row.node.id for row in outline.leaves(library, project.id)]


def test_an_empty_library_gives_nothing(library: Library) -> None:
    found = collect(library)
    assert (found.records, found.waiting, found.contradicting, found.skipped) == ([], {}, 0, 0)


def test_a_choice_side_by_side_is_a_record_with_all_that_the_model_saw(library: Library) -> None:
    project = projects.create(library, {}, "Storms", "story", "en", 500)
    seen = [{"role": "system", "content": "Write."}, {"role": "user", "content": "A storm, please."}]
    row = said(library, "ab", "one", "two", choice="b", messages=seen, project_id=project.id, created_at=7.0)
    assert collect(library).records == [
        PreferenceRecord(
            id=row,
            prompt="A storm.",
            messages=(Message("system", "Write."), Message("user", "A storm, please.")),
            chosen="two",
            rejected="one",
            source="ab",
            project_id=project.id,
            created_at=7.0,
            weight=1.0,
        )
    ]


def test_ties_are_kept_and_skipped_questions_counted(library: Library) -> None:
    said(library, "ab", "one", "two", choice="tie")
    said(library, "ab", "three", "four", choice="skip")
    found = collect(library)
    assert [(record.chosen, record.tie) for record in found.records] == [("one", True)]
    assert found.skipped == 1
    assert found.waiting == {}


def test_what_was_kept_is_over_what_the_model_wrote(library: Library) -> None:
    said(library, "edit", "generated", "edited")
    said(library, "regeneration", "first draft", "second draft")
    weights = {
        record.chosen: (record.rejected, record.source, record.weight) for record in collect(library).records
    }
    assert weights == {
        "edited": ("generated", "edit", WEIGHTS["edit"]),
        "second draft": ("first draft", "regeneration", WEIGHTS["regeneration"]),
    }
    assert WEIGHTS["regeneration"] < WEIGHTS["rating"] < WEIGHTS["ab"]


def test_an_import_keeps_where_it_came_from_and_weighs_accordingly(library: Library) -> None:
    said(library, "import", "x", "y", source="club", created_at=1)
    said(library, "import", "v", "w", source="rating", created_at=2)
    said(library, "import", "t", "u", created_at=3)
    assert [(record.source, record.weight) for record in collect(library).records] == [
        ("club", 1.0),
        ("rating", WEIGHTS["rating"]),
        ("import", 1.0),
    ]


def test_what_was_judged_here_is_known_by_its_kind(library: Library) -> None:
    said(library, "ab", "one", "two", choice="a", source="regeneration")
    (record,) = collect(library).records
    assert (record.source, record.weight) == ("ab", WEIGHTS["ab"])


def test_thumbs_are_paired_up_over_down_within_one_prompt(library: Library) -> None:
    up = said(library, "thumb", "liked", choice="up", created_at=1.0)
    down = said(library, "thumb", "disliked", choice="down", created_at=2.0, prompt=" a STORM. ")
    said(library, "thumb", "elsewhere", choice="down", prompt="A calm.")
    found = collect(library)
    (record,) = found.records
    assert (record.id, record.chosen, record.rejected) == (f"{up}+{down}", "liked", "disliked")
    assert (record.source, record.weight, record.created_at) == ("thumb", WEIGHTS["thumb"], 2.0)
    assert found.waiting == {"thumb": 1}


def test_thumbs_on_two_drafts_of_a_section_are_paired_though_the_text_before_it_changed(
    library: Library, sections: list[str]
) -> None:
    said(library, "thumb", "liked", choice="up", node_id=sections[0], prompt="It rained. Write Dusk.")
    said(library, "thumb", "dull", choice="down", node_id=sections[0], prompt="It snowed. Write Dusk.")
    said(library, "thumb", "other", choice="down", node_id=sections[1], prompt="It rained. Write Dusk.")
    found = collect(library)
    assert [(one.chosen, one.rejected, one.prompt) for one in found.records] == [
        ("liked", "dull", "It rained. Write Dusk.")
    ]
    assert found.waiting == {"thumb": 1}


def test_edits_of_two_drafts_of_a_section_stay_on_one_side_of_every_split(
    library: Library, sections: list[str]
) -> None:
    for number in range(12):
        told = {"prompt": f"Before: text {number}. Write on.", "node_id": sections[number % 2]}
        said(library, "edit", f"drafted {number}", f"kept {number}", **told)
    records = collect(library).records
    assert len({record.group for record in records}) == 2
    kept, held = hold_out(records, 1 / 3)
    assert {one.node_id for one in kept}.isdisjoint(one.node_id for one in held)
    for seed in range(4):
        homes = dict(zip((one.node_id for one in records), folds(records, 5, seed), strict=True))
        assert [homes[one.node_id] for one in records] == folds(records, 5, seed)


def test_two_texts_of_a_section_judged_both_ways_contradict_each_other_whatever_was_asked(
    library: Library, sections: list[str]
) -> None:
    said(library, "ab", "one", "two", choice="a", node_id=sections[0], prompt="After rain.")
    said(library, "regeneration", "one", "two", node_id=sections[0], prompt="After snow.")
    assert collect(library).contradicting == 1


def test_no_thumb_is_used_more_often_than_needed(library: Library) -> None:
    for number in range(3):
        said(library, "thumb", f"up {number}", choice="up", created_at=number)
    for number in range(5):
        said(library, "thumb", f"down {number}", choice="down", created_at=10 + number)
    found = pairs(library)
    assert len(found) == 5
    assert {worse for _, worse in found} == {f"down {number}" for number in range(5)}
    uses = [sum(better == f"up {number}" for better, _ in found) for number in range(3)]
    assert sorted(uses) == [1, 2, 2]
    assert collect(library).waiting == {}


def test_the_last_thumb_on_a_text_counts(library: Library) -> None:
    said(library, "thumb", "mine", choice="up", created_at=1)
    said(library, "thumb", "other", choice="up", created_at=2)
    said(library, "thumb", "mine ", choice="down", created_at=3)
    assert pairs(library) == {("other", "mine ")}


@pytest.mark.parametrize(("low", "expected"), [(4, set()), (3, {("best", "low")}), (1, {("best", "low")})])
def test_ratings_are_paired_where_they_are_far_enough_apart(
    library: Library, low: int, expected: set[tuple[str, str]]
) -> None:
    said(library, "rating", "best", rating=5)
    said(library, "rating", "low", rating=low)
    assert pairs(library) == expected
    assert collect(library).waiting == ({} if expected else {"rating": 2})


def test_a_rating_finds_the_partner_that_is_farthest_away(library: Library) -> None:
    for stars in (5, 3, 1):
        said(library, "rating", f"{stars} stars", rating=stars, created_at=stars)
    assert ("5 stars", "1 stars") in pairs(library)
    assert len(pairs(library)) == 2


def test_the_same_judgement_again_is_one_record(library: Library) -> None:
    first = said(library, "ab", "one", "two", choice="a", created_at=1.0)
    said(library, "ab", "two", "one", choice="b", created_at=2.0, repeat_of=first)
    said(library, "regeneration", "two", "one", created_at=0.0)
    (record,) = collect(library).records
    assert (record.id, record.weight) == (first, 1.0)


def test_a_contradiction_is_counted_and_weighs_less(library: Library) -> None:
    first = said(library, "ab", "one", "two", choice="a")
    said(library, "ab", "one", "two", choice="b", repeat_of=first)
    said(library, "ab", "one", "two", choice="tie")
    said(library, "ab", "one", "two", choice="b", prompt="Another storm.")
    found = collect(library)
    assert found.contradicting == 1
    assert sorted((one.prompt, one.chosen, one.tie, one.weight) for one in found.records) == [
        ("A storm.", "one", False, 0.5),
        ("A storm.", "one", True, 1.0),
        ("A storm.", "two", False, 0.5),
        ("Another storm.", "two", False, 1.0),
    ]


def test_deleted_rows_teach_nothing(library: Library) -> None:
    row = said(library, "ab", "one", "two", choice="a")
    thumb = said(library, "thumb", "x", choice="up")
    said(library, "thumb", "y", choice="down")
    feedback.delete(library, row)
    feedback.delete(library, thumb)
    found = collect(library)
    assert found.records == []
    assert found.waiting == {"thumb": 1}


def test_one_project_alone_can_be_collected(library: Library) -> None:
    project = projects.create(library, {}, "Storms", "story", "en", 500)
    mine = said(library, "ab", "one", "two", choice="a", project_id=project.id)
    said(library, "ab", "three", "four", choice="a")
    assert [record.id for record in collect(library, project.id).records] == [mine]
    assert len(collect(library).records) == 2


def test_records_come_oldest_first(library: Library) -> None:
    for moment in (30.0, 10.0, 20.0):
        said(library, "ab", f"text {moment}", "other", choice="a", created_at=moment)
    assert [record.created_at for record in collect(library).records] == [10.0, 20.0, 30.0]
