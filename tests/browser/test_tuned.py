"""A tuned model in the drafting menu: chosen, weakened, told with each version, and left with one click."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from engine.backends import adapters
from engine.backends.catalogue import embedded_model
from engine.backends.gguf import content_hash
from engine.store import versions
from tests.adapters import put_adapter
from tests.browser.books import book, sections
from tests.studio_process import Running, wait_for

LONG = 240_000  # ms: a bound for a slow machine, not a claim


@pytest.fixture
def base(studio: Running) -> Iterator[str]:
    told = content_hash(embedded_model(), studio.home.cache)
    put_adapter(studio.home, "mine", base_hash=told, verdict={"label": "better", "reason": "It is."})
    put_adapter(
        studio.home, "poor", base_hash=told, offered=False, verdict={"label": "worse", "reason": "No."}
    )
    yield told
    for name in ("mine", "poor"):
        adapters.remove(studio.home, name)


def test_a_section_is_written_by_my_tuned_model_and_its_history_says_so(
    page: Page, studio: Running, base: str
) -> None:
    project = book(studio.library, "Tuned", words=120)
    first = sections(studio.library, project)[0]
    page.goto(f"{studio.url}/write?project={project.id}#{first}")
    expect(page.locator("details.tuned summary")).to_have_text("Model ▾")
    page.keyboard.press("Alt+m")
    page.get_by_role("radio", name="mine").check()
    strength = page.get_by_role("slider", name="How strongly my tuned model writes")
    strength.fill("0.5")
    expect(page.locator("details.tuned summary")).to_have_text("My model, 50 % ▾")
    assert adapters.in_use(studio.home, base) == adapters.InUse("mine", 0.5)
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+r")
    expect(page.get_by_role("button", name="Good", exact=True)).to_be_visible(timeout=LONG)
    assert list(versions.tuned_by(studio.library, first).values()) == [("mine", 0.5)]
    page.keyboard.press("Alt+v")
    expect(page.locator("#side-panel")).to_contain_text("with mine at 50 %")
    page.keyboard.press("Alt+m")
    page.get_by_role("button", name="Back to the model itself").click()
    expect(page.locator("details.tuned summary")).to_have_text("Model ▾")
    wait_for(lambda: adapters.in_use(studio.home, base) is None, "the base writes alone")


def test_one_that_was_found_worse_is_used_only_after_a_yes(page: Page, studio: Running, base: str) -> None:
    project = book(studio.library, "Doubtful")
    page.goto(f"{studio.url}/write?project={project.id}")
    page.locator("details.tuned summary").click()
    page.get_by_role("radio", name="poor").check()
    dialog = page.get_by_role("dialog", name="Use it all the same?")
    expect(dialog).to_contain_text("No.")
    page.keyboard.press("Escape")
    expect(page.locator("#tuned-base")).to_be_checked()
    assert adapters.in_use(studio.home, base) is None


def test_the_plan_page_has_the_same_menu(page: Page, studio: Running, base: str) -> None:
    project = book(studio.library, "Planned for mine")
    page.goto(f"{studio.url}/plan?project={project.id}")
    page.locator("#plan-tree details.tuned summary").click()
    page.get_by_role("radio", name="mine").check()
    expect(page.locator("#plan-tree details.tuned summary")).to_have_text("My model ▾")
    assert adapters.in_use(studio.home, base) == adapters.InUse("mine", 1.0)
    page.goto(f"{studio.url}/write?project={project.id}")
    expect(page.locator("details.tuned summary")).to_have_text("My model ▾")
    adapters.clear(studio.home, base)
