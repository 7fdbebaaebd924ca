"""Which drafted texts make a pair, and what stands behind a person's text."""

from __future__ import annotations

from collections.abc import Callable

from engine.store import feedback, jobs, judged, questions, versions
from engine.store.library import Library
from engine.store.schema import Node, Project, Version

FindNode = Callable[[str], Node]


def drafted(
    library: Library,
    node: Node,
    text: str,
    origin: str = "draft",
    finish: str = "complete",
    job_id: str | None = None,
) -> Version:
    """A text that a model wrote, long enough to replace what was there."""
    version = versions.open_draft(
        library, node.id, origin, "tiny", 7, {"think": "off"}, {"messages": []}, job_id, target_words=3
    )
    versions.append(library, [(version.id, "text", text)])
    return versions.seal(library, version.id, finish, len(text.split()), keep_current=origin == "variant")


def ids(pairs: list[judged.Pair]) -> list[tuple[str, str]]:
    return [(pair.first, pair.second) for pair in pairs]


def test_the_variants_of_one_batch_are_a_pair(library: Library, project: Project, node: FindNode) -> None:
    job = jobs.submit(library, project.id, "draft", {})
    one, two = (
        drafted(library, node("Dusk"), text, "variant", job_id=job.id) for text in ("A b c.", "D e f.")
    )
    assert ids(judged.pairs(library)) == [(one.id, two.id)]
    assert judged.pairs(library, node_id=node("Night").id) == []


def test_a_text_written_again_pairs_with_the_draft_it_replaced(
    library: Library, project: Project, node: FindNode
) -> None:
    old = drafted(library, node("Dusk"), "Rain fell down.")
    new = drafted(library, node("Dusk"), "It rained all night.", "regenerate")
    assert ids(judged.pairs(library, project.id)) == [(old.id, new.id)]
    assert getattr(judged.replaced_by(library, new.id), "id", None) == old.id


def test_a_text_written_again_over_ones_own_is_no_pair(library: Library, node: FindNode) -> None:
    versions.save_edit(library, node("Dusk").id, "My own words.", None)
    new = drafted(library, node("Dusk"), "It rained all night.", "regenerate")
    assert judged.pairs(library) == []
    assert judged.replaced_by(library, new.id) is None


def test_texts_that_were_cut_off_are_not_compared(library: Library, project: Project, node: FindNode) -> None:
    job = jobs.submit(library, project.id, "draft", {})
    drafted(library, node("Dusk"), "A b c.", "variant", "stopped", job.id)
    drafted(library, node("Dusk"), "D e f.", "variant", job_id=job.id)
    assert judged.pairs(library) == []


def test_an_edit_and_a_text_brought_back_go_back_to_the_draft(library: Library, node: FindNode) -> None:
    old = drafted(library, node("Dusk"), "Rain fell down.")
    edit = versions.save_edit(library, node("Dusk").id, "Rain fell slowly down.", old.id)
    back = versions.restore(library, old.id)
    for version in (old, edit, back):
        assert getattr(judged.generated_behind(library, version.id), "id", None) == old.id
    own = versions.save_edit(library, node("Night").id, "Mine.", None)
    assert judged.generated_behind(library, own.id) is None


def test_a_pair_counts_as_asked_while_it_waits_and_when_it_was_thrown_away(
    library: Library, project: Project, node: FindNode
) -> None:
    old = drafted(library, node("Dusk"), "Rain fell down.")
    new = drafted(library, node("Dusk"), "It rained all night.", "regenerate")
    assert judged.asked_pairs(library) == set()
    columns = {
        "prompt": "p",
        "text_a": old.text,
        "text_b": new.text,
        "version_a_id": old.id,
        "version_b_id": new.id,
    }
    waiting = questions.add(library, **columns)
    assert judged.asked_pairs(library) == {frozenset((old.id, new.id))}
    row = questions.answer(library, waiting.id, "a")
    assert [one.id for one in judged.about(library, new.id)] == [row.id]
    feedback.delete(library, row.id)
    assert judged.about(library, new.id) == []
    assert judged.asked_pairs(library) == {frozenset((old.id, new.id))}
