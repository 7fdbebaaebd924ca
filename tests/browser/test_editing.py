"""A person's own text in the browser: saving, two tabs, versions, export. No model is needed."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import docx
from playwright.sync_api import BrowserContext, Page, expect

from engine import home_settings
from engine.store import outline, versions
from engine.store.schema import Project
from tests.browser.books import book, sections
from tests.browser.drafts import drafted
from tests.studio_process import Running, wait_for

SAVED = re.compile("^Saved$")


def open_write(page: Page, studio: Running, project_id: str, section: str = "") -> None:
    page.goto(f"{studio.url}/write?project={project_id}{'#' + section if section else ''}")
    expect(page.locator("textarea.text")).to_be_visible()
    expect(page.locator("textarea.text")).to_have_attribute(
        "aria-label", re.compile("Text of (?!the section$).+")
    )


def write(page: Page, text: str) -> None:
    page.locator("textarea.text").fill(text)
    page.keyboard.press("Control+s")
    expect(page.locator("#saved-state")).to_have_text(SAVED)


def test_what_is_typed_is_saved_with_the_key_and_counted_by_the_one_counter(
    page: Page, studio: Running
) -> None:
    project = book(studio.library, "Typed")
    first = sections(studio.library, project)[0]
    open_write(page, studio, project.id)
    page.locator("textarea.text").fill("The rope was cut — cleanly, well-meant, 剪断.")
    expect(page.locator("#saved-state")).to_have_text("Not saved yet")
    page.keyboard.press("Control+s")
    expect(page.locator("#saved-state")).to_have_text(SAVED)
    assert versions.current_text(studio.library, first) == "The rope was cut — cleanly, well-meant, 剪断."
    expect(page.locator(".section-head .meta")).to_contain_text("8 of 100 words")


def test_leaving_the_text_saves_it(page: Page, studio: Running) -> None:
    project = book(studio.library, "Left")
    first = sections(studio.library, project)[0]
    open_write(page, studio, project.id)
    page.locator("textarea.text").fill("Left without a word.")
    page.get_by_role("treeitem", name="1.2 The bucket").click()
    expect(page.locator(".section-head h2")).to_contain_text("The bucket")
    wait_for(
        lambda: versions.current_text(studio.library, first) == "Left without a word.", "saved on leaving"
    )
    page.get_by_role("treeitem", name="1.1 The rope").click()
    expect(page.locator("textarea.text")).to_have_value("Left without a word.")


def test_a_stale_tab_is_refused_and_both_texts_are_kept(
    context: BrowserContext, page: Page, studio: Running
) -> None:
    project = book(studio.library, "Two tabs")
    first = sections(studio.library, project)[0]
    open_write(page, studio, project.id)
    write(page, "The first text.")
    other = context.new_page()
    open_write(other, studio, project.id, first)
    expect(other.locator("textarea.text")).to_have_value("The first text.")
    page.locator("textarea.text").press_sequentially(" Mine")
    other.locator("textarea.text").fill("The other tab's text.")
    other.keyboard.press("Control+s")
    expect(other.locator("#saved-state")).to_have_text(SAVED)
    page.keyboard.press("Control+s")
    expect(page.locator(".notice.bad")).to_contain_text("was changed in another window")
    texts = [versions.text_of(studio.library, one.id).text for one in versions.history(studio.library, first)]
    assert texts == ["The first text.", "The other tab's text.", "The first text. Mine"]
    assert versions.current_text(studio.library, first) == "The other tab's text."
    page.get_by_role("button", name="Use my text").click()
    expect(page.locator("textarea.text")).to_have_value("The first text. Mine")
    wait_for(lambda: versions.current_text(studio.library, first) == "The first text. Mine", "mine counts")


def test_what_is_typed_into_a_section_that_was_removed_elsewhere_is_kept_and_the_page_goes_on(
    page: Page, studio: Running
) -> None:
    project = book(studio.library, "Removed elsewhere")
    first = sections(studio.library, project)[0]
    open_write(page, studio, project.id)
    page.locator("textarea.text").press_sequentially("Typed meanwhile.")
    outline.remove(studio.library, first)
    page.keyboard.press("Control+s")
    expect(page.locator(".notice.bad")).to_contain_text("“The rope” was removed in another window; your text")
    expect(page.locator(".section-head h2")).to_contain_text("The bucket")
    write(page, "The bucket is dry.")
    outline.restore(studio.library, first)
    assert versions.current_text(studio.library, first) == "Typed meanwhile."


def test_what_is_typed_into_a_section_that_got_sections_elsewhere_is_at_the_first_of_them(
    page: Page, studio: Running
) -> None:
    project = book(studio.library, "A chapter by now")
    first = sections(studio.library, project)[0]
    open_write(page, studio, project.id)
    page.locator("textarea.text").press_sequentially("Typed meanwhile.")
    outline.insert(studio.library, project.id, "The knot", parent_id=first)
    page.get_by_role("treeitem", name="1.2 The bucket").click()
    expect(page.locator(".notice.bad")).to_contain_text("a version of the first of them, “The knot”")
    expect(page.locator(".section-head h2")).to_contain_text("The bucket")
    page.get_by_role("treeitem", name="The knot").click()
    page.keyboard.press("Alt+v")
    page.locator("ol.versions li").get_by_role("button", name="Restore").click()
    expect(page.locator("textarea.text")).to_have_value("Typed meanwhile.")


def test_another_tab_that_rests_shows_the_new_text(
    context: BrowserContext, page: Page, studio: Running
) -> None:
    project = book(studio.library, "Quiet tab")
    first = sections(studio.library, project)[0]
    open_write(page, studio, project.id)
    other = context.new_page()
    open_write(other, studio, project.id, first)
    write(other, "Written over there.")
    page.bring_to_front()
    expect(page.locator("textarea.text")).to_have_value("Written over there.")


def test_emptying_a_section_asks_first(page: Page, studio: Running) -> None:
    project = book(studio.library, "Emptied")
    first = sections(studio.library, project)[0]
    open_write(page, studio, project.id)
    write(page, "Some words.")
    page.locator("textarea.text").fill("")
    page.keyboard.press("Control+s")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("textarea.text")).to_have_value("Some words.")
    assert versions.current_text(studio.library, first) == "Some words."


def test_versions_are_listed_compared_and_brought_back(page: Page, studio: Running) -> None:
    project = book(studio.library, "Versions")
    first = sections(studio.library, project)[0]
    open_write(page, studio, project.id)
    write(page, "The old well was dry.")
    write(page, "The new well was deep and dry.")
    page.keyboard.press("Alt+v")
    items = page.locator("ol.versions li")
    expect(items).to_have_count(2)
    items.nth(1).get_by_role("button", name="Compare").click()
    expect(page.locator(".compared del")).to_contain_text(["old"])
    expect(page.locator(".compared ins")).to_contain_text(["new"])
    page.get_by_role("button", name="Close", exact=True).click()
    items.nth(1).get_by_role("button", name="Restore").click()
    expect(page.locator("textarea.text")).to_have_value("The old well was dry.")
    expect(items).to_have_count(3)
    assert versions.current_text(studio.library, first) == "The old well was dry."


def test_markup_in_a_text_stays_text(page: Page, studio: Running) -> None:
    project = book(studio.library, "<img src=x onerror=alert(1)>")
    open_write(page, studio, project.id)
    write(page, "<script>document.title='broken'</script> <b>not bold</b>")
    write(page, "<i>other</i>")
    page.keyboard.press("Alt+v")
    page.locator("ol.versions li").nth(1).get_by_role("button", name="Compare").click()
    expect(page.locator(".compared")).to_contain_text("<b>not bold</b>")
    assert page.locator(".compared b, .compared script, .book-bar img").count() == 0
    assert "broken" not in page.title().split(" — ")[0]


def test_an_export_downloads_at_the_first_click(page: Page, studio: Running) -> None:
    project = book(studio.library, "Sent: a book/report?")
    open_write(page, studio, project.id)
    write(page, "The words of the book.")
    for label, suffix in (("Word document", "docx"), ("Markdown", "md")):
        page.locator("summary", has_text="Export").click()
        with page.expect_download() as waiting:
            page.get_by_role("link", name=label).click()
        download = waiting.value
        assert download.suggested_filename == f"Sent a book report.{suffix}"
        raw = Path(download.path()).read_bytes()
        text = (
            "\n".join(paragraph.text for paragraph in docx.Document(BytesIO(raw)).paragraphs)
            if suffix == "docx"
            else raw.decode()
        )
        assert "The words of the book." in text


def test_the_author_is_asked_where_exports_are_made_and_remembered(page: Page, studio: Running) -> None:
    project = book(studio.library, "By somebody")
    open_write(page, studio, project.id)
    write(page, "The words of the book.")
    page.locator("summary", has_text="Export").click()
    page.get_by_label("Author").fill("M. Aldana")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Markdown").click()
    assert Path(waiting.value.path()).read_text().startswith("# By somebody\n\nM. Aldana\n\n")
    page.reload()
    page.locator("summary", has_text="Export").click()
    expect(page.get_by_label("Author")).to_have_value("M. Aldana")
    page.get_by_label("Author").fill("")
    page.keyboard.press("Escape")
    wait_for(lambda: home_settings.load(studio.home).author == "", "no author any more")


def test_an_empty_book_is_not_exported_and_says_why(page: Page, studio: Running) -> None:
    project = book(studio.library, "Nothing yet")
    open_write(page, studio, project.id)
    page.keyboard.press("Alt+x")
    page.keyboard.press("Enter")
    expect(page.locator(".notice.bad")).to_contain_text("“Nothing yet” has no text yet")


def test_an_export_holds_what_is_not_saved_yet_and_tells_what_is_unfinished(
    page: Page, studio: Running
) -> None:
    project = book(studio.library, "In the middle")
    open_write(page, studio, project.id)
    page.locator("textarea.text").press_sequentially("Typed just now.")
    page.locator("summary", has_text="Export").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Markdown").click()
    assert "Typed just now." in Path(waiting.value.path()).read_text()
    expect(page.locator(".notice.good")).to_contain_text("Not finished yet: 1.1 The rope, 1.2 The bucket")


def test_a_choice_that_fails_can_be_made_again(context: BrowserContext, page: Page, studio: Running) -> None:
    project = book(studio.library, "Twice refused")
    first = sections(studio.library, project)[0]
    open_write(page, studio, project.id)
    page.locator("textarea.text").press_sequentially("Mine.")
    versions.save_edit(studio.library, first, "Theirs.", None)
    page.keyboard.press("Control+s")
    page.route("**/api/version/*/restore", lambda route: route.abort())
    page.get_by_role("button", name="Use my text").click()
    expect(page.locator(".notice.bad", has_text="The studio does not answer")).to_be_visible()
    page.unroute("**/api/version/*/restore")
    page.get_by_role("button", name="Use my text").click()
    expect(page.locator("textarea.text")).to_have_value("Mine.")
    expect(page.locator("textarea.text")).to_be_editable()
    wait_for(lambda: versions.current_text(studio.library, first) == "Mine.", "mine counts")


def test_what_the_model_saw_opens_from_each_version_that_it_wrote(page: Page, studio: Running) -> None:
    project = book(studio.library, "Seen")
    first = sections(studio.library, project)[0]
    drafted(studio.library, first, "An old draft of the rope.")
    drafted(studio.library, first, "A new draft of the rope.", origin="regenerate")
    open_write(page, studio, project.id, first)
    write(page, "My own words about the rope.")
    page.keyboard.press("Alt+v")
    items = page.locator("ol.versions li")
    expect(items).to_have_count(3)
    expect(items.nth(0).get_by_role("button", name="What it saw")).to_have_count(0)
    items.nth(2).get_by_role("button", name="What it saw").click()
    expect(page.locator("#side-panel .seen")).to_contain_text("Draft, today")


def test_notes_that_are_being_typed_stay_when_the_draft_moves_on(page: Page, studio: Running) -> None:
    project = book(studio.library, "Notes")
    first, second, _third = sections(studio.library, project)
    open_write(page, studio, project.id, first)
    page.keyboard.press("Alt+n")
    page.get_by_label("What happens here").fill("The rope is red.")
    turn = (
        "id => import(location.origin + '/lw/js/desk.js').then((m) => m.desk.choose(id, { byHand: false }))"
    )
    page.evaluate(turn, second)
    expect(page.locator(".section-head h2")).to_contain_text("The bucket")
    page.keyboard.type(" And wet.")
    expect(page.get_by_label("What happens here")).to_have_value("The rope is red. And wet.")
    page.locator("textarea.text").click()
    wait_for(
        lambda: outline.get(studio.library, first).beat == "The rope is red. And wet.",
        "saved where it belongs",
    )
    expect(page.get_by_label("What happens here")).to_have_value("She climbs down for the bucket.")
    assert outline.get(studio.library, second).beat == "She climbs down for the bucket."


def test_a_lock_set_in_the_outline_is_kept(page: Page, studio: Running) -> None:
    project = book(studio.library, "Locks")
    second = sections(studio.library, project)[1]
    open_write(page, studio, project.id)
    page.keyboard.press("Alt+o")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".section-head h2")).to_contain_text("The bucket")
    page.keyboard.press("l")
    expect(page.get_by_role("treeitem", name=re.compile("The bucket.*locked"))).to_be_visible()
    assert outline.get(studio.library, second).locked
    expect(page.get_by_role("button", name="Write this section")).to_be_disabled()


def test_the_words_of_a_book_are_marked_with_its_language_and_the_page_as_english(
    page: Page, studio: Running
) -> None:
    project = book(studio.library, "בית", own_outline="# הסיפור\n## החבל\nהחבל נחתך.\n")
    with studio.library.session() as session:
        session.get_one(Project, project.id).language = "he"
    first = sections(studio.library, project)[0]
    versions.save_edit(studio.library, first, "החבל נחתך.", None)
    open_write(page, studio, project.id, first)
    words = [
        "textarea.text",
        "#book-bar h1",
        ".section-head h2 span:not(.no)",
        ".outline .name > span:last-child",
    ]
    for place in words:
        expect(page.locator(place).last).to_have_attribute("lang", "he")
        expect(page.locator(place).last).to_have_css("direction", "rtl")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".section-head")).to_have_css("direction", "ltr")
    page.goto(f"{studio.url}/plan?project={project.id}")
    for place in (".plan .name", ".plan .beat"):
        expect(page.locator(place).last).to_have_attribute("lang", "he")
        expect(page.locator(place).last).to_have_css("direction", "rtl")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto(studio.url)
    expect(page.locator(f"[data-project='{project.id}'] h2")).to_have_attribute("lang", "he")
