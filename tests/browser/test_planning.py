"""The Plan and Library pages in the browser, by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from engine.drafting.settings import DraftSettings
from engine.store import models, outline, projects, versions
from tests.browser.books import book
from tests.studio_process import Running, wait_for


def titles(studio: Running, project_id: str) -> list[tuple[int, str]]:
    return [(row.depth, row.node.title) for row in outline.tree(studio.library, project_id)]


def settings(studio: Running, project_id: str) -> DraftSettings:
    return DraftSettings.model_validate(projects.get(studio.library, project_id).settings)


def open_plan(page: Page, studio: Running, project_id: str) -> None:
    page.goto(f"{studio.url}/plan?project={project_id}")
    expect(page.locator("ul.plan [role=treeitem]").first).to_be_visible()
    page.wait_for_function("window.lwBrief && !document.getElementById('brief').inert")


def test_the_outline_is_edited_with_the_keyboard_alone(page: Page, studio: Running) -> None:
    project = book(studio.library, "By keyboard")
    open_plan(page, studio, project.id)
    page.keyboard.press("Alt+o")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page.locator(".in-title")).to_be_focused()
    page.keyboard.type("The answer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("treeitem", name="2.2 The answer")).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_role("treeitem", name="2.1 The answer")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("treeitem", name="3 The answer")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("treeitem", name="2.2 The answer")).to_be_focused()
    page.keyboard.press("F2")
    page.keyboard.type("The reply")
    page.keyboard.press("Enter")
    expect(page.get_by_role("treeitem", name="2.2 The reply")).to_be_focused()
    assert titles(studio, project.id)[-1] == (1, "The reply")
    page.keyboard.press("Delete")
    expect(page.get_by_role("treeitem", name="The reply")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.get_by_role("treeitem", name="2.2 The reply")).to_be_visible()
    assert titles(studio, project.id)[-1] == (1, "The reply")


def test_what_was_removed_in_another_session_is_found_and_restored_by_keyboard(
    page: Page, studio: Running
) -> None:
    project = book(studio.library, "Found again")
    first = outline.leaves(studio.library, project.id)[0].node
    versions.save_edit(studio.library, first.id, "The rope was cut.", None)
    outline.remove(studio.library, first.id)
    open_plan(page, studio, project.id)
    page.locator("#plan-removed summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#plan-removed li")).to_contain_text("The rope, 4 words")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Restore The rope")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("treeitem", name="1.1 The rope")).to_be_visible()
    expect(page.locator("#plan-removed")).to_be_hidden()


def test_a_new_text_is_as_long_and_of_the_kind_that_its_brief_says(page: Page, studio: Running) -> None:
    page.goto(studio.url)
    expect(page.get_by_label("Length in words")).to_have_value("")
    page.get_by_label("What it is about").fill("A 3,000-word story about a lighthouse that answers ships.")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url(re.compile(r"/plan\?project="))
    expect(page.get_by_label("Length in words")).to_have_value("3000")
    expect(page.locator("#plan-kind input")).to_have_value("Story")


def test_a_changed_target_balances_the_others_before_ones_eyes(page: Page, studio: Running) -> None:
    project = book(studio.library, "Balanced", words=900)
    open_plan(page, studio, project.id)
    page.get_by_role("treeitem", name="1.1 The rope").click()
    page.keyboard.press("t")
    page.locator(".in-target").fill("500")
    page.keyboard.press("Enter")
    expect(page.get_by_role("treeitem", name="1.1 The rope, 500 words")).to_be_visible()
    expect(page.locator("#plan-sum")).to_contain_text("900 of 900 words planned")
    targets = [row.target for row in outline.leaves(studio.library, project.id)]
    assert targets[0] == 500
    assert sum(targets) == 900


def test_a_new_length_spreads_over_the_outline_when_the_field_is_left(page: Page, studio: Running) -> None:
    project = book(studio.library, "Longer", words=600)
    open_plan(page, studio, project.id)
    field = page.get_by_label("Length in words")
    expect(field).to_have_value("600")
    field.fill("1200")
    field.blur()
    expect(page.locator("#plan-sum")).to_contain_text("1,200 of 1,200 words planned")
    page.get_by_label("For whom").fill("people who wait")
    page.get_by_label("For whom").blur()
    wait_for(lambda: projects.get(studio.library, project.id).brief["audience"] == "people who wait", "saved")


def test_sections_that_a_longer_text_made_too_long_are_split_by_one_button(
    page: Page, studio: Running
) -> None:
    project = book(studio.library, "Much longer", words=600)
    open_plan(page, studio, project.id)
    expect(page.locator("#plan-split-all")).to_be_hidden()
    field = page.get_by_label("Length in words")
    field.fill("6000")
    field.blur()
    page.get_by_role("button", name="Split all 3 long sections").click()
    expect(page.get_by_role("treeitem", name="1.1 The rope, part one")).to_be_visible()
    expect(page.locator("#plan-split-all")).to_be_hidden()
    expect(page.locator("#plan-sum")).to_contain_text("6,000 of 6,000 words planned")


def test_a_model_that_was_added_later_can_be_chosen(page: Page, studio: Running) -> None:
    project = book(studio.library, "Another hand")
    models.add(studio.library, "came-later", "server", "http://127.0.0.1:1/v1")
    try:
        open_plan(page, studio, project.id)
        page.locator("#plan-model input").click()
        page.get_by_role("option", name="came-later").click()
        wait_for(lambda: settings(studio, project.id).model == "came-later", "chosen")
    finally:
        models.remove(studio.library, "came-later")
    page.reload()
    expect(page.locator("#plan-model input")).to_have_value("came-later (not there now)")
    page.get_by_label("For whom").fill("people who wait")
    page.get_by_label("For whom").blur()
    wait_for(lambda: projects.get(studio.library, project.id).brief["audience"] == "people who wait", "saved")


def test_an_old_tab_saves_its_own_field_and_nothing_else(
    context: BrowserContext, page: Page, studio: Running
) -> None:
    project = book(studio.library, "Two plans", words=600)
    open_plan(page, studio, project.id)
    expect(page.get_by_label("Length in words")).to_have_value("600")
    other = context.new_page()
    open_plan(other, studio, project.id)
    for label, words in (
        ("Length in words", "900"),
        ("What it is about", "Another story."),
        ("For whom", "Sailors"),
    ):
        field = other.get_by_label(label)
        field.fill(words)
        field.blur()
    wait_for(lambda: projects.get(studio.library, project.id).brief["audience"] == "Sailors", "the other tab")
    page.get_by_label("How it should sound").fill("dry")
    page.get_by_label("How it should sound").blur()
    wait_for(lambda: projects.get(studio.library, project.id).brief["style"] == "dry", "this tab")
    kept = projects.get(studio.library, project.id)
    assert (kept.goal_words, kept.brief["premise"]) == (900, "Another story.")
    page.get_by_label("For whom").fill("Children")
    page.get_by_label("For whom").blur()
    expect(page.locator(".notice.bad")).to_contain_text(
        "“For whom” was changed in another window: it says “Sailors”"
    )
    expect(page.get_by_label("For whom")).to_have_value("Children")
    assert projects.get(studio.library, project.id).brief["audience"] == "Sailors"
    page.get_by_role("button", name="Use the other").click()
    expect(page.get_by_label("For whom")).to_have_value("Sailors")
    page.get_by_label("What it is about").fill("A third one.")
    page.get_by_label("What it is about").blur()
    page.get_by_role("button", name="Use my text").click()
    wait_for(
        lambda: projects.get(studio.library, project.id).brief["premise"] == "A third one.", "mine counts"
    )


def test_the_outline_is_not_redrawn_under_an_open_field(page: Page, studio: Running) -> None:
    project = book(studio.library, "Under my hands")
    open_plan(page, studio, project.id)
    page.get_by_role("treeitem", name="1.1 The rope").click()
    page.keyboard.press("F2")
    page.keyboard.type("The knot")
    outline.insert(studio.library, project.id, "Came meanwhile")
    with page.expect_response("**/api/outline/*"):
        page.evaluate("dispatchEvent(new Event('lw-plan'))")
    page.keyboard.press("Backspace")
    page.keyboard.type("ts")
    expect(page.locator(".in-title")).to_have_value("The knots")
    page.keyboard.press("Escape")
    expect(page.get_by_role("treeitem", name="3 Came meanwhile")).to_be_visible()
    assert titles(studio, project.id)[1] == (1, "The rope")


def test_an_answer_from_the_outline_leaves_the_writer_in_the_brief(page: Page, studio: Running) -> None:
    project = book(studio.library, "Away from the tree")
    open_plan(page, studio, project.id)
    page.get_by_role("treeitem", name="1.1 The rope").click()
    page.keyboard.press("F2")
    page.keyboard.type("The knot")
    with page.expect_response("**/api/outline/*"):
        page.get_by_label("For whom").click()
    expect(page.get_by_role("treeitem", name="1.1 The knot")).to_be_visible()
    expect(page.get_by_label("For whom")).to_be_focused()


def test_undo_in_a_field_of_the_brief_is_the_fields_own(page: Page, studio: Running) -> None:
    project = book(studio.library, "Taken back")
    open_plan(page, studio, project.id)
    page.get_by_role("treeitem", name="1.2 The bucket").click()
    page.keyboard.press("Delete")
    expect(page.get_by_role("treeitem", name="The bucket")).to_have_count(0)
    page.get_by_label("For whom").click()
    page.keyboard.type("sailors")
    page.keyboard.press("Control+z")
    expect(page.get_by_label("For whom")).not_to_have_value("sailors")
    assert (1, "The bucket") not in titles(studio, project.id)
    page.keyboard.press("Alt+o")
    page.keyboard.press("Control+z")
    expect(page.get_by_role("treeitem", name="The bucket")).to_be_visible()


def test_what_another_tab_wrote_of_a_section_is_not_overwritten(page: Page, studio: Running) -> None:
    project = book(studio.library, "Two beats")
    open_plan(page, studio, project.id)
    first = outline.leaves(studio.library, project.id)[0].node.id
    outline.set_beat(studio.library, first, "It frays.")
    page.get_by_role("treeitem", name="1.1 The rope").click()
    page.keyboard.press("b")
    page.keyboard.type("It is whole.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notice.bad")).to_contain_text(
        "What happens in “The rope” was changed in another window"
    )
    expect(page.get_by_role("treeitem", name="1.1 The rope")).to_contain_text("It frays.")
    page.get_by_role("button", name="Use my text").click()
    wait_for(lambda: outline.get(studio.library, first).beat == "It is whole.", "mine counts")


def test_a_length_that_cannot_be_planned_is_one_sentence(page: Page, studio: Running) -> None:
    project = book(studio.library, "Too much", words=600)
    open_plan(page, studio, project.id)
    expect(page.get_by_label("Length in words")).to_have_value("600")
    page.get_by_label("Length in words").fill("100000000")
    page.get_by_label("Length in words").blur()
    expect(page.locator(".notice.bad")).to_contain_text(
        "100,000,000 words are more than one project can hold"
    )
    assert projects.get(studio.library, project.id).goal_words == 600


def test_an_outline_without_headings_is_refused_in_one_sentence(page: Page, studio: Running) -> None:
    project = book(studio.library, "No headings")
    before = titles(studio, project.id)
    open_plan(page, studio, project.id)
    page.get_by_role("button", name="Paste an outline").click()
    page.get_by_label("Outline as Markdown headings").fill("just a line")
    page.get_by_role("button", name="Use it").click()
    expect(page.locator(".notice.bad")).to_contain_text("heading")
    assert titles(studio, project.id) == before


def test_a_deleted_project_comes_back_with_undo(page: Page, studio: Running) -> None:
    project = book(studio.library, "Thrown away")
    page.goto(studio.url)
    page.get_by_role("button", name="Delete Thrown away").click()
    expect(page.get_by_role("heading", name="Thrown away")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Thrown away")).to_be_visible()
    assert projects.get(studio.library, project.id).deleted_at is None


def test_every_control_has_a_name_and_the_keys_are_listed(page: Page, studio: Running) -> None:
    project = book(studio.library, "Named")
    for path in ("/", f"/plan?project={project.id}", f"/write?project={project.id}", "/models"):
        page.goto(studio.url + path)
        expect(page.locator(".masthead .brand")).to_be_visible()
        page.wait_for_load_state("networkidle")
        for control in page.locator(
            "button:visible, input:visible, textarea:visible, select:visible, a:visible"
        ).all():
            assert re.match(r"- '?\w+ [\"/]", control.aria_snapshot()), f"{path}: {control.aria_snapshot()}"
        page.locator("body").press("?")
        dialog = page.get_by_role("dialog", name="Keys")
        expect(dialog).to_contain_text("Go to Write")
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)


def test_dark_and_light_are_chosen_and_kept(page: Page, studio: Running) -> None:
    page.goto(studio.url)
    page.get_by_role("button", name="Light or dark").click()
    expect(page.locator("html")).to_have_class(re.compile("dark"))
    page.reload()
    expect(page.locator("html")).to_have_class(re.compile("dark"))


def test_the_page_is_usable_at_820_pixels(page: Page, studio: Running) -> None:
    project = book(studio.library, "Narrow")
    page.set_viewport_size({"width": 820, "height": 1000})
    page.goto(f"{studio.url}/write?project={project.id}")
    expect(page.get_by_label("Text of The rope")).to_be_visible()
    page.get_by_role("button", name="☰ Outline").click()
    page.get_by_role("treeitem", name="1.2 The bucket").click()
    expect(page.locator(".section-head h2")).to_contain_text("The bucket")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    ("path", "columns"),
    [
        ("/", ["#shelf", "#new-project"]),
        ("/plan", ["#brief", ".plan-tree"]),
        ("/write", [".desk-page"]),
        ("/compare", [".compare-page .welcome"]),
        ("/train", [".plan-card", ".run-view"]),
        ("/models", ["#model-list", "#add-model"]),
    ],
)
def test_on_a_phone_the_columns_stand_below_each_other_and_no_control_is_cut_off(
    page: Page, studio: Running, path: str, columns: list[str]
) -> None:
    project = book(studio.library, "The very long title of a book about the salt road over the high pass")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{studio.url}{path}?project={project.id}")
    for column in columns:
        expect(page.locator(column)).to_be_visible()
        assert page.locator(column).evaluate("(node) => node.getBoundingClientRect().width") > 280
    assert page.evaluate(CUT_OFF) == []


def test_on_a_phone_the_title_of_the_book_is_read_whole(page: Page, studio: Running) -> None:
    project = book(studio.library, "The Salt Road over the Pass")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{studio.url}/write?project={project.id}")
    title = page.get_by_role("heading", name="The Salt Road over the Pass")
    expect(title).to_be_visible()
    assert title.evaluate("(node) => node.scrollWidth <= node.clientWidth")
    bars, desk = (page.locator(name).bounding_box() for name in ("#top", "#desk"))
    assert bars
    assert desk
    assert bars["height"] + desk["height"] <= 844


CUT_OFF = """() => [...document.querySelectorAll('a, button, select, textarea, input')]
  .filter((node) => node.checkVisibility({ visibilityProperty: true }))
  .filter((node) => node.getBoundingClientRect().right > innerWidth)
  .map((node) => node.textContent || node.id)"""


def test_buttons_wait_until_the_outline_is_there(page: Page, studio: Running) -> None:
    project = book(studio.library, "Slow to come")

    def late(route: Route) -> None:
        page.wait_for_timeout(1500)
        route.continue_()

    page.route("**/api/outline/*", late)
    page.goto(f"{studio.url}/plan?project={project.id}")
    page.get_by_role("button", name="Paste an outline").click()
    expect(page.get_by_label("Outline as Markdown headings")).to_be_visible()
