"""A whole draft in the browser, with the real embedded model in the real writer process."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from engine.store import jobs, outline, versions
from tests.browser.books import OUTLINE, book, sections
from tests.studio_process import Running, wait_for

LONG = 240_000  # ms: a bound for a slow machine, not a claim


def open_write(page: Page, studio: Running, project_id: str) -> None:
    page.goto(f"{studio.url}/write?project={project_id}")
    expect(page.locator("[role=tree] [role=treeitem]").first).to_be_visible()


def test_from_the_first_form_to_a_drafted_piece(page: Page, studio: Running) -> None:
    page.goto(studio.url)
    page.get_by_label("Title").fill("The Cut Rope")
    page.get_by_label("What it is about").fill("A girl in a dry village keeps the only well.")
    page.get_by_label("Length in words").fill("200")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url(re.compile(r"/plan\?project="))
    page.get_by_role("button", name="Paste an outline").click()
    page.get_by_label("Outline as Markdown headings").fill(
        "# The Rope\nIt is cut.\n# The Bucket\nIt is gone."
    )
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("#plan-sum")).to_contain_text("200 of 200 words planned")
    page.get_by_role("link", name="Go and write").click()
    page.wait_for_url(re.compile(r"/write\?project="))
    page.get_by_role("button", name="Draft", exact=True).click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(page.get_by_role("button", name="Draft", exact=True)).to_have_count(0)
    expect(page.locator(".live .line").first).to_be_visible(timeout=LONG)
    expect(page.get_by_role("button", name="Draft", exact=True)).to_be_visible(timeout=LONG)
    expect(page.locator("textarea.text")).to_have_value(re.compile(r"\w+ \w+"))
    project_id = page.url.split("project=")[1].split("#")[0]
    rows = outline.leaves(studio.library, project_id)
    assert all(row.words > 50 for row in rows)
    shown = page.locator("[role=treeitem] .counts").first.inner_text()
    assert f"{rows[0].words:,} / {rows[0].target:,}" in shown


def test_stop_keeps_the_text_and_resume_goes_on_behind_it(page: Page, studio: Running) -> None:
    project = book(studio.library, "Stop and go", words=1500)
    first = sections(studio.library, project)[0]
    open_write(page, studio, project.id)
    page.get_by_role("button", name="Draft", exact=True).click()
    expect(page.locator(".live .line").first).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible(timeout=LONG)
    field = page.locator("textarea.text")
    expect(field).to_be_visible()
    kept = versions.current_text(studio.library, first)
    assert kept.strip()
    expect(field).to_have_value(kept)
    page.get_by_role("button", name="Resume").click()
    expect(page.locator(".live")).to_be_visible(timeout=LONG)
    wait_for(lambda: len(page.locator(".live").inner_text()) > len(kept.rstrip()) + 5, "the text grows", 240)
    assert page.locator(".live").inner_text().startswith(kept.rstrip().split("\n")[0])
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible(timeout=LONG)
    # Word for word; only the paragraphs may stand further apart.
    assert " ".join(versions.current_text(studio.library, first).split()).startswith(" ".join(kept.split()))


def test_a_reload_in_mid_draft_changes_nothing_for_the_draft(page: Page, studio: Running) -> None:
    project = book(studio.library, "Reload", words=1500)
    open_write(page, studio, project.id)
    page.get_by_role("button", name="Draft", exact=True).click()
    expect(page.locator(".live .line").first).to_be_visible(timeout=LONG)
    before = page.locator(".live").inner_text()
    page.reload()
    expect(page.locator(".live .line").first).to_be_visible(timeout=LONG)
    wait_for(lambda: len(page.locator(".live").inner_text()) > len(before), "the draft goes on", 240)
    assert page.locator(".live").inner_text().startswith(before.rstrip()[:-40])
    job = jobs.all(studio.library, project.id)
    assert [one.state for one in job] == ["running"]
    page.keyboard.press("Alt+P")
    expect(page.get_by_role("button", name="Resume")).to_be_visible(timeout=LONG)
    expect(page.locator("#book-bar")).to_contain_text("Paused")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("textarea.text")).to_be_visible(timeout=LONG)


def test_the_page_shows_what_the_model_saw(page: Page, studio: Running) -> None:
    project = book(studio.library, "Seen", words=120, own_outline=OUTLINE)
    open_write(page, studio, project.id)
    page.get_by_role("button", name="Draft", exact=True).click()
    expect(page.locator(".live .line").first).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible(timeout=LONG)
    page.keyboard.press("Alt+W")
    panel = page.locator("#side-panel")
    expect(panel).to_contain_text("The brief")
    panel.locator("summary", has_text="The brief").click()
    expect(panel).to_contain_text("keeps the only well")


def test_the_model_drafts_an_outline_that_adds_up(page: Page, studio: Running) -> None:
    project = book(studio.library, "Drafted plan", words=1200, own_outline="")
    page.goto(f"{studio.url}/plan?project={project.id}")
    page.get_by_role("button", name="Let the model draft it").click()
    expect(page.locator("ul.plan [role=treeitem]").first).to_be_visible(timeout=LONG)
    expect(page.locator("#plan-sum")).to_contain_text("1,200 of 1,200 words planned")
    assert sum(row.target for row in outline.leaves(studio.library, project.id)) == 1200


def test_a_section_written_again_keeps_the_old_text_as_a_version(page: Page, studio: Running) -> None:
    project = book(studio.library, "Again", words=240)
    first = sections(studio.library, project)[0]
    mine = versions.save_edit(studio.library, first, "Mine, and short.", None)
    page.goto(f"{studio.url}/write?project={project.id}#{first}")
    expect(page.locator("textarea.text")).to_have_value("Mine, and short.")
    page.keyboard.press("Alt+r")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0, timeout=LONG)
    expect(page.locator("textarea.text")).to_be_visible()
    assert versions.text_of(studio.library, mine.id).text == "Mine, and short."
    assert len(versions.history(studio.library, first)) >= 2
    assert outline.get(studio.library, first).version_id is not None
    expect(page.locator("textarea.text")).to_have_value(versions.current_text(studio.library, first))
