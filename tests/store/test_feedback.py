"""What the writer said is kept as it was said, can be corrected, put away, brought back and erased."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import BadInput, NotFound
from engine.store import feedback, projects, versions
from engine.store.feedback import LARGEST_TEXT
from engine.store.library import Library
from engine.store.schema import Node, Project

PAIR: dict[str, Any] = {
    "kind": "ab",
    "prompt": "A storm.",
    "text_a": "Rain fell.",
    "text_b": "It rained hard.",
}


def test_a_row_keeps_all_that_was_known(
    library: Library, project: Project, node: Callable[[str], Node]
) -> None:
    dusk = node("Dusk")
    version = versions.save_edit(library, dusk.id, "Rain fell.", None)
    told = {
        **PAIR,
        "choice": "a",
        "project_id": project.id,
        "node_id": dusk.id,
        "version_a_id": version.id,
        "messages": [{"role": "system", "content": "Write."}, {"role": "user", "content": "A storm."}],
        "reasons": ["shorter"],
        "model": "m",
        "adapter": "mine",
        "adapter_scale": 0.5,
        "sampling": {"temperature": 0.8},
        "seed_a": 1,
        "seed_b": 2,
        "shown_left": "b",
        "note": "Über",
    }
    row = feedback.get(library, feedback.add(library, **told).id)
    assert {key: getattr(row, key) for key in told} == told
    assert (row.words_a, row.words_b) == (2, 3)
    assert row.created_at > 0
    assert row.edited_at is None


def test_what_was_kept_is_the_choice_of_an_edit_and_what_was_chosen_of_an_import(library: Library) -> None:
    kinds = {
        kind: feedback.add(library, **{**PAIR, "kind": kind}) for kind in ("edit", "regeneration", "import")
    }
    assert {kind: row.choice for kind, row in kinds.items()} == {
        "edit": "b",
        "regeneration": "b",
        "import": "a",
    }


def test_a_thumb_and_a_rating_are_about_one_text(library: Library) -> None:
    up = feedback.add(library, kind="thumb", prompt="p", text_a="t", choice="up")
    stars = feedback.add(library, kind="rating", prompt="p", text_a="t", rating=5)
    assert (up.choice, up.text_b, stars.choice, stars.rating) == ("up", None, None, 5)


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"kind": "guess"}, "no feedback of the kind guess"),
        ({"prompt": " \n"}, "prompt is empty"),
        ({"text_a": ""}, "text is empty"),
        ({"text_b": None}, "second text is empty"),
        ({"text_b": "é" * (LARGEST_TEXT // 2 + 1)}, "second text is larger than 2 MB"),
        ({"choice": None}, "cannot be chosen"),
        ({"choice": "up"}, "cannot be chosen"),
        ({"text_b": "Rain fell.\n"}, "the same"),
        ({"kind": "thumb", "choice": "up"}, "one text"),
        ({"kind": "thumb", "text_b": None}, "cannot be chosen"),
        ({"kind": "rating", "text_b": None}, "from 1 to 5"),
        ({"kind": "rating", "text_b": None, "choice": None, "rating": 6}, "from 1 to 5"),
        ({"shown_left": "left"}, "at the left"),
    ],
)
def test_a_row_that_says_nothing_is_refused(library: Library, columns: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        feedback.add(library, **{**PAIR, "choice": "a", **columns})
    assert feedback.count(library) == 0


def test_a_tie_may_be_between_equal_texts_but_cannot_become_a_choice(library: Library) -> None:
    tie = feedback.add(library, **{**PAIR, "text_b": "Rain fell.", "choice": "tie"})
    with pytest.raises(BadInput, match="the same"):
        feedback.edit(library, tie.id, choice="a")
    assert feedback.get(library, tie.id).choice == "tie"


@pytest.mark.parametrize("column", ["project_id", "node_id", "version_a_id", "version_b_id", "repeat_of"])
def test_a_row_belongs_only_to_what_is_there(library: Library, column: str) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        feedback.add(library, **PAIR, choice="a", **{column: "nowhere"})


def test_a_column_that_is_computed_or_unknown_is_a_defect(library: Library) -> None:
    for column in ("words_a", "mood"):
        with pytest.raises(TypeError, match=column):
            feedback.add(library, **PAIR, choice="a", **{column: 1})


def test_of_several_rows_all_are_kept_or_none(library: Library) -> None:
    with pytest.raises(BadInput):
        feedback.add_all(library, [{**PAIR, "choice": "a"}, {**PAIR, "choice": "up"}])
    with pytest.raises(NotFound):
        feedback.add_all(library, [{**PAIR, "choice": "a"}, {**PAIR, "choice": "a", "project_id": "x"}])
    assert feedback.count(library) == 0
    assert len(feedback.add_all(library, [{**PAIR, "choice": "a"}] * 3)) == 3


def test_half_of_a_surrogate_pair_is_stored_as_a_replacement(library: Library) -> None:
    told = {**PAIR, "text_b": "rain \ud83d", "note": "\ud83d", "choice": "b"}
    row = feedback.add(library, **told, messages=[{"role": "user", "content": "\ud83d"}])
    kept = feedback.get(library, row.id)
    assert (kept.text_b, kept.note) == ("rain \ufffd", "\ufffd")
    assert kept.messages == [{"role": "user", "content": "\ufffd"}]


def test_a_row_is_found_by_the_beginning_of_its_id(library: Library) -> None:
    rows = [feedback.add(library, **PAIR, choice="a") for _ in range(20)]
    assert feedback.get(library, rows[3].id[:12]).id == rows[3].id
    with pytest.raises(BadInput, match="Several"):
        feedback.get(library, _shared_beginning([row.id for row in rows]))
    for missing in ("", "%", "zz"):
        with pytest.raises(NotFound):
            feedback.get(library, missing)


def _shared_beginning(ids: list[str]) -> str:
    # 20 ids begin with 16 different digits at most.
    return next(one[0] for one in ids if sum(other[0] == one[0] for other in ids) > 1)


def test_rows_are_listed_newest_first_and_filtered(library: Library, project: Project) -> None:
    old = feedback.add(library, **PAIR, choice="b", created_at=10.0)
    mine = feedback.add(library, **PAIR, choice="a", project_id=project.id, created_at=20.0)
    same_moment = feedback.add(library, **PAIR, choice="a", created_at=20.0)
    thumb = feedback.add(library, kind="thumb", prompt="p", text_a="t", choice="up", created_at=15.0)
    order = [same_moment.id, mine.id, thumb.id, old.id]
    assert [row.id for row in feedback.all(library)] == order
    assert [row.id for row in feedback.all(library, limit=2)] == order[:2]
    for wanted, expected in (
        ({"project_id": project.id}, [mine.id]),
        ({"kind": "thumb"}, [thumb.id]),
        ({"choice": "b"}, [old.id]),
        ({"kind": "ab", "choice": "a"}, order[:2]),
    ):
        assert [row.id for row in feedback.all(library, **wanted)] == expected
        assert feedback.count(library, **wanted) == len(expected)


def test_a_judgement_can_be_corrected_and_the_texts_stay(library: Library) -> None:
    row = feedback.add(library, **PAIR, choice="a")
    edited = feedback.edit(library, row.id, choice="tie", reasons=["equal"], note="Read again.")
    assert (edited.choice, edited.reasons, edited.note) == ("tie", ["equal"], "Read again.")
    assert edited.edited_at is not None
    assert (edited.text_a, edited.text_b) == (row.text_a, row.text_b)
    with pytest.raises(BadInput):
        feedback.edit(library, row.id, choice="up")
    stars = feedback.add(library, kind="rating", prompt="p", text_a="t", rating=5)
    assert feedback.edit(library, stars.id, rating=2).rating == 2
    with pytest.raises(BadInput):
        feedback.edit(library, stars.id, rating=0)
    assert feedback.get(library, stars.id).rating == 2


def test_a_deleted_row_is_out_of_sight_until_it_is_brought_back(library: Library) -> None:
    row = feedback.add(library, **PAIR, choice="a")
    feedback.delete(library, row.id)
    assert (feedback.all(library), feedback.count(library)) == ([], 0)
    assert [one.id for one in feedback.all(library, deleted=True)] == [row.id]
    assert feedback.get(library, row.id).text_a == "Rain fell."
    feedback.undelete(library, row.id)
    assert feedback.count(library) == 1
    assert feedback.count(library, deleted=True) == 0


def test_an_erased_row_leaves_no_trace_in_the_file(library: Library) -> None:
    row = feedback.add(library, **{**PAIR, "text_a": "Very private words."}, choice="a")
    again = feedback.add(library, **PAIR, choice="a", repeat_of=row.id)
    feedback.erase(library, row.id)
    with pytest.raises(NotFound):
        feedback.get(library, row.id)
    assert feedback.get(library, again.id).repeat_of is None
    library.close()
    assert b"Very private" not in library.path.read_bytes()


def test_a_row_that_is_not_there_cannot_be_changed(library: Library) -> None:
    for act in (feedback.edit, feedback.delete, feedback.undelete, feedback.erase):
        with pytest.raises(NotFound, match="nowhere"):
            act(library, "nowhere")


def test_feedback_outlives_its_project(library: Library, project: Project) -> None:
    row = feedback.add(library, **PAIR, choice="a", project_id=project.id)
    projects.delete(library, project.id)
    assert [one.id for one in feedback.all(library)] == [row.id]
