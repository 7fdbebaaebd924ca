"""A running studio, and Chromium to look at it with; skipped with a reason where there is none."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from engine.jobs.lock import WriterLock
from tests.studio_process import Running, end_writers, start_studio, stop_studio

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PATIENCE = 60_000  # ms: a bound for a broken page, not a claim about speed

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = start_studio(tmp_path_factory.mktemp("studio") / "home")
    yield running
    stop_studio(running)


@pytest.fixture
def at_work(studio: Running) -> Iterator[WriterLock]:
    """The lock of a writer at work, held by the test; the one that a test before set going is ended."""
    end_writers(studio.home)
    lock = WriterLock(studio.home.root)
    assert lock.acquire(wait_seconds=10)
    yield lock
    lock.release()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    opened.set_default_timeout(PATIENCE)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, studio: Running) -> Iterator[Page]:
    """A tab; what any tab asks of another origin and what fails in this one's scripts ends the test."""
    foreign: list[str] = []
    failures: list[str] = []

    def seen(request: Request) -> None:
        if not request.url.startswith((studio.url, "data:", "blob:")):
            foreign.append(request.url)

    context.on("request", seen)
    opened = context.new_page()
    opened.on("pageerror", lambda error: failures.append(str(error)))
    yield opened
    assert foreign == []
    assert failures == []
