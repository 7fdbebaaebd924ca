"""Words gained since a moment, a person's and a model's apart."""

from __future__ import annotations

import pytest

from engine.store import outline, versions
from engine.store.daily import Gain, gained_since
from engine.store.library import Library
from engine.store.schema import Node, Project, Version, now


@pytest.fixture
def leaves(library: Library, project: Project) -> list[Node]:
    return [row.node for row in outline.leaves(library, project.id)]


def _yesterday(library: Library, version_id: str) -> None:
    with library.session() as session:
        session.get_one(Version, version_id).created_at = now() - 86_400


def _drafted(library: Library, node_id: str, text: str) -> None:
    draft = versions.open_draft(library, node_id, "draft", "m", 1, {}, {}, None)
    versions.append(library, [(draft.id, "text", text)])
    versions.seal(library, draft.id, "complete", len(text.split()))


def test_only_what_was_added_since_the_moment_counts(
    library: Library, project: Project, leaves: list[Node]
) -> None:
    moment = now() - 3_600
    old = versions.save_edit(library, leaves[0].id, "One two three.", None)
    _yesterday(library, old.id)
    assert gained_since(library, project.id, moment) == Gain(0, 0)
    versions.save_edit(library, leaves[0].id, "One two three four five.", old.id)
    versions.save_edit(library, leaves[1].id, "New here.", None)
    assert gained_since(library, project.id, moment) == Gain(own=4)


def test_a_models_words_are_told_apart_from_a_persons(
    library: Library, project: Project, leaves: list[Node]
) -> None:
    moment = now() - 3_600
    _drafted(library, leaves[0].id, "Four words by model.")
    current = outline.get(library, leaves[0].id).version_id
    versions.save_edit(library, leaves[0].id, "Two words.", current)
    gain = gained_since(library, project.id, moment)
    assert (gain.own, gain.drafted, gain.words) == (-2, 4, 2)


def test_texts_kept_beside_and_removed_sections_do_not_count(
    library: Library, project: Project, leaves: list[Node]
) -> None:
    moment = now() - 3_600
    saved = versions.save_edit(library, leaves[0].id, "One two three.", None)
    draft = versions.open_draft(library, leaves[0].id, "variant", "m", 1, {}, {}, None)
    versions.append(library, [(draft.id, "text", "A variant of six words here.")])
    versions.seal(library, draft.id, "complete", 6, keep_current=True)
    versions.save_edit(library, leaves[1].id, "Gone soon.", None)
    outline.remove(library, leaves[1].id)
    assert outline.get(library, leaves[0].id).version_id == saved.id
    assert gained_since(library, project.id, moment) == Gain(own=3)


def test_a_draft_under_way_counts_when_it_is_sealed(
    library: Library, project: Project, leaves: list[Node]
) -> None:
    draft = versions.open_draft(library, leaves[0].id, "draft", "m", 1, {}, {}, None)
    versions.append(library, [(draft.id, "text", "Not yet.")])
    assert gained_since(library, project.id, 0.0) == Gain()
    versions.seal(library, draft.id, "complete", 2)
    assert gained_since(library, project.id, 0.0) == Gain(drafted=2)
