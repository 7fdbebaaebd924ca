"""Texts that a model writes: nothing is lost, and only what deserves it replaces what is there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.errors import BadInput, Conflict, NodeLocked, NotFound
from engine.store import jobs, outline, versions
from engine.store.library import Library
from engine.store.schema import Node, Project, Version
from engine.text.counting import count_words
from tests.store.big_library import text_of

Find = Callable[[str], Node]


def _open(library: Library, node: Node, origin: str = "draft", **more: object) -> Version:
    return versions.open_draft(library, node.id, origin, "m", 7, {}, {}, None, **more)  # type: ignore[arg-type]


def _drafted(library: Library, node: Node, text: str, finish: str = "complete", **seal: bool) -> Version:
    draft = _open(library, node)
    versions.append(library, [(draft.id, "text", text)])
    return versions.seal(library, draft.id, finish, count_words(text), **seal)


def test_a_draft_is_the_sum_of_its_pieces(library: Library, node: Find) -> None:
    draft = _open(library, node("Dusk"))
    versions.append(library, [(draft.id, "think", "Short. "), (draft.id, "text", "Ada waits")])
    versions.append(library, [(draft.id, "text", " on the pier. The"), (draft.id, "think", "Cold.")])
    versions.append(library, [(draft.id, "cut", " The")])
    assert versions.text_of(library, draft.id) == versions.Text("Ada waits on the pier.", "Short. Cold.")
    sealed = versions.seal(library, draft.id, "complete", 5)
    assert (sealed.text, sealed.think, sealed.words) == ("Ada waits on the pier.", "Short. Cold.", 5)
    assert versions.text_of(library, draft.id) == versions.Text("Ada waits on the pier.", "Short. Cold.")


def test_a_cut_that_is_not_the_end_of_the_text_takes_nothing(library: Library, node: Find) -> None:
    draft = _open(library, node("Dusk"))
    versions.append(library, [(draft.id, "text", "Ada waits."), (draft.id, "cut", "runs.")])
    assert versions.text_of(library, draft.id).text == "Ada waits."


def test_a_draft_that_is_taken_up_tells_what_the_model_saw_last(library: Library, node: Find) -> None:
    draft = _open(library, node("Dusk"))
    versions.append(library, [(draft.id, "text", "Ada waits.")])
    versions.take_up(library, draft.id, "another", {"seed": 8}, {"parts": ["new"]})
    told = versions.get(library, draft.id)
    assert (told.model, told.sampling, told.prompt) == ("another", {"seed": 8}, {"parts": ["new"]})
    assert versions.seal(library, draft.id, "complete", 2).text == "Ada waits."
    with pytest.raises(Conflict):
        versions.take_up(library, draft.id, "m", {}, {})


def test_a_draft_starts_from_what_it_goes_on_with(library: Library, node: Find) -> None:
    draft = _open(library, node("Dusk"), prefix_text="Ada ", prefix_think="Hm.", target_words=150)
    versions.append(library, [(draft.id, "text", "waits.")])
    assert versions.text_of(library, draft.id) == versions.Text("Ada waits.", "Hm.")
    assert (draft.target_words, draft.seed, draft.model) == (150, 7, "m")


def test_a_draft_is_asked_for_the_target_of_its_section(library: Library, node: Find) -> None:
    assert _open(library, node("Night")).target_words == 300


def test_sealing_folds_the_pieces_away(library: Library, node: Find) -> None:
    draft = _open(library, node("Dusk"))
    versions.append(library, [(draft.id, "text", "a"), (draft.id, "text", "b")])
    versions.seal(library, draft.id, "complete", 1)
    assert versions.chunks_since(library, [draft.id], 0) == []


def test_text_that_sqlite_cannot_hold_is_mended_and_the_rest_kept(library: Library, node: Find) -> None:
    draft = _open(library, node("Dusk"))
    versions.append(library, [(draft.id, "text", "雪 \ud83d and 🌊 and \x00.")])
    assert versions.text_of(library, draft.id).text == "雪 \ufffd and 🌊 and \x00."


def test_nothing_is_added_to_a_sealed_version_and_nothing_of_the_batch_is_stored(
    library: Library, node: Find
) -> None:
    sealed = _drafted(library, node("Dusk"), "Ada waits.")
    other = _open(library, node("Night"))
    with pytest.raises(Conflict):
        versions.append(library, [(other.id, "text", "x"), (sealed.id, "text", "more")])
    assert versions.text_of(library, sealed.id).text == "Ada waits."
    assert versions.text_of(library, other.id).text == ""


def test_a_version_is_sealed_once(library: Library, node: Find) -> None:
    sealed = _drafted(library, node("Dusk"), "Ada waits.")
    with pytest.raises(Conflict):
        versions.seal(library, sealed.id, "stopped", 0)
    assert versions.get(library, sealed.id).finish == "complete"


def test_an_unknown_version_is_not_found(library: Library) -> None:
    for act in (
        lambda: versions.append(library, [("nope", "text", "x")]),
        lambda: versions.seal(library, "nope", "complete", 1),
        lambda: versions.get(library, "nope"),
        lambda: versions.text_of(library, "nope"),
        lambda: versions.open_draft(library, "nope", "draft", None, None, {}, {}, None),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_locked_section_is_never_drafted(library: Library, node: Find) -> None:
    outline.lock(library, node("The storm").id)
    with pytest.raises(NodeLocked, match="Dusk"):
        _open(library, node("Dusk"))


def test_a_chapter_with_sections_is_never_drafted(library: Library, node: Find) -> None:
    with pytest.raises(BadInput):
        _open(library, node("The storm"))


def test_a_first_draft_becomes_current_however_it_ended(library: Library, node: Find) -> None:
    sealed = _drafted(library, node("Dusk"), "Ada wai", finish="stopped")
    assert node("Dusk").version_id == sealed.id


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_draft_never_becomes_current(library: Library, node: Find, text: str) -> None:
    _drafted(library, node("Night"), text, finish="empty")
    assert node("Night").version_id is None
    kept = _drafted(library, node("Dusk"), "Ada waits.")
    _drafted(library, node("Dusk"), text)
    assert node("Dusk").version_id == kept.id


def test_a_complete_draft_replaces_the_text_and_the_old_one_is_kept(library: Library, node: Find) -> None:
    first = _drafted(library, node("Dusk"), text_of(200, seed=1))
    second = _drafted(library, node("Dusk"), text_of(195, seed=2))
    assert node("Dusk").version_id == second.id
    assert versions.text_of(library, first.id).text == text_of(200, seed=1)


@pytest.mark.parametrize("finish", ["short", "long", "stopped", "repeating", "clipped", "failed"])
def test_a_draft_that_is_not_complete_stays_beside_the_text(
    library: Library, node: Find, finish: str
) -> None:
    first = _drafted(library, node("Dusk"), text_of(200, seed=1))
    beside = _drafted(library, node("Dusk"), text_of(250, seed=2), finish=finish)
    assert node("Dusk").version_id == first.id
    assert versions.get(library, beside.id).text == text_of(250, seed=2)


def test_a_draft_that_only_adds_to_the_text_replaces_it_even_unfinished(library: Library, node: Find) -> None:
    first = _drafted(library, node("Dusk"), "Ada waits.", finish="stopped")
    longer = _open(library, node("Dusk"), parent_id=first.id, prefix_text="Ada waits.")
    versions.append(library, [(longer.id, "text", " The boat")])
    versions.seal(library, longer.id, "stopped", 4)
    assert node("Dusk").version_id == longer.id


@pytest.mark.parametrize("finish", ["short", "long", "stopped", "repeating"])
def test_a_successor_of_the_text_replaces_it_though_its_paragraphs_are_set_apart(
    library: Library, node: Find, finish: str
) -> None:
    first = _drafted(library, node("Dusk"), "Ada waits.\nThe boat", finish="stopped")
    longer = _open(library, node("Dusk"), parent_id=first.id, prefix_text="Ada waits.\n\nThe boat")
    versions.append(library, [(longer.id, "text", " is late.")])
    versions.seal(library, longer.id, finish, 6)
    assert node("Dusk").version_id == longer.id


def test_a_successor_that_is_shorter_stays_beside_the_text(library: Library, node: Find) -> None:
    first = _drafted(library, node("Dusk"), "Ada waits.\nThe boat", finish="stopped")
    shorter = _open(library, node("Dusk"), parent_id=first.id, prefix_text="Ada waits.")
    versions.seal(library, shorter.id, "short", 2)
    assert node("Dusk").version_id == first.id


def test_a_shorter_answer_below_its_target_never_replaces_the_text(library: Library, node: Find) -> None:
    first = _drafted(library, node("Dusk"), text_of(210, seed=1))
    _drafted(library, node("Dusk"), text_of(150, seed=2))
    assert node("Dusk").version_id == first.id


def test_a_shorter_answer_to_a_shorter_target_replaces_the_text(library: Library, node: Find) -> None:
    _drafted(library, node("Dusk"), text_of(210, seed=1))
    outline.set_target(library, node("Dusk").id, 100)
    second = _drafted(library, node("Dusk"), text_of(98, seed=2))
    assert node("Dusk").version_id == second.id


def test_a_variant_stays_beside_the_text_but_is_better_than_none(library: Library, node: Find) -> None:
    first = _drafted(library, node("Dusk"), text_of(200, seed=1), keep_current=True)
    assert node("Dusk").version_id == first.id
    _drafted(library, node("Dusk"), text_of(205, seed=2), keep_current=True)
    assert node("Dusk").version_id == first.id


def test_what_a_person_saved_while_a_draft_ran_is_never_replaced_by_it(library: Library, node: Find) -> None:
    first = _drafted(library, node("Dusk"), text_of(200, seed=1))
    running = _open(library, node("Dusk"), "regenerate")
    typed = versions.save_edit(library, node("Dusk").id, "My own words.", first.id)
    versions.append(library, [(running.id, "text", text_of(200, seed=2))])
    versions.seal(library, running.id, "complete", 200)
    assert node("Dusk").version_id == typed.id
    assert versions.get(library, running.id).text == text_of(200, seed=2)


def test_what_a_person_took_from_the_end_of_a_running_draft_stays_taken(library: Library, node: Find) -> None:
    running = _open(library, node("Dusk"))
    versions.append(library, [(running.id, "text", "Ada waits. She should not.")])
    shorter = versions.save_edit(library, node("Dusk").id, "Ada waits.", running.id)
    versions.append(library, [(running.id, "text", " The boat is late.")])
    versions.seal(library, running.id, "complete", 9)
    assert node("Dusk").version_id == shorter.id


def test_a_section_locked_while_it_was_written_again_keeps_what_it_had(library: Library, node: Find) -> None:
    first = _drafted(library, node("Dusk"), text_of(200, seed=1))
    running = _open(library, node("Dusk"), "regenerate")
    outline.lock(library, node("Dusk").id)
    versions.append(library, [(running.id, "text", text_of(210, seed=2))])
    versions.seal(library, running.id, "complete", 210)
    assert node("Dusk").version_id == first.id
    assert [version.id for version in versions.history(library, node("Dusk").id)] == [first.id, running.id]


def test_a_lock_set_over_a_first_text_holds_that_text(library: Library, node: Find) -> None:
    """The writer locks what is on the page; it must not go when the draft ends."""
    running = _open(library, node("Dusk"))
    versions.append(library, [(running.id, "text", "Ada waits.")])
    outline.lock(library, node("Dusk").id)
    versions.seal(library, running.id, "stopped", 2)
    assert node("Dusk").version_id == running.id


def test_a_section_removed_while_it_was_written_comes_back_with_what_counted(
    library: Library, node: Find
) -> None:
    first = _drafted(library, node("Dusk"), text_of(200, seed=1))
    running = _open(library, node("Dusk"), "regenerate")
    dusk = outline.remove(library, node("Dusk").id)
    versions.append(library, [(running.id, "text", text_of(210, seed=2))])
    versions.seal(library, running.id, "complete", 210)
    outline.restore(library, dusk.id)
    assert node("Dusk").version_id == first.id
    assert len(versions.history(library, dusk.id)) == 2


def test_a_job_finds_what_it_was_still_writing(library: Library, project: Project, node: Find) -> None:
    job = jobs.submit(library, project.id, "draft", {})
    dusk = versions.open_draft(library, node("Dusk").id, "draft", "m", 1, {}, {}, job.id)
    night = versions.open_draft(library, node("Night").id, "draft", "m", 1, {}, {}, job.id)
    _open(library, node("Dawn"))
    assert [version.id for version in versions.open_versions(library, job.id)] == [dusk.id, night.id]
    versions.seal(library, dusk.id, "complete", 0)
    assert [version.id for version in versions.open_versions(library, job.id)] == [night.id]
