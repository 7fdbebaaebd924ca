"""A page that follows a draft shows every word once, whenever it looks."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from engine.errors import NotFound
from engine.store import versions
from engine.store.library import Library
from engine.store.schema import Node, Version

Find = Callable[[str], Node]


class Page:
    """Applies answers as the rule in `engine.store.following` says."""

    def __init__(self) -> None:
        self.version_id: str | None = None
        self.seq = 0
        self.text = self.think = ""
        self.sealed = False

    def apply(self, new: versions.Follow) -> None:
        if new.reset:
            self.text = self.think = ""
        if new.sealed:
            self.text, self.think = new.text or "", new.think or ""
        for delta in new.deltas:
            if delta.channel == "cut":
                self.text = self.text.removesuffix(delta.text)
            elif delta.channel == "think":
                self.think += delta.text
            else:
                self.text += delta.text
        self.version_id, self.seq, self.sealed = new.version_id, new.seq, new.sealed


def _open(library: Library, node: Node, origin: str = "draft") -> Version:
    return versions.open_draft(library, node.id, origin, "m", 1, {}, {}, None, prefix_text="Ada ")


def test_a_page_sees_each_piece_once_and_the_whole_at_the_end(library: Library, node: Find) -> None:
    draft, page = _open(library, node("Dusk")), Page()
    for rows in (
        [("text", "waits"), ("think", "Hm.")],
        [],
        [("text", " on the")],
        [("cut", " the"), ("text", ".")],
    ):
        versions.append(library, [(draft.id, *row) for row in rows])
        page.apply(versions.follow(library, draft.id, page.seq))
        assert (page.text, page.think) == tuple(versions.text_of(library, draft.id).__dict__.values())
        assert not page.sealed
    versions.seal(library, draft.id, "complete", 4)
    last = versions.follow(library, draft.id, page.seq)
    assert (last.deltas, last.finish, last.words) == ((), "complete", 4)
    page.apply(last)
    assert (page.text, page.sealed) == ("Ada waits on.", True)


def test_a_page_that_comes_late_gets_everything(library: Library, node: Find) -> None:
    draft, page = _open(library, node("Dusk")), Page()
    versions.append(library, [(draft.id, "text", "waits."), (draft.id, "think", "Hm.")])
    page.apply(versions.follow(library, draft.id))
    assert (page.text, page.think) == ("Ada waits.", "Hm.")


def test_a_page_loses_and_repeats_nothing_while_another_thread_writes_and_seals(
    library: Library, node: Find
) -> None:
    draft, page = _open(library, node("Dusk")), Page()

    def write() -> None:
        for number in range(120):
            versions.append(library, [(draft.id, "text", f"word{number} "), (draft.id, "text", "gone")])
            versions.append(library, [(draft.id, "cut", "gone")])
        versions.seal(library, draft.id, "complete", 121)

    writer = threading.Thread(target=write)
    writer.start()
    seen_growing = 0
    whole = "Ada " + "".join(f"word{number} " for number in range(120))
    while not page.sealed:
        page.apply(versions.follow(library, draft.id, page.seq))
        assert whole.startswith(page.text.removesuffix("gone"))
        seen_growing += not page.sealed
    writer.join()
    assert page.text == whole
    assert seen_growing > 1


def test_numbers_of_folded_pieces_do_not_come_back(library: Library, node: Find) -> None:
    first = _open(library, node("Dusk"))
    versions.append(library, [(first.id, "text", "waits.")])
    seen = versions.follow(library, first.id).seq
    versions.seal(library, first.id, "complete", 2)
    second = _open(library, node("Dusk"), "regenerate")
    assert min(chunk.seq or 0 for chunk in versions.chunks_since(library, [second.id], 0)) > seen


def test_several_drafts_are_followed_with_one_number(library: Library, node: Find) -> None:
    dusk, night = _open(library, node("Dusk")), _open(library, node("Night"))
    seen = max(chunk.seq or 0 for chunk in versions.chunks_since(library, [dusk.id, night.id], 0))
    versions.append(library, [(night.id, "text", "sleeps"), (dusk.id, "text", "waits")])
    new = versions.chunks_since(library, [dusk.id, night.id], seen)
    assert [(chunk.version_id, chunk.text) for chunk in new] == [(night.id, "sleeps"), (dusk.id, "waits")]


def test_a_section_without_a_text_is_an_empty_page(library: Library, node: Find) -> None:
    shown = versions.follow_node(library, node("Dusk").id)
    assert (shown.version_id, shown.sealed, shown.text, shown.reset) == (None, True, "", False)


def test_a_section_shows_its_draft_and_then_what_counts(library: Library, node: Find) -> None:
    dusk, page = node("Dusk"), Page()
    typed = versions.save_edit(library, dusk.id, "Mine.", None)

    def look() -> Page:
        page.apply(versions.follow_node(library, dusk.id, page.version_id, page.seq))
        return page

    assert (look().text, page.version_id) == ("Mine.", typed.id)
    draft = _open(library, dusk, "regenerate")
    assert (look().text, page.version_id, page.sealed) == ("Ada ", draft.id, False)
    versions.append(library, [(draft.id, "text", "waits")])
    assert look().text == "Ada waits"
    versions.seal(library, draft.id, "stopped", 2)
    # It stayed beside the text, so the page shows the text again.
    assert (look().text, page.version_id, page.sealed) == ("Mine.", typed.id, True)


def test_a_section_shows_an_edit_that_is_newer_than_a_paused_draft(library: Library, node: Find) -> None:
    draft = _open(library, node("Dusk"))
    typed = versions.save_edit(library, node("Dusk").id, "Ada runs.", draft.id)
    assert versions.follow_node(library, node("Dusk").id, draft.id, 1).version_id == typed.id


def test_variants_are_not_shown_in_place_of_the_text(library: Library, node: Find) -> None:
    typed = versions.save_edit(library, node("Dusk").id, "Mine.", None)
    _open(library, node("Dusk"), "variant")
    assert versions.follow_node(library, node("Dusk").id).version_id == typed.id


def test_an_unknown_section_or_version_is_not_found(library: Library) -> None:
    with pytest.raises(NotFound):
        versions.follow(library, "nope")
    with pytest.raises(NotFound):
        versions.follow_node(library, "nope")
