"""The Write page of a large project beside a small one, by hand:  python -m tests.browser.large_library

300,000 and 1,500 words in one library and one run. Prints one JSON object: milliseconds until the page can be
typed into (the first visit with an empty cache, then the median of later ones), and the median milliseconds
from the key that saves a section to the page that says so (docs/benchmarks.md).
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.test_editing import open_write
from tests.store.big_library import build
from tests.studio_process import Running, start_studio, stop_studio

VISITS = 5
SAVES = 9
SAID_OF = "said => document.querySelector('#saved-state').textContent === said"
"""Looked at in every frame: Playwright's own `expect` looks ten times a second."""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        studio = start_studio(Path(folder) / "home")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            small = build(studio.library, chapters=1, sections=2)
            large = build(studio.library)
            _measured(browser, studio, small.id)  # the server's own first requests are nobody's page
            found = {
                "small": _measured(browser, studio, small.id),
                "large": _measured(browser, studio, large.id),
            }
        finally:
            browser.close()
            stop_studio(studio)
    print(json.dumps(found | {"save_ratio": round(found["large"]["save"] / found["small"]["save"], 2)}))


def _measured(browser: Browser, studio: Running, project: str) -> dict[str, float]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    visits = [_milliseconds(lambda: open_write(page, studio, project)) for _ in range(1 + VISITS)]
    saves = [_save(page, number) for number in range(SAVES)]
    context.close()
    return {"first": visits[0], "again": statistics.median(visits[1:]), "save": statistics.median(saves)}


def _save(page: Page, number: int) -> float:
    page.locator("textarea.text").fill(f"The harbour lay still for the {number}th time, and nobody came.")
    page.wait_for_function(SAID_OF, arg="Not saved yet", polling="raf")
    start = time.perf_counter()
    page.keyboard.press("Control+s")
    page.wait_for_function(SAID_OF, arg="Saved", polling="raf")
    return round(1000 * (time.perf_counter() - start), 1)


def _milliseconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return round(1000 * (time.perf_counter() - start), 1)


if __name__ == "__main__":
    main()
