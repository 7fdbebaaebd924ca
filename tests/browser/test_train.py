"""The Train page: starting and resting a real training, its curves, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from engine.backends import adapters
from engine.jobs.lock import WriterLock
from engine.store import feedback
from tests.adapters import put_adapter
from tests.browser.runs import judged, practise, practising
from tests.studio_process import Running, start_studio, stop_studio, wait_for
from trainer.runs import client
from trainer.runs.lock import FILE_NAME, HOLDER_NAME

LONG = 240_000  # ms: a bound for a slow machine, not a claim


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A studio of this page's own: what other tests chose there would be learned from."""
    running = start_studio(tmp_path_factory.mktemp("train") / "home")
    yield running
    stop_studio(running)


@pytest.fixture
def held(studio: Running) -> Iterator[WriterLock]:
    """The right to train, so that a training of the test's making counts as alive."""
    lock = WriterLock(studio.home.root, FILE_NAME)
    lock.acquire()
    yield lock
    lock.release()
    (studio.home.root / HOLDER_NAME).unlink(missing_ok=True)


def test_a_training_goes_on_while_the_page_is_closed_and_stops_when_asked(
    page: Page, studio: Running
) -> None:
    page.goto(f"{studio.url}/train")
    expect(page.locator(".prospect")).to_contain_text("There are no choices to learn from yet.")
    expect(page.get_by_role("button", name="Start training")).to_be_disabled()
    page.get_by_label("What it learns from").select_option("none")
    page.get_by_label("Steps of practice").fill("2")
    page.locator("details.more summary").click()
    page.get_by_label("Texts for each request").fill("2")
    page.get_by_label("Room for a text").fill("16")
    expect(page.locator(".prospect")).to_contain_text("length, form and general quality")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible(timeout=LONG)
    expect(page.get_by_role("button", name="Start training")).to_be_disabled()
    page.goto("about:blank")
    (run,) = client.all(studio.home)
    wait_for(lambda: run.state.stage != "", "it has begun", 120)
    assert client.state_of(studio.home, run) == "running"
    page.goto(f"{studio.url}/train")
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator(".run-head")).to_contain_text("Stopped", timeout=LONG)
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    wait_for(lambda: client.state_of(studio.home, run) == "stopped", "it rests", 120)


def test_curves_and_samples_grow_while_a_training_goes_on(
    page: Page, studio: Running, held: WriterLock
) -> None:
    run = practising(studio.home, 20)
    (studio.home.root / HOLDER_NAME).write_text(run.id)
    page.goto(f"{studio.url}/train#{run.id}")
    length = page.get_by_role("img", name=re.compile("^Length: from .* in 20 steps"))
    expect(length).to_be_visible()
    expect(page.locator(".curve")).to_have_count(6)
    expect(page.locator(".samples details")).to_have_count(4)
    expect(page.locator(".samples")).to_contain_text("That was step 20")
    practise(run, 21)
    run.tell(step=21)
    expect(page.get_by_role("img", name=re.compile("^Length: from .* in 21 steps"))).to_be_visible()
    expect(page.locator(".run-head")).to_contain_text("step 21 of 60")
    page.get_by_label("After which step").select_option("10")
    expect(page.locator(".samples")).to_contain_text("That was step 10")
    page.get_by_role("button", name="Pause").click()
    wait_for(lambda: run.wish == "pause", "the wish is left")
    run.tell(state="paused")


def test_the_verdict_its_model_and_the_blind_comparison(page: Page, studio: Running) -> None:
    put_adapter(studio.home, "mine-1", base_hash="abc")
    run = practising(studio.home, 30)
    judged(run, "mine-1")
    page.goto(f"{studio.url}/train#{run.id}")
    verdict = page.locator(".verdict")
    expect(verdict).to_contain_text("Better")
    expect(verdict.get_by_role("row")).to_have_count(4)
    expect(verdict).to_contain_text("57.0 % to 79.0 %")
    page.get_by_role("button", name="Use my tuned model").click()
    expect(verdict).to_contain_text("It writes your drafts now.")
    assert adapters.in_use(studio.home, "abc") == adapters.InUse("mine-1", 1.0)
    page.get_by_role("button", name="Keep it aside").click()
    expect(page.get_by_role("button", name="Use my tuned model")).to_be_visible()
    before = feedback.count(studio.library, kind="ab")
    page.get_by_role("button", name="Compare blind (2 pairs)").click()
    expect(page.get_by_role("dialog")).to_contain_text("Pair 1 of 2")
    page.keyboard.press("1")
    expect(page.get_by_role("dialog")).to_contain_text("Pair 2 of 2")
    page.keyboard.press("0")
    expect(verdict).to_contain_text("1 were equally good")
    assert feedback.count(studio.library, kind="ab") == before + 2
    page.get_by_role("button", name="Remove it").click()
    page.get_by_role("dialog", name="Remove mine-1?").get_by_role("button", name="Remove", exact=True).click()
    expect(verdict).to_contain_text("not on the list (any more)")
    assert adapters.list_adapters(studio.home) == []
