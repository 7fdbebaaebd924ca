"""Pages that are left in the middle of a word: by a key, by a link, by reloading, by closing the tab."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, expect

from engine.store import outline, projects, versions
from engine.store.schema import Project
from tests.browser.books import book, sections
from tests.browser.conftest import PATIENCE
from tests.browser.test_editing import open_write
from tests.browser.test_planning import open_plan
from tests.studio_process import Running, wait_for

Leave = Callable[[Page], None]


def by_key(page: Page) -> None:
    page.keyboard.press("Alt+1")
    expect(page.locator(".shelf h1")).to_be_visible()


def by_link(page: Page) -> None:
    page.get_by_role("link", name="Library").click()
    expect(page.locator(".shelf h1")).to_be_visible()


def by_reloading(page: Page) -> None:
    asked = answered(page, stay=False)
    page.reload()
    assert asked == ["beforeunload"]


def by_closing(page: Page) -> None:
    page.close()


def answered(page: Page, stay: bool) -> list[str]:
    """What the browser asked, answered as it comes."""
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        if stay:
            dialog.dismiss()
        else:
            dialog.accept()

    page.on("dialog", answer)
    return asked


ways = pytest.mark.parametrize("leave", [by_key, by_link, by_reloading, by_closing])


@pytest.fixture
def tab(context: BrowserContext, page: Page) -> Page:
    """A tab that may be closed; `page` looks on."""
    return context.new_page()


@ways
def test_a_title_that_is_being_typed_is_kept(tab: Page, studio: Running, leave: Leave) -> None:
    project = book(studio.library, "Title under way")
    first = sections(studio.library, project)[0]
    open_plan(tab, studio, project.id)
    tab.get_by_role("treeitem", name="1.1 The rope").click()
    tab.keyboard.press("F2")
    tab.keyboard.type("The knot")
    leave(tab)
    wait_for(lambda: outline.get(studio.library, first).title == "The knot", "the title is saved")


@ways
def test_a_field_of_the_brief_that_is_being_typed_is_kept(tab: Page, studio: Running, leave: Leave) -> None:
    project = book(studio.library, "Brief under way", words=600)
    open_plan(tab, studio, project.id)
    tab.get_by_label("Length in words").fill("900")
    tab.get_by_label("For whom").click()
    tab.keyboard.type("Sailors")
    leave(tab)
    wait_for(lambda: brief(studio, project) == (900, "Sailors"), "both fields are saved")


def brief(studio: Running, project: Project) -> tuple[int, str]:
    kept = projects.get(studio.library, project.id)
    return kept.goal_words, str(kept.brief["audience"])


@ways
def test_notes_that_are_being_typed_are_kept(tab: Page, studio: Running, leave: Leave) -> None:
    project = book(studio.library, "Notes under way")
    first = sections(studio.library, project)[0]
    open_write(tab, studio, project.id, first)
    tab.keyboard.press("Alt+n")
    tab.get_by_label("What happens here").click()
    tab.keyboard.press("Control+End")
    tab.keyboard.type(" It is red.")
    leave(tab)
    wait_for(lambda: outline.get(studio.library, first).beat.endswith(" It is red."), "the notes are saved")


@ways
def test_a_target_in_the_notes_that_is_being_typed_is_kept(tab: Page, studio: Running, leave: Leave) -> None:
    project = book(studio.library, "Target under way", words=600)
    first = sections(studio.library, project)[0]
    open_write(tab, studio, project.id, first)
    tab.keyboard.press("Alt+n")
    tab.get_by_label("Target in words").fill("300")
    leave(tab)
    wait_for(lambda: outline.leaves(studio.library, project.id)[0].target == 300, "the target is saved")


@ways
def test_a_text_that_is_being_typed_is_kept(tab: Page, studio: Running, leave: Leave) -> None:
    project = book(studio.library, "Text under way")
    first = sections(studio.library, project)[0]
    open_write(tab, studio, project.id, first)
    tab.locator("textarea.text").press_sequentially("The rope is red.")
    leave(tab)
    wait_for(lambda: versions.current_text(studio.library, first) == "The rope is red.", "the text is saved")
    assert len(versions.history(studio.library, first)) == 1


def test_a_page_where_nothing_was_typed_is_left_unasked(page: Page, studio: Running) -> None:
    project = book(studio.library, "Nothing typed")
    open_plan(page, studio, project.id)
    page.get_by_label("For whom").click()
    asked = answered(page, stay=True)
    page.reload()
    expect(page.locator("ul.plan [role=treeitem]").first).to_be_visible()
    page.keyboard.press("Alt+1")
    expect(page.locator(".shelf h1")).to_be_visible()
    assert asked == []


def test_the_browser_asks_before_words_are_lost_that_the_studio_does_not_take(
    page: Page, studio: Running
) -> None:
    project = book(studio.library, "Refused and leaving")
    open_plan(page, studio, project.id)
    page.route("**/api/outline/*", lambda route: route.abort())
    page.get_by_role("treeitem", name="1.1 The rope").click()
    page.keyboard.press("F2")
    page.keyboard.type("The knot")
    asked = answered(page, stay=True)
    page.keyboard.press("Alt+1")
    expect(page.get_by_role("button", name="Edit it again")).to_be_visible()
    wait_for_question(page, asked)
    page.unroute("**/api/outline/*")
    page.get_by_role("button", name="Edit it again").click()
    page.keyboard.press("Enter")
    expect(page.get_by_role("treeitem", name="1.1 The knot")).to_be_visible()
    page.keyboard.press("Alt+1")
    expect(page.locator(".shelf h1")).to_be_visible()
    assert asked == ["beforeunload"]


def wait_for_question(page: Page, asked: list[str]) -> None:
    """Until the browser has asked; its question comes while the page is looked at."""
    for _ in range(PATIENCE // 50):
        if asked:
            return
        page.wait_for_timeout(50)
    pytest.fail("the browser never asked")


def test_a_half_filled_form_of_the_library_is_there_again_until_its_text_is_begun(
    page: Page, studio: Running
) -> None:
    page.goto(studio.url)
    expect(page.locator(".shelf h1")).to_be_visible()
    page.get_by_label("Title", exact=True).fill("Half a lighthouse")
    page.get_by_label("What it is about").fill("A 900-word story about a lighthouse.")
    page.reload()
    expect(page.get_by_label("Title", exact=True)).to_have_value("Half a lighthouse")
    expect(page.get_by_label("What it is about")).to_have_value("A 900-word story about a lighthouse.")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/plan?project=*")
    expect(page.get_by_label("Title", exact=True)).to_have_value("Half a lighthouse")
    page.goto(studio.url)
    expect(page.get_by_role("heading", name="Half a lighthouse")).to_be_visible()
    expect(page.get_by_label("Title", exact=True)).to_have_value("")
    expect(page.get_by_label("What it is about")).to_have_value("")


def test_a_half_filled_form_of_the_models_is_there_again(page: Page, studio: Running) -> None:
    page.goto(f"{studio.url}/models")
    page.get_by_label("Where it is").fill("/nowhere/at/all.gguf")
    page.get_by_label("Name").fill("mine")
    page.get_by_label("How many tokens it holds").fill("4096")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("a file holds what a draft asks of it")).to_be_visible()
    page.get_by_label("How many tokens it holds").fill("")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("there is no such file")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Where it is")).to_have_value("/nowhere/at/all.gguf")
    expect(page.get_by_label("Name")).to_have_value("mine")


@pytest.mark.parametrize("key", ["Alt+v", "Escape"])
def test_notes_that_are_being_typed_outlive_a_key_that_turns_their_side(
    page: Page, studio: Running, key: str
) -> None:
    project = book(studio.library, "Beside the page")
    first = sections(studio.library, project)[0]
    open_write(page, studio, project.id, first)
    page.keyboard.press("Alt+n")
    page.get_by_label("What happens here").fill("It is red.")
    page.keyboard.press(key)
    page.locator("textarea.text").click()
    wait_for(lambda: outline.get(studio.library, first).beat == "It is red.", "the notes are saved")


def test_the_kind_that_was_chosen_in_a_half_filled_form_is_there_again_until_its_text_is_begun(
    page: Page, studio: Running
) -> None:
    kind = page.get_by_label("What it is", exact=True)
    page.goto(studio.url)
    expect(page.locator(".shelf h1")).to_be_visible()
    page.get_by_label("What it is about").fill("Half a lighthouse of which nothing is said.")
    kind.click()
    page.get_by_role("option", name="Report").click()
    expect(kind).to_have_value("Report")
    page.reload()
    expect(kind).to_have_value("Report")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/plan?project=*")
    expect(page.locator("#plan-kind input")).to_have_value("Report")
    page.goto(studio.url)
    expect(page.locator(".shelf h1")).to_be_visible()
    expect(kind).to_have_value("As said below")


@pytest.fixture
def pasting(page: Page, studio: Running) -> Page:
    """The Plan page with an outline typed into its dialog."""
    project = book(studio.library, "Pasted")
    open_plan(page, studio, project.id)
    page.get_by_role("button", name="Paste an outline").click()
    page.get_by_label("Outline as Markdown headings").fill("just a line")
    return page


def test_the_browser_asks_before_an_outline_that_is_being_pasted_is_lost(pasting: Page) -> None:
    by_reloading(pasting)


def test_an_outline_that_was_refused_can_be_edited_again(pasting: Page) -> None:
    field = pasting.get_by_label("Outline as Markdown headings")
    pasting.get_by_role("button", name="Use it").click()
    pasting.get_by_role("button", name="Edit it again").click()
    expect(field).to_have_value("just a line")
    field.fill("# The knot")
    pasting.get_by_role("button", name="Use it").click()
    expect(pasting.get_by_role("treeitem", name="1 The knot")).to_be_visible()
    by_key(pasting)


def test_an_outline_put_away_with_escape_can_be_taken_up_again(pasting: Page) -> None:
    pasting.keyboard.press("Escape")
    pasting.get_by_role("button", name="Edit it again").click()
    expect(pasting.get_by_label("Outline as Markdown headings")).to_have_value("just a line")


def test_an_empty_dialog_is_put_away_without_a_word(pasting: Page) -> None:
    pasting.get_by_label("Outline as Markdown headings").fill(" ")
    pasting.keyboard.press("Escape")
    expect(pasting.get_by_role("dialog")).to_have_count(0)
    expect(pasting.locator(".notice")).to_have_count(0)
