"""Sections that have a text, or had one: written anew, written in variants, locked, emptied."""

from __future__ import annotations

import pytest

from engine.errors import NodeLocked
from engine.jobs import submitting
from engine.store import outline, versions
from tests.jobs.conftest import Office, make_project, node_ids, slow_model, texts, wait_until


def test_replacing_makes_a_new_version_and_keeps_the_old_one(office: Office) -> None:
    project = make_project(office.library, [80, 80])
    submitting.submit_draft(office.library, project.id)
    office.run()
    before = texts(office.library, project)
    second = node_ids(office.library, project)[1]
    again = {"seed": 9}
    submitting.submit_draft(office.library, project.id, node_ids=[second], mode="replace", settings=again)
    office.run()
    after = texts(office.library, project)
    assert after[0] == before[0]
    assert after[1] != before[1]
    history = versions.history(office.library, second)
    assert before[1] in [versions.text_of(office.library, version.id).text for version in history]
    assert sorted(version.origin for version in history) == ["draft", "regenerate"]


def test_a_section_written_anew_without_a_chosen_seed_gets_another_text(office: Office) -> None:
    project = make_project(office.library, [80])
    submitting.submit_draft(office.library, project.id)
    office.run()
    (node_id,) = node_ids(office.library, project)
    for _ in range(2):
        submitting.submit_draft(office.library, project.id, node_ids=[node_id], mode="replace", new_seed=True)
        office.run()
    made = versions.history(office.library, node_id)
    assert [version.origin for version in made] == ["draft", "regenerate", "regenerate"]
    assert len({versions.text_of(office.library, version.id).text for version in made}) == 3


def test_variants_are_made_in_one_batch_beside_the_text(office: Office) -> None:
    project = make_project(office.library, [80])
    submitting.submit_draft(office.library, project.id)
    office.run()
    before = texts(office.library, project)
    (node_id,) = node_ids(office.library, project)
    job = submitting.submit_draft(office.library, project.id, node_ids=[node_id], mode="variants", variants=3)
    office.run()
    assert office.job(job).state == "done"
    assert office.opened[-1][1] == 3
    made = [version for version in versions.history(office.library, node_id) if version.origin == "variant"]
    assert len({versions.text_of(office.library, version.id).text for version in made}) == 3
    assert len({version.seed for version in made}) == 3
    assert texts(office.library, project) == before


def test_a_locked_section_is_never_written(office: Office) -> None:
    project = make_project(office.library, [60, 60])
    locked, free = node_ids(office.library, project)
    outline.lock(office.library, locked, True)
    with pytest.raises(NodeLocked):
        submitting.submit_draft(office.library, project.id, node_ids=[locked], mode="replace")
    job = submitting.submit_draft(office.library, project.id)
    office.run()
    assert office.job(job).state == "done"
    assert versions.history(office.library, locked) == []
    assert versions.current_text(office.library, free)


def test_a_section_locked_while_it_is_written_anew_keeps_its_text(office: Office) -> None:
    project = make_project(office.library, [120])
    submitting.submit_draft(office.library, project.id)
    office.run()
    (node_id,) = node_ids(office.library, project)
    (before,) = texts(office.library, project)
    job = submitting.submit_draft(
        office.library, project.id, node_ids=[node_id], mode="replace", settings={"seed": 8}
    )
    office.start(slow_model)
    wait_until(lambda: office.words(job) >= 20)
    outline.lock(office.library, node_id, True)
    office.rest()
    assert texts(office.library, project) == [before]
    assert len(versions.history(office.library, node_id)) == 2


def test_a_section_that_the_writer_emptied_can_be_written(office: Office) -> None:
    project = make_project(office.library, [60])
    submitting.submit_draft(office.library, project.id)
    office.run()
    (node_id,) = node_ids(office.library, project)
    current = outline.get(office.library, node_id).version_id
    versions.save_edit(office.library, node_id, "", current, confirm=True)
    again = submitting.submit_draft(office.library, project.id)
    office.run()
    assert office.job(again).state == "done"
    assert versions.current_text(office.library, node_id)
