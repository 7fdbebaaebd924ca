"""`longwright continue`: what is unfinished of a project, and sections of it anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.backends.protocol import Request
from engine.jobs import client, submitting
from engine.jobs.limits import section_limits
from engine.jobs.lock import writer_alive
from engine.planning.brief import read_brief
from engine.store import jobs, outline, planned, versions
from engine.store.library import Library
from engine.store.schema import Project
from tests.commands.conftest import Ran
from tests.fakes import FakeBackend, Habit, nothing, prose
from tests.jobs.conftest import Office, make_project, node_ids, slowly, wait_until

Longwright = Callable[..., Ran]


@pytest.fixture
def book(library: Library) -> Project:
    return make_project(library, [60, 60], "The Pier")


def at_work(office: Office) -> None:
    office.start(lambda: FakeBackend(prose), idle_seconds=20.0)
    wait_until(lambda: writer_alive(office.home.root))


def texts(library: Library, project: Project) -> list[str]:
    return [versions.current_text(library, node) for node in node_ids(library, project)]


def test_the_sections_that_have_no_text_are_written(
    longwright: Longwright, office: Office, book: Project, tmp_path: Path
) -> None:
    first, _second = node_ids(office.library, book)
    versions.save_edit(office.library, first, "Mine. " * 60, None)
    at_work(office)
    told = longwright("continue", "The Pier", "--out", tmp_path / "pier.md", "--json").data
    assert [section["title"] for section in told["sections"]] == ["Part 2"]
    assert (told["project"], told["model"], told["finish"]) == (book.id, "fake", "complete")
    assert texts(office.library, book)[0].startswith("Mine.")
    assert told["exports"] == [str(tmp_path / "pier.md")]


def test_what_is_chosen_holds_for_this_draft_and_the_rest_is_as_the_project_has_it(
    longwright: Longwright, office: Office, book: Project
) -> None:
    at_work(office)
    ran = longwright("continue", book.id, "--parallel", 2, "--context", 2048, "--think", "off", "--json")
    settings = jobs.get(office.library, ran.data["job"]).params["settings"]
    chosen = {key: settings[key] for key in ("parallel", "context", "think", "seed")}
    assert chosen == {"parallel": 2, "context": 2048, "think": "off", "seed": 3}
    assert (office.opened[-1][1], office.contexts[-1]) == (2, 2048)


def test_a_named_section_is_written_anew_as_a_new_version(
    longwright: Longwright, office: Office, book: Project
) -> None:
    at_work(office)
    assert longwright("continue", book.id).code == 0
    before = texts(office.library, book)
    refused = longwright("continue", book.id, "--section", "2")
    assert (refused.code, "nothing to write" in refused.err) == (1, True)
    told = longwright("continue", book.id, "--section", "Part 2", "--anew", "--seed", 8, "--json").data
    assert [section["title"] for section in told["sections"]] == ["Part 2"]
    after = texts(office.library, book)
    assert after[0] == before[0]
    assert after[1] != before[1]
    second = node_ids(office.library, book)[1]
    assert [one.origin for one in versions.history(office.library, second)] == ["draft", "regenerate"]
    assert longwright("continue", book.id, "--section", 1, "--variants", 2).code == 0
    assert outline.tree(office.library, book.id)[0].version_count == 3


def silent_about(title: str) -> Habit:
    """A model that gives nothing for one section, and prose for the others."""

    def habit(request: Request) -> Iterator[str]:
        return nothing(request) if f'"{title}"' in request.messages[-1].content else prose(request)

    return habit


def test_a_section_without_a_text_is_named_and_the_others_are_kept(
    longwright: Longwright, office: Office, book: Project
) -> None:
    office.start(lambda: FakeBackend(silent_about("Part 2")), idle_seconds=20.0)
    wait_until(lambda: writer_alive(office.home.root))
    ran = longwright("continue", book.id, "--json")
    assert ran.code == 0
    assert [section["finish"] for section in ran.data["sections"]] == ["complete", "empty"]
    assert ran.err.strip().splitlines()[-1] == "Finished, but “Part 2” has no text."
    assert texts(office.library, book)[0]


def test_a_model_that_gives_nothing_at_all_fails_the_command_and_can_be_tried_again(
    longwright: Longwright, office: Office, book: Project
) -> None:
    office.start(lambda: FakeBackend(nothing), idle_seconds=2.0)
    wait_until(lambda: writer_alive(office.home.root))
    ran = longwright("continue", book.id, "--json")
    (job,) = jobs.all(office.library)
    assert (ran.code, ran.out) == (1, "")
    assert "fake gave no text for any of the 2 sections" in ran.err
    assert f"longwright resume {job.id}" in ran.err
    assert jobs.get(office.library, job.id).state == "failed"
    office.rest()
    at_work(office)
    assert longwright("resume", job.id, "--json").data["finish"] == "complete"


def test_a_chapter_stands_for_its_sections(longwright: Longwright, office: Office, book: Project) -> None:
    limits = section_limits(office.library, office.home, None)
    planned.set_outline(office.library, book, "# One\n## A\n## B\n# Two\n## C", limits)
    at_work(office)
    told = longwright("continue", book.id, "--section", "1", "--json").data
    assert [section["title"] for section in told["sections"]] == ["A", "B"]


def test_a_section_that_is_too_long_is_split_and_the_terminal_says_so(
    longwright: Longwright, office: Office
) -> None:
    long = make_project(office.library, [1000], "Long")
    at_work(office)
    ran = longwright("continue", long.id, "--json")
    assert "“Part 1” is too long to be written in one go; the outline has it in parts now." in ran.err
    assert len(ran.data["sections"]) == len(node_ids(office.library, long)) > 1


def test_a_draft_that_rests_is_resumed_and_not_begun_a_second_time(
    longwright: Longwright, office: Office, book: Project
) -> None:
    job = submitting.submit_draft(office.library, book.id)
    office.start(lambda: FakeBackend(slowly(prose)))
    wait_until(lambda: office.words(job) >= 10)
    client.pause(office.home, office.library, job.id)
    office.rest()
    ran = longwright("continue", book.id)
    assert ran.code == 1
    assert f"longwright resume {job.id}" in ran.err
    assert len(ran.err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "options",
    [
        ["--anew"],
        ["--variants", "2"],
        ["--section", "1", "--anew", "--variants", "2"],
        ["--think", "maybe"],
        ["--context", "100"],
    ],
)
def test_options_that_make_no_sense_are_wrong_usage(
    longwright: Longwright, book: Project, options: list[str]
) -> None:
    ran = longwright("continue", book.id, *options)
    assert ran.code == 2
    assert "Usage" in ran.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--section", "9"], "no section 9"),
        (["--model", "nobody"], "nobody"),
        (["--context", "9000"], "8,192 tokens at most"),
        (["--adapter", "nobody"], "nobody"),
        (["--out", "book.xyz"], "book.xyz"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_queues_nothing(
    longwright: Longwright, library: Library, book: Project, options: list[str], said: str
) -> None:
    ran = longwright("continue", book.id, *options)
    assert ran.code == 1
    assert said in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert jobs.all(library) == []


def test_a_project_without_an_outline_gets_one_first(longwright: Longwright, office: Office) -> None:
    book = planned.begin(office.library, read_brief("A letter in a bottle.", kind="story", goal_words=60))
    at_work(office)
    told = longwright("continue", book.id, "--json").data
    assert told["words_target"] == 60
    assert [job.kind for job in jobs.all(office.library)] == ["draft", "outline"]


def test_what_was_interrupted_while_it_planned_goes_on_to_the_text(
    longwright: Longwright, office: Office
) -> None:
    book = planned.begin(office.library, read_brief("A letter in a bottle.", kind="story", goal_words=60))
    job = submitting.submit_outline(office.library, book.id, settings={"seed": 4}, draft_next=True)
    client.stop(office.home, office.library, job.id)
    at_work(office)
    told = longwright("resume", job.id, "--json").data
    assert told["job"] != job.id
    assert told["words"] > 0
    assert jobs.get(office.library, told["job"]).params["settings"]["seed"] == 4


def test_an_outline_that_was_asked_for_alone_tells_how_to_go_on(
    longwright: Longwright, office: Office
) -> None:
    book = planned.begin(office.library, read_brief("A letter in a bottle.", kind="story", goal_words=60))
    job = submitting.submit_outline(office.library, book.id)
    client.stop(office.home, office.library, job.id)
    at_work(office)
    ran = longwright("resume", job.id)
    assert (ran.code, f"longwright continue {book.id}" in ran.out) == (0, True)
    assert texts(office.library, book) == [""]


def test_nothing_follows_a_draft(library: Library, book: Project) -> None:
    assert submitting.submit_next(library, submitting.submit_draft(library, book.id)) is None
