"""What a person typed and saw saved is never lost, whoever else writes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm.exc import DetachedInstanceError

from engine.errors import BadInput, NotFound, SectionGone, StaleSave
from engine.store import outline, versions
from engine.store.library import Library
from engine.store.schema import Node, Project, Version
from tests.store.big_library import build
from tests.store.conftest import Spy

Find = Callable[[str], Node]


@pytest.fixture
def first(library: Library, node: Find) -> Version:
    """The text of Dusk as two tabs have read it."""
    return versions.save_edit(library, node("Dusk").id, "Ada waits on the pier.", None)


def _origins(library: Library, node: Node) -> list[str]:
    return [version.origin for version in versions.history(library, node.id)]


def _texts(library: Library, node: Node) -> list[Version]:
    return [versions.get(library, version.id) for version in versions.history(library, node.id)]


def test_a_save_becomes_current_and_is_counted(library: Library, node: Find, first: Version) -> None:
    assert (first.origin, first.words, first.target_words, first.finish) == ("edit", 5, 200, None)
    assert node("Dusk").version_id == first.id
    assert versions.current_text(library, node("Dusk").id) == "Ada waits on the pier."


def test_a_save_keeps_what_it_replaces(library: Library, node: Find, first: Version) -> None:
    second = versions.save_edit(library, node("Dusk").id, "Ada runs.", first.id)
    assert second.parent_id == first.id
    assert versions.get(library, first.id).text == "Ada waits on the pier."


def test_saving_what_is_there_already_stores_nothing(library: Library, node: Find, first: Version) -> None:
    again = versions.save_edit(library, node("Dusk").id, "Ada waits on the pier.", first.id)
    assert again.id == first.id
    assert _origins(library, node("Dusk")) == ["edit"]


def test_a_stale_save_is_refused_with_both_texts_kept(library: Library, node: Find, first: Version) -> None:
    second = versions.save_edit(library, node("Dusk").id, "The first tab.", first.id)
    with pytest.raises(StaleSave, match="another window") as refused:
        versions.save_edit(library, node("Dusk").id, "The second tab.", first.id)
    kept = versions.get(library, refused.value.kept_version_id)
    assert (kept.text, kept.origin, kept.parent_id) == ("The second tab.", "conflict", first.id)
    assert node("Dusk").version_id == second.id


def test_a_stale_page_that_saves_again_and_again_is_kept_once(
    library: Library, node: Find, first: Version
) -> None:
    versions.save_edit(library, node("Dusk").id, "The first tab.", first.id)
    for _ in range(3):
        with pytest.raises(StaleSave):
            versions.save_edit(library, node("Dusk").id, "The second tab.", first.id)
    assert _origins(library, node("Dusk")) == ["edit", "edit", "conflict"]


def test_a_stale_page_without_a_change_raises_no_alarm(library: Library, node: Find, first: Version) -> None:
    second = versions.save_edit(library, node("Dusk").id, "The first tab.", first.id)
    assert versions.save_edit(library, node("Dusk").id, first.text, first.id).id == second.id
    assert versions.save_edit(library, node("Dusk").id, "", None).id == second.id


def test_a_stale_page_that_shows_an_unknown_version_keeps_its_text(
    library: Library, node: Find, first: Version
) -> None:
    with pytest.raises(StaleSave) as refused:
        versions.save_edit(library, node("Dusk").id, "Typed.", "of-another-library")
    assert versions.get(library, refused.value.kept_version_id).text == "Typed."


def test_a_page_that_shows_an_open_draft_may_save(library: Library, node: Find) -> None:
    draft = versions.open_draft(library, node("Dusk").id, "draft", "m", 1, {}, {}, None)
    versions.append(library, [(draft.id, "text", "Ada wai")])
    typed = versions.save_edit(library, node("Dusk").id, "Ada waits.", draft.id)
    assert (node("Dusk").version_id, typed.parent_id) == (typed.id, draft.id)
    assert versions.text_of(library, draft.id).text == "Ada wai"


def test_of_two_pages_that_show_the_same_open_draft_the_second_save_is_a_conflict(
    library: Library, node: Find
) -> None:
    draft = versions.open_draft(library, node("Dusk").id, "draft", "m", 1, {}, {}, None)
    versions.append(library, [(draft.id, "text", "Ada wai")])
    typed = versions.save_edit(library, node("Dusk").id, "Ada waits.", draft.id)
    with pytest.raises(StaleSave) as refused:
        versions.save_edit(library, node("Dusk").id, "Ada runs.", draft.id)
    assert versions.get(library, refused.value.kept_version_id).text == "Ada runs."
    assert node("Dusk").version_id == typed.id


def test_a_save_from_what_was_a_part_of_a_draft_is_refused_once_it_was_written_on(
    library: Library, node: Find
) -> None:
    draft = versions.open_draft(library, node("Dusk").id, "draft", "m", 1, {}, {}, None)
    versions.append(library, [(draft.id, "text", "Ada waits.")])
    versions.append(library, [(draft.id, "text", " The boat is late.")])
    with pytest.raises(StaleSave, match="was written on meanwhile") as refused:
        versions.save_edit(library, node("Dusk").id, "Ada runs.", draft.id, shown="Ada waits.")
    assert refused.value.other_version_id == draft.id
    versions.seal(library, draft.id, "complete", 6)
    with pytest.raises(StaleSave, match="was written on meanwhile") as refused:
        versions.save_edit(library, node("Dusk").id, "Ada runs.", draft.id, shown="Ada waits.")
    assert versions.current_text(library, node("Dusk").id) == "Ada waits. The boat is late."
    assert versions.get(library, refused.value.kept_version_id).text == "Ada runs."
    unchanged = versions.save_edit(library, node("Dusk").id, "Ada waits.", draft.id, shown="Ada waits.")
    assert unchanged.id == draft.id


def test_a_save_from_all_of_a_draft_is_taken_though_it_was_finished_meanwhile(
    library: Library, node: Find
) -> None:
    draft = versions.open_draft(library, node("Dusk").id, "draft", "m", 1, {}, {}, None)
    versions.append(library, [(draft.id, "text", "Ada waits.")])
    versions.seal(library, draft.id, "stopped", 2)
    typed = versions.save_edit(library, node("Dusk").id, "Ada runs.", draft.id, shown="Ada waits.")
    assert node("Dusk").version_id == typed.id


def test_a_save_is_refused_once_a_draft_has_taken_the_place_of_the_text(
    library: Library, node: Find, first: Version
) -> None:
    draft = versions.open_draft(library, node("Dusk").id, "regenerate", "m", 1, {}, {}, None)
    versions.append(library, [(draft.id, "text", "Ada runs along the pier.")])
    versions.seal(library, draft.id, "complete", 200)
    with pytest.raises(StaleSave) as refused:
        versions.save_edit(library, node("Dusk").id, "Ada waits.", first.id)
    assert refused.value.other_version_id == node("Dusk").version_id == draft.id


def test_emptying_a_section_needs_a_confirmation_and_keeps_the_text(
    library: Library, node: Find, first: Version
) -> None:
    with pytest.raises(BadInput, match="5 words"):
        versions.save_edit(library, node("Dusk").id, " \n", first.id)
    assert versions.current_text(library, node("Dusk").id) == first.text
    versions.save_edit(library, node("Dusk").id, "", first.id, confirm=True)
    assert versions.current_text(library, node("Dusk").id) == ""
    assert versions.get(library, first.id).text == first.text


def test_an_empty_page_of_an_empty_section_saves_nothing(library: Library, node: Find) -> None:
    with pytest.raises(BadInput, match="nothing to save"):
        versions.save_edit(library, node("Dusk").id, "", None)
    assert _origins(library, node("Dusk")) == []


def test_a_person_may_edit_a_locked_section(library: Library, node: Find, first: Version) -> None:
    outline.lock(library, node("Dusk").id)
    second = versions.save_edit(library, node("Dusk").id, "Ada runs.", first.id)
    assert node("Dusk").version_id == second.id


def test_what_was_typed_into_a_section_that_got_sections_is_kept_beside_the_first_of_them(
    library: Library, project: Project, node: Find
) -> None:
    dusk = node("Dusk")
    outline.insert(library, project.id, "Fog", parent_id=dusk.id)
    for _ in range(2):
        with pytest.raises(SectionGone, match="the first of them, “Fog”") as refused:
            versions.save_edit(library, dusk.id, "Typed before that.", None)
    kept = versions.get(library, refused.value.kept_version_id or "")
    assert (kept.node_id, kept.text, kept.origin) == (node("Fog").id, "Typed before that.", "conflict")
    assert _origins(library, node("Fog")) == ["conflict"]
    assert node("Fog").version_id is None
    assert versions.restore(library, kept.id).text == "Typed before that."


def test_what_was_typed_into_a_removed_section_comes_back_with_it(
    library: Library, node: Find, first: Version
) -> None:
    gone = outline.remove(library, node("Dusk").id)
    with pytest.raises(SectionGone, match="was removed") as refused:
        versions.save_edit(library, gone.id, "Ada runs.", first.id)
    with pytest.raises(SectionGone):
        versions.save_edit(library, gone.id, "Ada runs home.", refused.value.kept_version_id)
    outline.restore(library, gone.id)
    assert versions.current_text(library, gone.id) == "Ada runs home."
    assert versions.get(library, first.id).text == first.text


def test_a_stale_text_of_a_removed_section_is_kept_beside_the_one_that_counts(
    library: Library, node: Find, first: Version
) -> None:
    versions.save_edit(library, node("Dusk").id, "The first tab.", first.id)
    gone = outline.remove(library, node("Dusk").id)
    with pytest.raises(SectionGone, match="as a version") as refused:
        versions.save_edit(library, gone.id, "The second tab.", first.id)
    outline.restore(library, gone.id)
    assert versions.current_text(library, gone.id) == "The first tab."
    assert versions.get(library, refused.value.kept_version_id or "").text == "The second tab."


def test_a_chapter_that_was_removed_with_its_sections_never_gets_a_text_of_its_own(
    library: Library, project: Project, node: Find
) -> None:
    dusk = node("Dusk")
    outline.insert(library, project.id, "Fog", parent_id=dusk.id)
    outline.remove(library, dusk.id)
    with pytest.raises(SectionGone, match="as a version"):
        versions.save_edit(library, dusk.id, "Typed before that.", None)
    outline.restore(library, dusk.id)
    assert node("Dusk").version_id is None
    assert [version.text for version in _texts(library, dusk)] == ["Typed before that."]


@pytest.mark.parametrize("text", ["", "Ada waits on the pier."])
def test_nothing_is_kept_of_a_page_without_a_change_whose_section_is_gone(
    library: Library, node: Find, first: Version, text: str
) -> None:
    gone = outline.remove(library, node("Dusk").id)
    with pytest.raises(SectionGone, match="was removed") as refused:
        versions.save_edit(library, gone.id, text, first.id, confirm=True)
    assert refused.value.kept_version_id is None
    assert _origins(library, gone) == ["edit"]


def test_a_section_that_never_was_is_not_found(library: Library) -> None:
    with pytest.raises(NotFound):
        versions.save_edit(library, "nowhere", "Text.", None)


def test_half_a_character_from_a_browser_does_not_cost_the_save(library: Library, node: Find) -> None:
    saved = versions.save_edit(library, node("Dusk").id, "Snow \ud83d falls.", None)
    assert versions.get(library, saved.id).text == "Snow \ufffd falls."


def test_restoring_is_a_new_version_with_the_old_text(library: Library, node: Find, first: Version) -> None:
    second = versions.save_edit(library, node("Dusk").id, "Ada runs.", first.id)
    restored = versions.restore(library, first.id)
    assert (restored.text, restored.words, restored.origin) == (first.text, 5, "restore")
    assert restored.parent_id == first.id
    assert node("Dusk").version_id == restored.id
    assert versions.get(library, second.id).text == "Ada runs."


def test_restoring_a_draft_keeps_how_it_ended_and_who_wrote_it(library: Library, node: Find) -> None:
    draft = versions.open_draft(library, node("Dusk").id, "variant", "m", 3, {"t": 1}, {"parts": []}, None)
    versions.append(library, [(draft.id, "text", "Ada waits."), (draft.id, "think", "Hm.")])
    versions.seal(library, draft.id, "short", 2)
    versions.save_edit(library, node("Dusk").id, "Mine.", draft.id)
    restored = versions.get(library, versions.restore(library, draft.id).id)
    assert (restored.finish, restored.model, restored.seed, restored.think) == ("short", "m", 3, "Hm.")
    assert (restored.sampling, restored.prompt) == ({"t": 1}, {"parts": []})


def test_restoring_what_is_current_does_nothing(library: Library, node: Find, first: Version) -> None:
    assert versions.restore(library, first.id).id == first.id
    assert _origins(library, node("Dusk")) == ["edit"]


def test_neither_an_open_nor_an_empty_version_is_restored(
    library: Library, node: Find, first: Version
) -> None:
    draft = versions.open_draft(library, node("Dusk").id, "regenerate", "m", 1, {}, {}, None)
    with pytest.raises(BadInput, match="still being written"):
        versions.restore(library, draft.id)
    versions.seal(library, draft.id, "empty", 0)
    with pytest.raises(BadInput, match="empty"):
        versions.restore(library, draft.id)
    assert node("Dusk").version_id == first.id


def test_the_history_is_oldest_first_and_reads_no_text(
    library: Library, node: Find, first: Version, spy: Spy
) -> None:
    dusk = node("Dusk")
    second = versions.save_edit(library, dusk.id, "Ada runs.", first.id)
    with spy() as spied:
        told = versions.history(library, dusk.id)
    assert [(version.id, version.words) for version in told] == [(first.id, 5), (second.id, 2)]
    assert len(spied.sql) == 1
    for column in ("text", "think", "prompt", "sampling"):
        assert f"version.{column}" not in spied.sql[0]
    with pytest.raises(DetachedInstanceError):
        _ = told[0].text


def test_all_current_texts_come_in_one_query(
    library: Library, project: Project, node: Find, first: Version, spy: Spy
) -> None:
    dusk = node("Dusk")
    versions.save_edit(library, node("Noon").id, "Sun.", None)
    gone = node("Noon")
    outline.remove(library, gone.id)
    with spy() as spied:
        assert versions.current_texts(library, project.id) == {dusk.id: first.text}
    assert len(spied.sql) == 1


def test_a_version_is_found_only_in_its_own_section(library: Library, node: Find) -> None:
    dusk = versions.save_edit(library, node("Dusk").id, "Dusk fell.", None)
    assert versions.of_section(library, node("Dusk").id, dusk.id).text == "Dusk fell."
    with pytest.raises(NotFound, match="another section"):
        versions.of_section(library, node("Noon").id, dusk.id)


def test_the_newest_drafted_version_is_not_an_edit_of_it(library: Library, node: Find) -> None:
    dusk = node("Dusk").id
    assert versions.newest_drafted(library, dusk) is None
    for seed in (1, 2):
        draft = versions.open_draft(library, dusk, "draft", "m", seed, {}, {"seed": seed}, None)
        versions.append(library, [(draft.id, "text", f"Draft {seed}.")])
        versions.seal(library, draft.id, "complete", 2)
    versions.save_edit(library, dusk, "Mine.", draft.id)
    newest = versions.newest_drafted(library, dusk)
    assert newest is not None
    assert (newest.id, newest.text, newest.prompt) == (draft.id, "Draft 2.", {"seed": 2})


def _cost_of_a_save(library: Library, project: Project, spy: Spy) -> tuple[list[str], int]:
    leaf = outline.leaves(library, project.id)[-1].node
    with spy() as spied:
        versions.save_edit(library, leaf.id, "Quite another text.", leaf.version_id)
    with library.reading() as session:
        plans = [
            str(step[3])
            for sql, values in spied.statements
            if sql.startswith("SELECT")
            for step in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
        ]
    assert plans
    assert not [step for step in plans if step.startswith("SCAN")]
    return spied.sql, spied.changed_rows


def test_saving_a_section_of_a_300000_word_project_costs_the_same_as_in_a_small_one(
    library: Library, spy: Spy
) -> None:
    small = _cost_of_a_save(library, build(library, chapters=1, sections=2, words=50), spy)
    big = _cost_of_a_save(library, build(library, versions=2), spy)
    assert big == small
    assert big[1] == 3  # the version, the node, and the project's date
