"""What the writer thinks of a section, said where it is written."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from engine.store import feedback, versions
from tests.browser.books import book, sections
from tests.browser.drafts import drafted
from tests.studio_process import Running, wait_for

LONG = 240_000  # ms: a bound for a slow machine, not a claim
TEXT = "The rope hung straight down into the dark, and it was dry where it should be wet."


def notes(studio: Running, project: str) -> list[tuple[str, str | None]]:
    return [(row.kind, row.choice) for row in feedback.all(studio.library, project)]


def test_two_variants_are_written_as_one_batch_and_the_chosen_one_is_the_text(
    page: Page, studio: Running
) -> None:
    project = book(studio.library, "Two ways", words=150)
    first = sections(studio.library, project)[0]
    mine = versions.save_edit(studio.library, first, "Mine, and short.", None)
    page.goto(f"{studio.url}/write?project={project.id}#{first}")
    expect(page.locator("textarea.text")).to_have_value("Mine, and short.")
    page.keyboard.press("Alt+c")
    expect(page.locator(".section-head .meta")).to_contain_text("Two variants are being written")
    dialog = page.get_by_role("dialog", name="Which one is better?")
    expect(dialog).to_be_visible(timeout=LONG)
    expect(page.locator("textarea.text")).to_have_value("Mine, and short.")
    right = dialog.locator(".passage").nth(1).inner_text()
    page.keyboard.press("2")
    expect(dialog).to_have_count(0)
    expect(page.locator("textarea.text")).not_to_have_value("Mine, and short.")
    expect(page.locator("textarea.text")).to_have_value(versions.current_text(studio.library, first))
    assert versions.current_text(studio.library, first).split() == right.split()
    (row,) = feedback.all(studio.library, project.id)
    assert (row.kind, row.model is not None, row.seed_a != row.seed_b) == ("ab", True, True)
    assert row.messages
    assert row.choice != row.shown_left
    assert versions.text_of(studio.library, mine.id).text == "Mine, and short."
    assert len(versions.history(studio.library, first)) == 4


def test_a_thumb_its_reason_and_the_stars_stay_after_a_reload_and_can_be_taken_back(
    page: Page, studio: Running
) -> None:
    project = book(studio.library, "Thumbs")
    first = sections(studio.library, project)[0]
    drafted(studio.library, first, TEXT)
    page.goto(f"{studio.url}/write?project={project.id}#{first}")
    good = page.get_by_role("button", name="Good", exact=True)
    expect(good).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Alt+b")
    page.get_by_role("button", name="too vague").click()
    page.get_by_role("button", name="4 of 5").click()
    expect(page.get_by_role("button", name="4 of 5")).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(page.get_by_role("button", name="too vague")).to_have_attribute("aria-pressed", "true")
    assert sorted(notes(studio, project.id)) == [("rating", None), ("thumb", "down")]
    page.keyboard.press("Alt+b")
    expect(page.get_by_role("button", name="too vague")).to_have_count(0)
    assert notes(studio, project.id) == [("rating", None)]


def test_edits_are_noted_only_after_the_writer_agreed(page: Page, studio: Running) -> None:
    project = book(studio.library, "Consent")
    first = sections(studio.library, project)[0]
    drafted(studio.library, first, TEXT)
    page.goto(f"{studio.url}/write?project={project.id}#{first}")
    field = page.locator("textarea.text")
    field.fill(TEXT + " She did not scream; she counted the fibres, and then the houses.")
    page.keyboard.press("Control+s")
    expect(page.locator("#saved-state")).to_have_text("Saved")
    assert notes(studio, project.id) == []
    switch = page.get_by_role("switch")
    expect(switch).to_have_attribute("aria-checked", "false")
    switch.click()
    page.get_by_role("button", name="Learn from them").click()
    expect(switch).to_have_attribute("aria-checked", "true")
    field.fill(TEXT + " She did not scream; she counted the fibres, and then the houses, one by one.")
    page.keyboard.press("Control+s")
    wait_for(lambda: notes(studio, project.id) == [("edit", "b")], "the edit is noted")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")


def test_turning_the_page_on_a_text_written_again_says_that_it_was_kept(page: Page, studio: Running) -> None:
    project = book(studio.library, "Kept")
    first = sections(studio.library, project)[0]
    drafted(studio.library, first, TEXT)
    drafted(
        studio.library, first, "Another rope, another morning, and the same dark below it all.", "regenerate"
    )
    page.goto(f"{studio.url}/write?project={project.id}#{first}")
    expect(page.get_by_role("button", name="Good", exact=True)).to_be_visible()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(".section-head h2")).to_contain_text("The bucket")
    wait_for(lambda: notes(studio, project.id) == [("regeneration", "b")], "it is noted")
