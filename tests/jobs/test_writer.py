"""The writer process: from queued to a resting state, whatever happens in between."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from engine.backends.openai_api import OpenAIBackend
from engine.backends.protocol import Request
from engine.backends.server.connection import READ_SECONDS
from engine.drafting.prompt_pack import PromptPack
from engine.drafting.settings import DraftSettings
from engine.errors import (
    DiskFull,
    KeyNotSet,
    ModelLoadFailed,
    ModelSilent,
    NodeLocked,
    ProjectBusy,
    ServerUnreachable,
)
from engine.home import Home
from engine.jobs import client, submitting, watching, writer
from engine.jobs.lock import WriterLock, writer_alive
from engine.jobs.progress import PairRequest
from engine.planning.outline_text import OutlineItem, parse_outline
from engine.store import jobs, outline, projects, versions
from engine.store.library import Library, open_library
from engine.store.schema import Job, Project, now
from engine.text.counting import count_words
from tests.backends.wire import SSE, Call, said, serving
from tests.fakes import FakeBackend, prose, silence, thinks_first
from tests.jobs.conftest import Office, OfficeModels, make_project, node_ids, slowly, wait_until, writer_pid


def texts(library: Library, project: Project) -> list[str]:
    return [versions.current_text(library, node_id) for node_id in node_ids(library, project)]


def everything_written(library: Library, project: Project) -> None:
    rows = outline.tree(library, project.id)
    for row in rows:
        text = versions.current_text(library, row.node.id)
        assert row.finish == "complete"
        assert count_words(text) == row.words
        assert abs(row.words - row.target) <= 0.1 * row.target
    open_ones = [
        version for row in rows for version in versions.history(library, row.node.id) if not version.sealed_at
    ]
    assert not open_ones


def slow() -> FakeBackend:
    return FakeBackend(slowly(prose))


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


def test_the_model_stays_loaded_for_the_next_job_and_two_projects_wait_in_line(office: Office) -> None:
    first, second = make_project(office.library, [60], "One"), make_project(office.library, [60], "Two")
    queued = [submitting.submit_draft(office.library, project.id) for project in (first, second)]
    office.run()
    assert [office.job(job).state for job in queued] == ["done", "done"]
    assert office.job(queued[0]).finished_at <= office.job(queued[1]).started_at
    assert len(office.opened) == 1


def test_a_model_that_is_another_by_now_is_opened_again_under_its_old_name(office: Office) -> None:
    office.identities = ["first server", "first server", "started anew", "started anew"]
    for title in ("One", "Two", "Three", "Four"):
        submitting.submit_draft(office.library, make_project(office.library, [60], title).id)
    office.run()
    assert len(office.opened) == 2


class _Closing(FakeBackend):
    closed = 0

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize(
    ("error", "opened"), [(ServerUnreachable, 2), (ModelSilent, 2), (ZeroDivisionError, 2), (DiskFull, 1)]
)
def test_a_model_whose_job_failed_by_it_is_opened_anew_for_the_next(
    office: Office, error: type[Exception], opened: int
) -> None:
    failing = [True]

    def once(request: Request) -> Iterator[str]:
        if failing:
            failing.clear()
            raise error("Not this time.")
        yield from prose(request)

    one, two = make_project(office.library, [60], "One"), make_project(office.library, [60], "Two")
    first, second = (submitting.submit_draft(office.library, project.id) for project in (one, two))
    office.run(lambda: _Closing(once))
    assert [office.job(job).state for job in (first, second)] == ["failed", "done"]
    assert len(office.opened) == opened
    assert [backend.closed for backend in office.backends if isinstance(backend, _Closing)] == [1] * opened


def test_a_chosen_context_is_what_the_model_is_loaded_with(office: Office) -> None:
    for title, context in (("One", 2048), ("Two", 2048), ("Three", 4096)):
        project = make_project(office.library, [60], title)
        submitting.submit_draft(office.library, project.id, settings=DraftSettings(context=context))
    office.run()
    assert office.contexts == [2048, 4096], "loaded again only for another context"


@pytest.mark.parametrize("context", [-1, 0, 511])
def test_a_context_that_holds_no_section_is_refused(office: Office, context: int) -> None:
    project = make_project(office.library, [60])
    with pytest.raises(ValueError, match="512"):
        submitting.submit_draft(office.library, project.id, settings={"context": context})


def test_two_jobs_on_one_project_are_refused(office: Office) -> None:
    project = make_project(office.library, [60])
    submitting.submit_draft(office.library, project.id)
    with pytest.raises(ProjectBusy):
        submitting.submit_draft(office.library, project.id)
    with pytest.raises(ProjectBusy):
        submitting.submit_outline(office.library, project.id)


def test_a_second_writer_of_a_home_leaves_at_once(office: Office) -> None:
    project = make_project(office.library, [60])
    job = submitting.submit_draft(office.library, project.id)
    with WriterLock(office.home.root) as lock:
        assert lock.acquire()
        office.run()
        assert office.job(job).state == "queued"
    office.run()
    assert office.job(job).state == "done"


def test_a_new_writer_ends_the_lease_of_what_a_dead_one_was_at(office: Office) -> None:
    """Whoever asks for the job while the new one is at work need not wait either."""
    one, two = make_project(office.library, [60], "One"), make_project(office.library, [60], "Two")
    cut_off = submitting.submit_draft(office.library, one.id)
    jobs.claim(office.library, "1-gone", lease_seconds=600)
    waiting = submitting.submit_draft(office.library, two.id)
    office.run()
    assert office.job(waiting).state == "done"
    assert jobs.is_interrupted(office.job(cut_off), now())


def paused_in_the_middle(office: Office, project: Project, least_words: int) -> Job:
    job = submitting.submit_draft(office.library, project.id)
    office.start(slow)
    wait_until(lambda: office.words(job) >= least_words)
    client.pause(office.home, office.library, job.id)
    office.rest()
    job = office.job(job)
    assert job.state == "paused"
    return job


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


def test_a_stopped_draft_keeps_its_text_and_goes_on_from_it(office: Office) -> None:
    project = make_project(office.library, [80, 120])
    job = submitting.submit_draft(office.library, project.id)
    office.start(slow)
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


def lines(request: Request) -> Iterator[str]:
    """Sentences with a single line break between them, as small models end their paragraphs."""
    fresh = False
    for piece in prose(request):
        yield piece.lstrip() if fresh else piece
        fresh = piece.endswith(".")
        if fresh:
            yield "\n"


def stopped_in_the_middle(office: Office, project: Project, least_words: int) -> Job:
    job = submitting.submit_draft(office.library, project.id)
    office.start(lambda: FakeBackend(slowly(lines)))
    wait_until(lambda: office.words(job) >= least_words)
    client.stop(office.home, office.library, job.id)
    office.rest()
    assert office.job(job).state == "stopped"
    return job


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

    project = make_project(office.library, [160])
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


def test_stopping_a_paused_draft_keeps_its_text_and_frees_the_project(office: Office) -> None:
    project = make_project(office.library, [120])
    job = paused_in_the_middle(office, project, 40)
    (waiting,) = versions.open_versions(office.library, job.id)
    text = versions.text_of(office.library, waiting.id).text
    client.stop(office.home, office.library, job.id)
    assert office.job(job).state == "stopped"
    assert texts(office.library, project) == [text]
    submitting.submit_draft(office.library, project.id)


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
    office.start(slow)
    wait_until(lambda: office.words(job) >= 20)
    outline.lock(office.library, node_id, True)
    office.rest()
    assert texts(office.library, project) == [before]
    assert len(versions.history(office.library, node_id)) == 2


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


def test_a_server_that_dies_in_mid_draft_costs_no_text(office: Office) -> None:
    def dying(request: Request) -> Iterator[str]:
        for number, piece in enumerate(prose(request)):
            if number == 40:
                raise ServerUnreachable("The model server is gone.")
            yield piece

    project = make_project(office.library, [120])
    job = submitting.submit_draft(office.library, project.id)
    office.run(lambda: FakeBackend(dying))
    failed = office.job(job)
    assert (failed.state, failed.error) == ("failed", "The model server is gone.")
    (kept,) = texts(office.library, project)
    assert count_words(kept) >= 25
    client.resume(office.home, office.library, job.id)
    office.run()
    everything_written(office.library, project)
    assert texts(office.library, project)[0].startswith(kept)


def test_a_draft_after_a_failed_one_goes_on_from_its_text(office: Office) -> None:
    def dying(request: Request) -> Iterator[str]:
        for number, piece in enumerate(prose(request)):
            if number == 40:
                raise ServerUnreachable("The model server is gone.")
            yield piece

    project = make_project(office.library, [120])
    submitting.submit_draft(office.library, project.id)
    office.run(lambda: FakeBackend(dying))
    (kept,) = texts(office.library, project)
    assert kept
    submitting.submit_draft(office.library, project.id)
    office.run()
    everything_written(office.library, project)
    assert texts(office.library, project)[0].startswith(kept)


def hangs(call: Call) -> None:
    """A server that says three words and then nothing, without ever letting go."""
    call.send(SSE, said("The sea rose"))
    call.peer_is_gone()


@pytest.mark.parametrize("wish", ["stop", "pause", "leave"])
def test_a_server_that_hangs_keeps_nobody_waiting(office: Office, wish: str) -> None:
    project = make_project(office.library, [120])
    job = submitting.submit_draft(office.library, project.id)
    with serving(hangs) as wire:
        office.start(lambda: OpenAIBackend(wire.url, "tale"))
        wait_until(lambda: wire.calls and office.job(job).progress.get("phase") == "writing")
        asked = time.monotonic()
        if wish == "leave":
            office.leaving.set()
        else:
            {"stop": client.stop, "pause": client.pause}[wish](office.home, office.library, job.id)
        wait_until(lambda: office.job(job).state in watching.RESTING)
        took = time.monotonic() - asked
        office.rest()
    assert office.job(job).state == ("stopped" if wish == "stop" else "paused")
    assert took < READ_SECONDS / 10


@pytest.mark.parametrize("kind", ["outline", "pairs"])
def test_an_outline_and_pairs_do_not_wait_for_a_silent_model_either(office: Office, kind: str) -> None:
    project = make_project(office.library, [900, 900])
    request = PairRequest(text="A storm.", words=30, language="en", source="pool")
    if kind == "outline":
        job = submitting.submit_outline(office.library, project.id)
    else:
        job = submitting.submit_pairs(office.library, project.id, [request])
    office.start(lambda: FakeBackend(silence))
    wait_until(lambda: office.job(job).progress.get("phase") in ("planning", "writing"))
    client.stop(office.home, office.library, job.id)
    office.rest()
    assert office.job(job).state == "stopped"


def test_a_model_that_cannot_be_loaded_fails_the_job_with_its_sentence(office: Office) -> None:
    def refuse() -> FakeBackend:
        raise ModelLoadFailed("The file is no model.")

    project = make_project(office.library, [60])
    job = submitting.submit_draft(office.library, project.id)
    office.run(refuse)
    assert (office.job(job).state, office.job(job).error) == ("failed", "The file is no model.")


def test_a_writer_whose_environment_lacks_a_key_leaves_so_that_the_next_may_have_it(office: Office) -> None:
    def refuse() -> FakeBackend:
        raise KeyNotSet("The variable is not set.")

    job = submitting.submit_draft(office.library, make_project(office.library, [60]).id)
    waiting = submitting.submit_draft(office.library, make_project(office.library, [60], "Another").id)
    office.start(refuse, idle_seconds=600)
    office.rest()
    assert (office.job(job).state, office.job(job).error) == ("failed", "The variable is not set.")
    assert office.job(waiting).state == "queued"
    client.resume(office.home, office.library, job.id)
    office.run()
    assert office.job(job).state == office.job(waiting).state == "done"


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


def test_a_writer_leaves_the_next_job_to_the_program_that_was_updated_meanwhile(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = submitting.submit_draft(office.library, make_project(office.library, [60]).id)
    stamps = iter([1, 2])
    monkeypatch.setattr(writer, "program_stamp", lambda: next(stamps, 2))
    office.start(idle_seconds=600)
    office.rest()
    assert (office.job(job).state, office.opened) == ("queued", [])
    office.run()
    assert office.job(job).state == "done"


def test_a_defect_fails_the_job_with_one_sentence_and_the_writer_lives_on(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    made: list[FakeBackend] = []

    def flaky() -> FakeBackend:
        made.append(FakeBackend())
        if len(made) == 1:
            raise ZeroDivisionError("a defect")
        return made[-1]

    one, two = make_project(office.library, [60], "One"), make_project(office.library, [60], "Two")
    first, second = (submitting.submit_draft(office.library, project.id) for project in (one, two))
    office.run(flaky)
    assert office.job(first).error == writer.UNEXPECTED
    assert "ZeroDivisionError" in caplog.text
    assert office.job(second).state == "done"


def test_a_library_that_another_program_holds_is_tried_again(office: Office) -> None:
    job = submitting.submit_draft(office.library, make_project(office.library, [60]).id)
    impatient = open_library(office.home, busy_seconds=0.05)
    office_writer = writer.Writer(office.home, impatient, OfficeModels(office, FakeBackend), office.leaving)
    thread = threading.Thread(target=office_writer.run, args=(60.0,), daemon=True)
    with closing(sqlite3.connect(office.home.library, isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        thread.start()
        time.sleep(1.0)  # several tries
        assert thread.is_alive()
        assert office.job(job).state == "queued"
        foreign.execute("COMMIT")
    wait_until(lambda: office.job(job).state == "done")
    office.leaving.set()
    thread.join()
    impatient.close()


def test_thinking_is_kept_with_the_version_and_not_in_the_text(office: Office) -> None:
    project = make_project(office.library, [80])
    submitting.submit_draft(office.library, project.id, settings={"think": "on"})
    office.run(lambda: FakeBackend(thinks_first))
    (node_id,) = node_ids(office.library, project)
    (version,) = versions.history(office.library, node_id)
    stored = versions.text_of(office.library, version.id)
    assert "First the harbour" in stored.think
    assert "First the harbour" not in stored.text


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


def test_an_outline_job_gives_the_project_an_outline_that_adds_up(office: Office, library: Library) -> None:
    project = projects.create(
        library,
        {"kind": "story", "premise": "A lighthouse keeper finds a letter.", "goal_words": 900},
        title="Planned",
        kind="story",
        language="en",
        goal_words=900,
        settings={},
    )
    job = submitting.submit_outline(library, project.id)
    office.run()
    assert office.job(job).state == "done"
    leaves = [row for row in outline.tree(library, project.id) if row.is_leaf]
    assert sum(row.target for row in leaves) == 900
    assert office.job(job).result["sections"] == len(leaves)


def test_an_outline_of_the_writers_own_is_not_replaced_by_a_resumed_job(office: Office) -> None:
    library = office.library
    brief = {"kind": "story", "premise": "A lighthouse keeper finds a letter.", "goal_words": 900}
    project = projects.create(library, brief, "Planned", "story", "en", 900)
    job = submitting.submit_outline(library, project.id)
    client.stop(office.home, library, job.id)
    outline.replace(library, project.id, [OutlineItem("Mine")])
    client.resume(office.home, library, job.id)
    office.run()
    told = office.job(job)
    assert told.state == "failed"
    assert "stays as it is" in (told.error or "")
    assert office.opened == []
    assert [row.node.title for row in outline.tree(library, project.id)] == ["Mine"]


def test_an_outline_resumed_behind_a_text_is_refused_before_the_model_drafts_it(office: Office) -> None:
    project = make_project(office.library, [400, 500])
    job = submitting.submit_outline(office.library, project.id)
    client.stop(office.home, office.library, job.id)
    versions.save_edit(office.library, node_ids(office.library, project)[0], "Mine.", None)
    client.resume(office.home, office.library, job.id)
    office.run()
    assert "“Part 1” has text already" in (office.job(job).error or "")
    assert office.opened == []


def test_an_outline_that_the_writer_asks_for_is_a_new_one(office: Office) -> None:
    library = office.library
    own = "# Mine\n# Mine, too\n"
    brief = {"kind": "story", "premise": "A lighthouse keeper finds a letter.", "outline": own}
    project = projects.create(library, brief, "Planned", "story", "en", 1800)
    outline.replace(library, project.id, parse_outline(own))
    outline.insert(library, project.id, "Typed behind it")
    job = submitting.submit_outline(library, project.id)
    office.run()
    assert office.job(job).state == "done"
    titles = {row.node.title for row in outline.tree(library, project.id)}
    assert titles
    assert not titles & {"Mine", "Mine, too", "Typed behind it"}


def test_an_outline_changed_while_the_model_drafts_one_stays(office: Office) -> None:
    project = make_project(office.library, [400, 500])
    job = submitting.submit_outline(office.library, project.id)
    office.start(slow)
    wait_until(lambda: office.job(job).progress.get("phase") == "planning")
    outline.rename(office.library, node_ids(office.library, project)[0], "The writer's own title")
    office.rest()
    assert office.job(job).state == "failed"
    titles = [row.node.title for row in outline.tree(office.library, project.id)]
    assert titles == ["The writer's own title", "Part 2"]


def test_sigterm_pauses_the_draft_and_leaves_with_zero(home: Home, library: Library) -> None:
    project = make_project(library, [400])
    job = submitting.submit_draft(library, project.id)
    command = [sys.executable, "-m", "engine.jobs.writer", "--home", str(home.root), "--idle-seconds", "600"]
    with subprocess.Popen(command) as process:
        wait_until(lambda: jobs.get(library, job.id).progress.get("words", 0) >= 10)
        assert writer_pid(library, job) == process.pid
        process.terminate()
        assert process.wait() == 0
    assert not writer_alive(home.root)
    assert jobs.get(library, job.id).state == "paused"
    (waiting,) = versions.open_versions(library, job.id)
    assert count_words(versions.text_of(library, waiting.id).text) >= 10


def test_the_writer_imports_no_page_library() -> None:
    code = "import engine.jobs.writer, sys; print([m for m in ('gradio', 'torch') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_resuming_what_still_runs_changes_nothing(office: Office) -> None:
    project = make_project(office.library, [200])
    job = submitting.submit_draft(office.library, project.id)
    office.start(slow)
    wait_until(lambda: office.words(job) >= 10)
    before = jobs.get(office.library, job.id).lease_owner
    assert client.resume(office.home, office.library, job.id).state == "running"
    assert jobs.get(office.library, job.id).lease_owner == before
    assert watching.state_of(office.home, office.library, office.job(job)) == "running"
    office.leaving.set()
    office.rest()
    assert office.job(job).state == "paused"


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
