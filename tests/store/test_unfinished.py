"""Which sections a draft would go on with. The fixtures' “Dusk” is to have 200 words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.store import outline, versions
from engine.store.library import Library
from engine.store.schema import Node, Project, Version
from engine.store.unfinished import unfinished
from tests.store.conftest import Spy

Find = Callable[[str], Node]


def drafted(library: Library, node: Node, words: int, finish: str | None) -> Version:
    """A draft of so many words; None: one that is still open."""
    draft = versions.open_draft(library, node.id, "draft", "m", 1, {}, {}, None)
    versions.append(library, [(draft.id, "text", "word " * words)])
    return draft if finish is None else versions.seal(library, draft.id, finish, words)


def edited(library: Library, node: Node, words: int, base: Version | None) -> Version:
    return versions.save_edit(library, node.id, "Edited " * words, base.id if base else None)


@pytest.fixture
def is_open(library: Library, project: Project, node: Find) -> Callable[[], bool]:
    return lambda: node("Dusk").id in unfinished(library, project.id)


IsOpen = Callable[[], bool]


def test_sections_without_a_word_are_unfinished_and_chapters_are_not_asked_about(
    library: Library, project: Project, node: Find
) -> None:
    outline.remove(library, node("Noon").id)
    assert unfinished(library, project.id) == {node(title).id for title in ("Dusk", "Night", "Dawn")}


@pytest.mark.parametrize(
    ("finish", "wants_more"),
    [("stopped", True), ("failed", True), ("complete", False), ("short", False), ("clipped", False)],
)
def test_a_draft_is_unfinished_when_it_was_broken_off(
    library: Library, node: Find, is_open: IsOpen, finish: str, wants_more: bool
) -> None:
    draft = drafted(library, node("Dusk"), 60, finish)
    assert is_open() == wants_more
    edited(library, node("Dusk"), 70, draft)
    assert is_open() == wants_more


def test_changes_of_changes_and_what_was_brought_back_are_what_the_draft_behind_them_is(
    library: Library, node: Find, is_open: IsOpen
) -> None:
    draft = drafted(library, node("Dusk"), 60, "stopped")
    first = edited(library, node("Dusk"), 70, draft)
    edited(library, node("Dusk"), 80, first)
    assert is_open()
    versions.restore(library, draft.id)
    assert is_open()


def test_a_half_draft_that_a_person_brought_near_its_target_is_finished(
    library: Library, node: Find, is_open: IsOpen
) -> None:
    draft = drafted(library, node("Dusk"), 60, "stopped")
    edited(library, node("Dusk"), 180, draft)
    assert not is_open()
    outline.set_target(library, node("Dusk").id, 300)
    assert is_open()


def test_a_half_draft_near_its_target_is_finished_once_a_person_brought_it_back(
    library: Library, node: Find, is_open: IsOpen
) -> None:
    draft = drafted(library, node("Dusk"), 185, "stopped")
    assert is_open()
    edited(library, node("Dusk"), 60, draft)
    versions.restore(library, draft.id)
    assert not is_open()


def test_changes_of_a_draft_that_is_still_open_are_unfinished(
    library: Library, node: Find, is_open: IsOpen
) -> None:
    edited(library, node("Dusk"), 70, drafted(library, node("Dusk"), 60, None))
    assert is_open()


def test_a_persons_own_text_is_finished_however_short_it_is(
    library: Library, node: Find, is_open: IsOpen
) -> None:
    own = edited(library, node("Dusk"), 3, None)
    assert not is_open()
    versions.save_edit(library, node("Dusk").id, "", own.id, confirm=True)
    assert is_open()


def test_it_is_one_query_and_reads_no_text(library: Library, project: Project, node: Find, spy: Spy) -> None:
    edited(library, node("Dusk"), 70, drafted(library, node("Dusk"), 60, "stopped"))
    with spy() as spied:
        unfinished(library, project.id)
    assert len(spied.sql) == 1
    assert "version.text" not in spied.sql[0]
