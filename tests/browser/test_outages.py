"""A studio that does not answer for a while: each page goes on asking, and says so only while it lasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from engine.store import jobs
from tests.browser.books import book, sections
from tests.studio_process import Running

NO_ANSWER = "The studio does not answer"


@contextmanager
def silent(page: Page, path: str) -> Iterator[None]:
    """No request of that path gets through."""
    page.route(path, lambda route: route.abort())
    yield
    page.unroute(path)


@pytest.mark.usefixtures("at_work")
def test_an_outline_under_way_is_followed_through_an_outage(page: Page, studio: Running) -> None:
    project = book(studio.library, "Planned in the dark")
    job = jobs.submit(studio.library, project.id, "outline", {})
    page.goto(f"{studio.url}/plan?project={project.id}")
    expect(page.locator("#plan-state")).to_contain_text("The model drafts the outline")
    with silent(page, "**/api/outline/*"):
        expect(page.locator(".notice")).to_contain_text(NO_ANSWER)
        with page.expect_request("**/api/outline/*"):
            pass
        expect(page.locator(".notice")).to_have_count(1)
    expect(page.locator(".notice")).to_have_count(0)
    jobs.ask(studio.library, job.id, "stop")
    expect(page.locator("#plan-draft")).to_be_enabled()


@pytest.mark.usefixtures("at_work")
def test_pairs_under_way_are_followed_through_an_outage(page: Page, studio: Running) -> None:
    project = book(studio.library, "Compared in the dark")
    job = jobs.submit(studio.library, project.id, "pairs", {})
    page.goto(f"{studio.url}/compare?project={project.id}")
    expect(page.locator(".writing")).to_be_visible()
    with silent(page, "**/api/questions?*"):
        expect(page.locator(".notice")).to_contain_text(NO_ANSWER)
    expect(page.locator(".notice")).to_have_count(0)
    jobs.ask(studio.library, job.id, "stop")
    expect(page.locator(".writing").get_by_role("button", name="Go on")).to_be_visible()


def test_the_models_come_when_the_studio_answers_again(page: Page, studio: Running) -> None:
    with silent(page, "**/api/models"):
        page.goto(f"{studio.url}/models")
        expect(page.locator(".notice")).to_contain_text(NO_ANSWER)
    expect(page.get_by_role("heading", name="smollm2-135m")).to_be_visible()
    expect(page.locator(".notice")).to_have_count(0)


def test_the_write_page_says_so_only_while_it_lasts(page: Page, studio: Running) -> None:
    project = book(studio.library, "Written in the dark")
    page.goto(f"{studio.url}/write?project={project.id}#{sections(studio.library, project)[0]}")
    expect(page.locator("textarea.text")).to_be_visible()
    with silent(page, "**/api/follow?*"):
        expect(page.locator("#saved-state")).to_have_text(NO_ANSWER)
    expect(page.locator("#saved-state")).to_have_text("Saved")


def test_a_project_that_is_not_there_is_told_once(page: Page, studio: Running) -> None:
    page.goto(f"{studio.url}/plan?project=nowhere")
    expect(page.locator(".notice.bad")).to_contain_text("There is no project nowhere")
    expect(page.locator(".notice.bad")).to_have_count(1)
