"""The keys of the pages on keyboards whose letters are not Latin, or whose digits need Shift."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from engine.store import outline
from tests.browser.books import book, sections
from tests.browser.test_planning import open_plan
from tests.studio_process import Running

ALT, CONTROL, SHIFT = 1, 2, 8


def press(page: Page, key: str, code: str, modifiers: int = 0) -> None:
    """A key of another layout: what it says, and its place on the keyboard."""
    session = page.context.new_cdp_session(page)
    what = {"key": key, "code": code, "modifiers": modifiers}
    for kind in ("rawKeyDown", "keyUp"):
        session.send("Input.dispatchKeyEvent", {"type": kind, **what})
    session.detach()


def test_letters_of_another_alphabet_work_by_their_place(page: Page, studio: Running) -> None:
    project = book(studio.library, "По-русски")
    first = sections(studio.library, project)[0]
    page.goto(f"{studio.url}/write?project={project.id}#{first}")
    expect(page.get_by_label("Text of The rope")).to_be_visible()
    press(page, "д", "KeyL", ALT)
    expect(page.locator(".section-head .lock")).to_have_text("Locked")
    press(page, "щ", "KeyO", ALT)
    expect(page.get_by_role("treeitem", name="1.1 The rope")).to_be_focused()
    press(page, "д", "KeyL")
    expect(page.locator(".section-head .lock")).to_have_text("Lock")
    press(page, "у", "KeyE", ALT)
    page.keyboard.type("Mira came.")
    press(page, "ы", "KeyS", CONTROL)
    expect(page.locator("#saved-state")).to_have_text("Saved")
    press(page, "é", "Digit2", ALT)
    page.wait_for_url(re.compile("/plan"))


def test_the_editable_outline_knows_them_too(page: Page, studio: Running) -> None:
    project = book(studio.library, "Чертёж")
    open_plan(page, studio, project.id)
    page.get_by_role("treeitem", name="1.1 The rope").click()
    press(page, "е", "KeyT")
    expect(page.locator(".in-target")).to_be_focused()
    page.keyboard.press("Escape")
    press(page, "д", "KeyL")
    expect(page.get_by_role("treeitem", name="1.1 The rope").locator(".padlock")).to_be_visible()
    assert outline.leaves(studio.library, project.id)[0].node.locked


@pytest.mark.parametrize(("key", "code"), [("?", "Slash"), ("?", "Digit7")])
def test_a_sign_behind_shift_is_no_digit(page: Page, studio: Running, key: str, code: str) -> None:
    page.goto(f"{studio.url}/compare")
    expect(page.get_by_role("button", name="List of keys")).to_be_visible()
    press(page, key, code, SHIFT)
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
