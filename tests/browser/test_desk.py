"""The Write page around the text: figures, thinking kept apart, gaps, long outlines, a failed start."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from app.api.words import NO_SEED
from engine.jobs.lock import WriterLock
from engine.jobs.progress import DraftResult
from engine.store import jobs, outline, versions
from engine.store.schema import Job, Node, Project, Version
from tests.browser.books import book, sections
from tests.studio_process import Running, start_studio, stop_studio, wait_for

PROMPT = {
    "parts": [{"name": "brief", "text": "A girl keeps a well.", "tokens": 7, "budget": 90, "dropped": None}],
    "messages": [],
    "context": 2048,
    "answer_reserve": 500,
}


@pytest.fixture
def stuck(tmp_path: Path) -> Iterator[Running]:
    """A studio that cannot start the writing process."""
    running = start_studio(tmp_path / "stuck")
    (running.home.logs / "writer.console.log").mkdir()
    yield running
    stop_studio(running)


def test_repetition_and_the_words_of_today_are_on_the_page(page: Page, studio: Running) -> None:
    project = book(studio.library, "Measured")
    page.goto(f"{studio.url}/write?project={project.id}")
    expect(page.locator(".figures")).to_be_hidden()
    page.locator("textarea.text").fill("The rope was cut in the night. The rope was cut in the night.")
    page.keyboard.press("Control+s")
    expect(page.locator("#words-today")).to_have_text("14 words today")
    figures = page.get_by_role("group", name="Figures")
    expect(figures).to_contain_text("14 by you")
    expect(figures).to_contain_text(re.compile(r"This section\s*50 % of sentences, \d+ % of phrases"))
    page.locator("textarea.text").fill("The rope was cut in the night. Nobody came.")
    page.keyboard.press("Control+s")
    expect(figures).to_contain_text(re.compile(r"Book repeats\s*0 % of sentences, 0 % of phrases"))
    expect(page.locator("#words-today")).to_have_text("9 words today")


def paused(studio: Running, section: str, text: str) -> tuple[Job, Version]:
    """A draft that rests in the middle of a section."""
    job = jobs.submit(studio.library, outline.get(studio.library, section).project_id, "draft", {})
    jobs.claim(studio.library, "1-test", lease_seconds=600)
    draft = versions.open_draft(studio.library, section, "draft", "m", 1, {}, PROMPT, job.id)
    versions.append(studio.library, [(draft.id, "text", text)])
    jobs.finish(studio.library, job.id, "1-test", "paused")
    return job, draft


def test_a_begun_section_is_edited_while_its_draft_is_paused(
    page: Page, studio: Running, at_work: WriterLock
) -> None:
    first = sections(studio.library, book(studio.library, "In the pause"))[0]
    job, draft = paused(studio, first, "Mira came.\n\nThe rope")
    page.goto(f"{studio.url}/write?project={job.project_id}#{first}")
    field = page.locator("textarea.text")
    expect(field).to_have_value("Mira came.\n\nThe rope")
    expect(page.locator(".section-head")).to_contain_text("Begun")
    field.press("End")
    field.fill("Mira came late.")
    page.keyboard.press("Control+s")
    expect(page.locator("#saved-state")).to_have_text("Saved")
    assert versions.current_text(studio.library, first) == "Mira came late."
    assert versions.text_of(studio.library, draft.id).text == "Mira came.\n\nThe rope"
    expect(page.locator(".section-head")).not_to_contain_text("Begun")
    jobs.ask(studio.library, job.id, "stop")
    expect(field).to_have_value("Mira came late.")


def test_a_paused_draft_that_goes_on_streams_behind_what_is_there(
    page: Page, studio: Running, at_work: WriterLock
) -> None:
    first = sections(studio.library, book(studio.library, "Behind the pause"))[0]
    job, draft = paused(studio, first, "Mira came.")
    page.goto(f"{studio.url}/write?project={job.project_id}#{first}")
    expect(page.locator("textarea.text")).to_have_value("Mira came.")
    jobs.resume(studio.library, job.id)
    jobs.claim(studio.library, "1-test", lease_seconds=600)
    versions.append(studio.library, [(draft.id, "text", " The rope was cut.")])
    expect(page.locator(".live")).to_have_text("Mira came. The rope was cut.")
    expect(page.locator("textarea.text")).to_be_hidden()
    jobs.finish(studio.library, job.id, "1-test", "paused")
    expect(page.locator("textarea.text")).to_have_value("Mira came. The rope was cut.")
    jobs.ask(studio.library, job.id, "stop")


def test_what_is_typed_into_a_paused_draft_that_went_on_elsewhere_is_kept_and_the_writer_chooses(
    page: Page, studio: Running, at_work: WriterLock
) -> None:
    first = sections(studio.library, book(studio.library, "On elsewhere"))[0]
    job, draft = paused(studio, first, "Mira came.")
    page.goto(f"{studio.url}/write?project={job.project_id}#{first}")
    field = page.locator("textarea.text")
    expect(field).to_have_value("Mira came.")
    page.route("**/api/follow*", lambda route: route.abort())  # asleep: it hears nothing of the other window
    field.press_sequentially(" Late.")
    jobs.resume(studio.library, job.id)
    jobs.claim(studio.library, "1-test", lease_seconds=600)
    versions.append(studio.library, [(draft.id, "text", " The rope was cut.")])
    versions.seal(studio.library, draft.id, "complete", 6)
    jobs.finish(studio.library, job.id, "1-test", "done")
    page.keyboard.press("Control+s")
    expect(page.locator(".notice.bad")).to_contain_text("“The rope” was written on meanwhile; your text")
    assert versions.current_text(studio.library, first) == "Mira came. The rope was cut."
    page.unroute("**/api/follow*")
    page.get_by_role("button", name="Use my text").click()
    expect(field).to_have_value("Mira came. Late.")
    wait_for(lambda: versions.current_text(studio.library, first) == "Mira came. Late.", "mine counts")


def test_the_buttons_of_a_section_stay_while_it_is_looked_at(
    page: Page, studio: Running, at_work: WriterLock
) -> None:
    project = book(studio.library, "Held buttons")
    first, second, _third = sections(studio.library, project)
    job = jobs.submit(studio.library, project.id, "draft", {})
    jobs.claim(studio.library, "1-test", lease_seconds=600)
    draft = versions.open_draft(studio.library, first, "draft", "m", 1, {}, PROMPT, job.id)
    page.goto(f"{studio.url}/write?project={project.id}#{second}")
    lock = page.locator(".section-head .lock")
    lock.focus()
    for text in ("Mira came.", " The rope was cut."):
        versions.append(studio.library, [(draft.id, "text", text)])
        with page.expect_response("**/api/follow?*"), page.expect_response("**/api/follow?*"):
            pass
    expect(lock).to_be_focused()
    lock.evaluate("node => { window.held = node; }")
    page.keyboard.press("Enter")
    expect(lock).to_have_text("Locked")
    expect(lock).to_be_focused()
    assert lock.evaluate("node => node === window.held")
    jobs.ask(studio.library, job.id, "stop")
    jobs.finish(studio.library, job.id, "1-test", "stopped")


def test_a_section_that_is_written_again_counts_as_it_stands_until_the_new_text_does(
    page: Page, studio: Running, at_work: WriterLock
) -> None:
    project = book(studio.library, "Again")
    first = sections(studio.library, project)[0]
    versions.save_edit(studio.library, first, "One two three four five.", None)
    job = jobs.submit(studio.library, project.id, "draft", {"mode": "replace", "node_ids": [first]})
    jobs.claim(studio.library, "1-test", lease_seconds=600)
    draft = versions.open_draft(studio.library, first, "regenerate", "m", 1, {}, PROMPT, job.id)
    versions.append(studio.library, [(draft.id, "text", "Other words.")])
    page.goto(f"{studio.url}/write?project={project.id}#{first}")
    expect(page.locator(".live")).to_have_text("Other words.")
    expect(page.locator(".section-head .meta")).to_contain_text("5 of 100 words")
    expect(page.get_by_role("treeitem", name="1.1 The rope").locator(".counts")).to_contain_text("5 / 100")
    expect(page.locator("#book-bar .whole")).to_contain_text("5 of 300 words")
    expect(page.locator("#words-today")).to_have_text("5 words today")
    versions.append(studio.library, [(draft.id, "text", " They are seven by now.")])
    versions.seal(studio.library, draft.id, "complete", 7)
    jobs.finish(studio.library, job.id, "1-test", "done")
    expect(page.locator(".section-head .meta")).to_contain_text("7 of 100 words")
    expect(page.locator("#book-bar .whole")).to_contain_text("7 of 300 words")


def test_thinking_is_shown_on_request_and_never_in_the_text(page: Page, studio: Running) -> None:
    project = book(studio.library, "Thought")
    first = sections(studio.library, project)[0]
    job = jobs.submit(studio.library, project.id, "draft", {})
    lock = WriterLock(studio.home.root)
    lock.acquire()
    jobs.claim(studio.library, "1-test", lease_seconds=600)
    draft = versions.open_draft(studio.library, first, "draft", "m", 1, {}, PROMPT, job.id)
    versions.append(studio.library, [(draft.id, "think", "Secret plan.")])
    page.goto(f"{studio.url}/write?project={project.id}#{first}")
    expect(page.locator(".live.thinking")).to_be_visible()
    versions.append(studio.library, [(draft.id, "text", "Mira came.\n\nThe rope was cut.")])
    expect(page.locator(".live")).to_contain_text("The rope was cut.")
    assert "Secret" not in page.locator("#page-host").inner_text()
    page.keyboard.press("Alt+W")
    thinking = page.locator("#side-panel details", has_text="Its thinking")
    expect(thinking.locator("pre")).to_be_hidden()
    thinking.locator("summary").click()
    expect(thinking.locator("pre")).to_have_text("Secret plan.")
    versions.seal(studio.library, draft.id, "complete", 6)
    jobs.finish(studio.library, job.id, "1-test", "stopped")
    expect(page.locator("textarea.text")).to_have_value("Mira came.\n\nThe rope was cut.")
    lock.release()


def test_a_seed_that_brings_no_text_back_is_called_so_beside_it(
    page: Page, studio: Running, at_work: WriterLock
) -> None:
    first = sections(studio.library, book(studio.library, "Without seeds"))[0]
    job, draft = paused(studio, first, "Mira came.")
    jobs.resume(studio.library, job.id)
    jobs.claim(studio.library, "1-test", lease_seconds=600)
    versions.seal(studio.library, draft.id, "complete", 2)
    result = DraftResult(takes_seed=False).model_dump(mode="json")
    jobs.finish(studio.library, job.id, "1-test", "done", result)
    page.goto(f"{studio.url}/write?project={job.project_id}#{first}")
    expect(page.locator("textarea.text")).to_have_value("Mira came.")
    page.keyboard.press("Alt+w")
    expect(page.locator("#side-panel .seen")).to_contain_text("seed 1")
    expect(page.locator("#side-panel .seen .warn")).to_have_text(NO_SEED)


def test_a_blank_line_is_a_gap_in_the_stream_as_in_the_editor(page: Page, studio: Running) -> None:
    project = book(studio.library, "Gaps")
    page.goto(f"{studio.url}/write?project={project.id}")
    expect(page.locator("textarea.text")).to_be_visible()
    told = page.evaluate(
        """async (text) => {
          const { TextStream } = await import('/lw/js/stream.js');
          const live = document.querySelector('.live'), field = document.querySelector('textarea.text');
          field.style.minHeight = live.style.minHeight = '0'; field.hidden = live.hidden = false;
          new TextStream(live).add(text); field.value = text;
          const height = (node) => node.getBoundingClientRect().height;
          const lines = [...live.querySelectorAll('.line')].map(height);
          return { lines, live: height(live), field: height(field) };
        }""",
        "One.\n\nTwo.",
    )
    assert len(told["lines"]) == 3
    assert told["lines"][1] == pytest.approx(told["lines"][0], abs=1)
    assert told["live"] == pytest.approx(told["field"], abs=2)


def test_a_long_outline_scrolls_by_itself_and_leaves_the_rest_in_place(page: Page, studio: Running) -> None:
    long = "\n".join(f"# Chapter {number}\nIt goes on." for number in range(60))
    project = book(studio.library, "Long outline", words=12_000, own_outline=long)
    last = sections(studio.library, project)[-1]
    page.goto(f"{studio.url}/write?project={project.id}#{last}")
    expect(page.get_by_role("treeitem", name="Chapter 59")).to_be_in_viewport()
    expect(page.locator(".section-head h2")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Versions")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.querySelector('#desk').scrollTop") == 0


def test_titles_that_bring_their_own_numbers_are_numbered_once(page: Page, studio: Running) -> None:
    project = book(studio.library, "Numbered", own_outline="# 1. The well\nDry.\n# 2. The rope\nCut.\n")
    page.goto(f"{studio.url}/write?project={project.id}")
    expect(page.get_by_role("treeitem").first.locator(".name")).to_have_text("1The well")
    expect(page.locator(".section-head h2")).to_have_text("1The well")


def test_the_plan_says_by_how_much_the_targets_miss_the_length(page: Page, studio: Running) -> None:
    project = book(studio.library, "Does not add up", words=600)
    first = outline.leaves(studio.library, project.id)[0].node
    for off, said in ((-50, ": 50 words short"), (1, ": 1 word too many")):
        with studio.library.session() as session:
            session.get_one(Node, first.id).target_words = first.target_words + off
        page.goto(f"{studio.url}/plan?project={project.id}")
        expect(page.locator("#plan-sum")).to_contain_text(f"{600 + off} of 600 words planned{said}")


def test_a_writing_that_cannot_start_is_one_sentence_with_resume(
    context: BrowserContext, stuck: Running
) -> None:
    project = book(stuck.library, "Stuck")
    page = context.new_page()
    page.goto(f"{stuck.url}/write?project={project.id}")
    page.get_by_role("button", name="Draft", exact=True).click()
    expect(page.locator(".notice.bad")).to_have_count(1)
    expect(page.locator(".notice.bad")).to_contain_text("The writing did not start")
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    expect(page.locator("#book-bar")).to_contain_text("The writing did not start")


@pytest.mark.parametrize("state", ["stopped", "failed", "paused"])
def test_an_outline_without_an_end_leaves_the_main_button_to_the_draft(
    page: Page, studio: Running, state: str
) -> None:
    project = book(studio.library, "Own outline")
    with studio.library.session() as session:
        session.add(Job(project_id=project.id, kind="outline", state=state))
    page.goto(f"{studio.url}/write?project={project.id}")
    expect(page.get_by_role("button", name="Draft", exact=True)).to_be_enabled()
    expect(page.get_by_role("button", name="Resume")).to_have_count(0)


@pytest.mark.parametrize("state", ["stopped", "failed"])
def test_a_draft_that_ended_early_leaves_the_choice_between_its_own_way_and_the_settings_of_now(
    page: Page, studio: Running, at_work: WriterLock, state: str
) -> None:
    project = book(studio.library, "Two ways on")
    third = sections(studio.library, project)[-1]
    with studio.library.session() as session:
        session.add(Job(project_id=project.id, kind="draft", state=state, params={"node_ids": [third]}))
    page.goto(f"{studio.url}/write?project={project.id}")
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    expect(page.get_by_role("button", name="Draft the rest")).to_be_enabled()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    newest = jobs.all(studio.library, project.id)[0]
    assert newest.state == "queued"
    assert newest.params["node_ids"] is None
    jobs.ask(studio.library, newest.id, "stop")


def test_an_interrupted_draft_can_be_stopped_and_then_drafted_anew(page: Page, studio: Running) -> None:
    project = book(studio.library, "Cut off")
    with studio.library.session() as session:
        session.add(Job(project_id=project.id, kind="draft", state="running", lease_until=0.0))
    page.goto(f"{studio.url}/write?project={project.id}")
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    expect(page.get_by_role("button", name="Draft")).to_have_count(0)
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.keyboard.press("Alt+S")
    expect(page.get_by_role("button", name="Draft the rest")).to_be_enabled()
    assert [job.state for job in jobs.all(studio.library, project.id)] == ["stopped"]


EMPTY = {
    "node_id": "",
    "version_id": "",
    "title": "The rope",
    "words_target": 90,
    "words": 0,
    "finish": "empty",
}


def test_a_draft_that_ends_with_a_section_without_text_says_which(page: Page, studio: Running) -> None:
    project, job_id = resting(studio, "With a gap")
    page.goto(f"{studio.url}/write?project={project.id}")
    expect(page.locator("#book-bar")).to_contain_text("Paused")
    end(studio, job_id)
    says_what_is_missing(page)


def test_an_end_heard_of_between_two_looks_is_told_all_the_same(page: Page, studio: Running) -> None:
    project, job_id = resting(studio, "Between looks")
    asked = []

    def ended_before_the_second_answer(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 2:
            end(studio, job_id)
        route.continue_()

    page.route("**/api/desk?*", ended_before_the_second_answer)
    page.goto(f"{studio.url}/write?project={project.id}")
    says_what_is_missing(page)


def resting(studio: Running, title: str) -> tuple[Project, str]:
    """A book with a paused draft."""
    project = book(studio.library, title)
    with studio.library.session() as session:
        job = Job(project_id=project.id, kind="draft", state="paused")
        session.add(job)
        return project, job.id


def end(studio: Running, job_id: str) -> None:
    """The draft ends; one section got no text."""
    with studio.library.session() as session:
        ended = session.get_one(Job, job_id)
        ended.state, ended.result = "done", {"sections": [EMPTY]}


def says_what_is_missing(page: Page) -> None:
    said = "Finished, but “The rope” has no text"
    expect(page.locator(".notice.bad")).to_contain_text(said)
    expect(page.locator("#book-bar")).to_contain_text(said)
