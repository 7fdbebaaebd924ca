"""A draft from its first section to its last: what is written, told, and kept with each version."""

from __future__ import annotations

from collections.abc import Iterator

from engine.backends.protocol import Request
from engine.jobs import submitting
from engine.store import jobs, outline, versions
from engine.text.counting import count_words
from tests.fakes import FakeBackend, prose, thinks_first
from tests.jobs.conftest import Office, everything_written, make_project, node_ids, texts


def test_a_draft_writes_every_section_and_says_what_came_out(office: Office) -> None:
    project = make_project(office.library, [120, 80, 100])
    job = submitting.submit_draft(office.library, project.id)
    office.run()
    job = office.job(job)
    assert job.state == "done"
    everything_written(office.library, project)
    rows = outline.tree(office.library, project.id)
    assert [section["words"] for section in job.result["sections"]] == [row.words for row in rows]
    assert job.result["words"] == sum(row.words for row in rows)
    assert job.result["words_target"] == 300
    assert job.result["finish"] == "complete"
    assert job.result["generated_tokens"] > 0
    assert job.progress["sections_done"] == job.progress["sections_total"] == 3
    assert all(row.version_count == 1 for row in rows)


def test_the_prompt_of_a_later_section_shows_what_was_told_before(office: Office) -> None:
    project = make_project(office.library, [80, 80])
    submitting.submit_draft(office.library, project.id)
    office.run()
    first, second = node_ids(office.library, project)
    (version,) = versions.history(office.library, second)
    prompt = versions.get(office.library, version.id).prompt
    parts = {part["name"]: part["text"] for part in prompt["parts"]}
    ending = versions.current_text(office.library, first).split()[-3:]
    assert " ".join(ending) in parts["last_words"]
    assert "Part 1" in parts["summary"]


def test_thinking_is_kept_with_the_version_and_not_in_the_text(office: Office) -> None:
    project = make_project(office.library, [80])
    submitting.submit_draft(office.library, project.id, settings={"think": "on"})
    office.run(lambda: FakeBackend(thinks_first))
    (node_id,) = node_ids(office.library, project)
    (version,) = versions.history(office.library, node_id)
    stored = versions.text_of(office.library, version.id)
    assert "First the harbour" in stored.think
    assert "First the harbour" not in stored.text


def test_what_the_writer_writes_in_an_empty_section_while_another_is_drafted_stays(office: Office) -> None:
    project = make_project(office.library, [80, 80])
    _, second = node_ids(office.library, project)
    mine = "My own words stand here, written while the model was busy with the section before."

    def habit(request: Request) -> Iterator[str]:
        if not versions.current_text(office.library, second):
            versions.save_edit(office.library, second, mine, None)
        yield from prose(request)

    job = submitting.submit_draft(office.library, project.id)
    office.run(lambda: FakeBackend(habit))
    assert jobs.get(office.library, job.id).state == "done"
    first, kept = texts(office.library, project)
    assert count_words(first) > 60
    assert kept == mine
    assert [version.origin for version in versions.history(office.library, second)] == ["edit"]
