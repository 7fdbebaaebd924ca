"""A stopped draft keeps its text, and what goes on from it, or from a copy of it, begins with that text."""

from __future__ import annotations

from collections.abc import Iterator

from engine.backends.protocol import Request
from engine.jobs import client, submitting
from engine.store import outline, projects, versions
from engine.store.schema import Job, Project
from engine.text.counting import count_words
from tests.fakes import FakeBackend, lines
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


def stopped_in_the_middle(office: Office, project: Project, least_words: int) -> Job:
    return rested_in_the_middle(office, project, least_words, "stop", lambda: FakeBackend(slowly(lines)))


def test_a_stopped_draft_keeps_its_text_and_goes_on_from_it(office: Office) -> None:
    project = make_project(office.library, [80, 120])
    job = submitting.submit_draft(office.library, project.id)
    office.start(slow_model)
    wait_until(lambda: office.words(job) >= 120)
    client.stop(office.home, office.library, job.id)
    office.rest()
    assert office.job(job).state == "stopped"
    rows = outline.tree(office.library, project.id)
    assert [row.finish for row in rows] == ["complete", "stopped"]
    kept = texts(office.library, project)[1]
    assert kept
    again = submitting.submit_draft(office.library, project.id)
    office.run()
    assert office.job(again).state == "done"
    everything_written(office.library, project)
    assert texts(office.library, project)[1].startswith(kept)


def test_what_goes_on_from_a_stopped_text_with_single_line_breaks_is_the_text(office: Office) -> None:
    project = make_project(office.library, [160])
    job = stopped_in_the_middle(office, project, 60)
    (kept,) = texts(office.library, project)
    assert "\n" in kept.strip()
    client.resume(office.home, office.library, job.id)
    office.run(lambda: FakeBackend(lines))
    everything_written(office.library, project)
    (text,) = texts(office.library, project)
    assert text.split()[: len(kept.split())] == kept.split()
    assert "\n" not in text.replace("\n\n", "")
    assert office.job(job).result["words"] == count_words(text)


def test_a_stopped_text_whose_end_the_model_cannot_find_is_still_the_longer_one(office: Office) -> None:
    def stalls(request: Request) -> Iterator[str]:
        yield from () if count_words(request.prefix) > 90 else lines(request)

    project = make_project(office.library, [400])
    job = stopped_in_the_middle(office, project, 60)
    before = count_words(texts(office.library, project)[0])
    client.resume(office.home, office.library, job.id)
    office.run(lambda: FakeBackend(stalls, stubborn=True))
    (row,) = outline.tree(office.library, project.id)
    assert row.finish == "short"
    assert row.words == office.job(job).result["words"] >= before


def test_a_writers_verse_is_never_reshaped_by_what_goes_on_behind_it(office: Office) -> None:
    project = make_project(office.library, [160])
    stopped_in_the_middle(office, project, 40)
    (node_id,) = node_ids(office.library, project)
    verse = "The sea came in by night\nand took the pier away,\nand nobody who saw it"
    versions.save_edit(office.library, node_id, verse, outline.get(office.library, node_id).version_id)
    again = stopped_in_the_middle(office, project, 60)
    assert texts(office.library, project)[0].startswith(verse)
    client.resume(office.home, office.library, again.id)
    office.run(lambda: FakeBackend(lines))
    everything_written(office.library, project)
    (text,) = texts(office.library, project)
    assert text.startswith(verse)
    assert "\n" not in text[len(verse) :].replace("\n\n", "")


def test_a_copy_of_a_half_draft_that_was_changed_goes_on_as_the_book_itself(office: Office) -> None:
    project = make_project(office.library, [160])
    stopped_in_the_middle(office, project, 40)
    (node_id,) = node_ids(office.library, project)
    edit = "The keeper had always known that the sea would answer"
    versions.save_edit(office.library, node_id, edit, outline.get(office.library, node_id).version_id)
    copy = projects.duplicate(office.library, project.id)
    for book in (project, copy):
        submitting.submit_draft(office.library, book.id)
        office.run()
        everything_written(office.library, book)
        assert texts(office.library, book)[0].startswith(edit)


def test_a_copy_of_a_half_draft_behind_the_writers_verse_never_reshapes_it(office: Office) -> None:
    project = make_project(office.library, [160])
    stopped_in_the_middle(office, project, 40)
    (node_id,) = node_ids(office.library, project)
    verse = "The sea came in by night\nand took the pier away,\nand nobody who saw it"
    versions.save_edit(office.library, node_id, verse, outline.get(office.library, node_id).version_id)
    stopped_in_the_middle(office, project, 60)
    copy = projects.duplicate(office.library, project.id)
    submitting.submit_draft(office.library, copy.id)
    office.run(lambda: FakeBackend(lines))
    assert texts(office.library, copy)[0].startswith(verse)
