"""A paused draft goes on at the very place where it was, with what the writer changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from engine.backends.protocol import Request
from engine.drafting.prompt_pack import PromptPack
from engine.jobs import client, submitting, watching
from engine.store import jobs, outline, projects, versions
from engine.store.schema import Job, Project
from engine.text.counting import count_words
from tests.fakes import FakeBackend
from tests.jobs.conftest import (
    Office,
    everything_written,
    make_project,
    node_ids,
    rested_in_the_middle,
    slow_model,
    slowly,
    texts,
    wait_until,
)


def paused_in_the_middle(office: Office, project: Project, least_words: int) -> Job:
    return rested_in_the_middle(office, project, least_words, "pause")


def test_a_paused_draft_goes_on_in_the_same_version_at_the_very_place(office: Office) -> None:
    project = make_project(office.library, [80, 120, 80])
    job = paused_in_the_middle(office, project, 100)
    (waiting,) = versions.open_versions(office.library, job.id)
    before = versions.text_of(office.library, waiting.id).text
    assert before
    first_done = texts(office.library, project)[0]
    client.resume(office.home, office.library, job.id)
    office.run()
    assert office.job(job).state == "done"
    everything_written(office.library, project)
    after = texts(office.library, project)
    assert after[0] == first_done
    assert after[1].startswith(before)
    assert [row.version_count for row in outline.tree(office.library, project.id)] == [1, 1, 1]
    assert office.job(job).result["words"] == sum(count_words(text) for text in after)


def test_a_brief_changed_in_a_pause_is_in_the_prompt_that_is_kept_with_the_text(office: Office) -> None:
    project = make_project(office.library, [160])
    job = paused_in_the_middle(office, project, 40)
    (waiting,) = versions.open_versions(office.library, job.id)
    projects.update(
        office.library, project.id, brief={**project.brief, "premise": "A ferryman counts gulls."}
    )
    client.resume(office.home, office.library, job.id)
    office.run()
    assert office.job(job).state == "done"
    kept = PromptPack.from_json(versions.get(office.library, waiting.id).prompt)
    assert "A ferryman counts gulls." in "".join(message.content for message in kept.messages)


def canon(request: Request) -> Iterator[str]:
    """One endless text, the same whoever asks: goes on behind the words of the prefix."""
    number = len(request.prefix.split())
    gap = " " if request.prefix else ""
    while True:
        number += 1
        word = f"word{number}" if number % 9 else f"stop{number}."
        yield gap + (word.capitalize() if number % 9 == 1 else word)
        gap = " "


def test_a_resumed_draft_is_word_for_word_what_it_would_have_been(office: Office) -> None:
    whole, broken = (
        make_project(office.library, [150], "Whole"),
        make_project(office.library, [150], "Broken"),
    )
    submitting.submit_draft(office.library, whole.id)
    office.run(lambda: FakeBackend(canon))
    job = submitting.submit_draft(office.library, broken.id)
    for least in (30, 60, 90):
        office.start(lambda: FakeBackend(slowly(canon)))
        wait_until(lambda least=least: office.words(job) >= least)
        client.pause(office.home, office.library, job.id)
        office.rest()
        assert office.job(job).state == "paused"
        client.resume(office.home, office.library, job.id)
    office.run(lambda: FakeBackend(canon))
    assert texts(office.library, broken) == texts(office.library, whole)


def test_a_section_edited_during_a_pause_goes_on_from_the_edit(office: Office) -> None:
    project = make_project(office.library, [160])
    job = paused_in_the_middle(office, project, 40)
    (waiting,) = versions.open_versions(office.library, job.id)
    drafted = versions.text_of(office.library, waiting.id).text
    edit = "The keeper had always known that the sea would answer. " + drafted[:60].rsplit(" ", 1)[0]
    (node_id,) = node_ids(office.library, project)
    versions.save_edit(office.library, node_id, edit, waiting.id)
    client.resume(office.home, office.library, job.id)
    office.run()
    everything_written(office.library, project)
    assert texts(office.library, project)[0].startswith(edit)
    kept = versions.text_of(office.library, waiting.id)
    assert kept.text == drafted


def test_stopping_a_paused_draft_keeps_its_text_and_frees_the_project(office: Office) -> None:
    project = make_project(office.library, [120])
    job = paused_in_the_middle(office, project, 40)
    (waiting,) = versions.open_versions(office.library, job.id)
    text = versions.text_of(office.library, waiting.id).text
    client.stop(office.home, office.library, job.id)
    assert office.job(job).state == "stopped"
    assert texts(office.library, project) == [text]
    submitting.submit_draft(office.library, project.id)


def test_resuming_what_still_runs_changes_nothing(office: Office) -> None:
    project = make_project(office.library, [200])
    job = submitting.submit_draft(office.library, project.id)
    office.start(slow_model)
    wait_until(lambda: office.words(job) >= 10)
    before = jobs.get(office.library, job.id).lease_owner
    assert client.resume(office.home, office.library, job.id).state == "running"
    assert jobs.get(office.library, job.id).lease_owner == before
    assert watching.state_of(office.home, office.library, office.job(job)) == "running"
    office.leaving.set()
    office.rest()
    assert office.job(job).state == "paused"
