"""The Compare page: questions by keys, pairs written by the real model, the list of answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.jobs import starting, submitting
from engine.jobs.progress import PairRequest
from engine.store import feedback, questions
from engine.store.library import Library
from engine.store.schema import Question
from tests.browser.books import book
from tests.studio_process import Running, wait_for

LONG = 240_000  # ms: a bound for a slow machine, not a claim


def ask(library: Library, project: str, number: int) -> Question:
    return questions.add(
        library,
        project_id=project,
        prompt=f"Storm {number}.",
        text_a=f"Rain {number}.",
        text_b=f"Snow {number}.",
    )


@pytest.fixture
def project(studio: Running) -> Iterator[str]:
    made = book(studio.library, "Compared").id
    yield made
    for one in questions.waiting(studio.library):
        questions.answer(studio.library, one.id, "skip")
    for row in feedback.all(studio.library):
        feedback.delete(studio.library, row.id)


def test_questions_are_answered_with_keys_and_the_last_one_is_taken_back(
    page: Page, studio: Running, project: str
) -> None:
    asked = [ask(studio.library, project, number) for number in range(3)]
    page.goto(f"{studio.url}/compare?project={project}")
    pair = page.locator(".pair")
    expect(pair).to_have_attribute("data-question", asked[0].id)
    expect(page.locator(".status")).to_contain_text("3 questions wait")
    page.keyboard.press("1")
    expect(pair).to_have_attribute("data-question", asked[1].id)
    page.keyboard.press("0")
    expect(pair).to_have_attribute("data-question", asked[2].id)
    page.keyboard.press("u")
    expect(pair).to_have_attribute("data-question", asked[1].id)
    page.keyboard.press("2")
    expect(pair).to_have_attribute("data-question", asked[2].id)
    page.keyboard.press("s")
    expect(page.get_by_text("No question waits.")).to_be_visible()
    said = {row.prompt: row for row in feedback.all(studio.library, project)}
    first, second = said["Storm 0."], said["Storm 1."]
    assert (first.choice, first.shown_left) == (asked[0].shown_left, asked[0].shown_left)
    assert second.choice in ("a", "b")
    assert second.choice != second.shown_left
    assert said["Storm 2."].choice == "skip"
    assert len(said) == 3


def test_new_pairs_are_written_while_the_page_is_closed(page: Page, studio: Running, project: str) -> None:
    short = [
        PairRequest(text="A storm on the coast.", words=30, language="en", source=f"pool {n}") for n in (1, 2)
    ]
    job = submitting.submit_pairs(studio.library, project, short)
    starting.set_going(studio.home, studio.library, job)
    page.goto(f"{studio.url}/compare?project={project}")
    expect(page.locator(".writing")).to_contain_text("pairs", timeout=LONG)
    page.goto("about:blank")
    wait_for(lambda: len(questions.waiting(studio.library)) == 2, "both pairs are there", 240)
    page.goto(f"{studio.url}/compare?project={project}")
    expect(page.locator(".pair .passage")).to_have_count(2)
    (first, _) = questions.waiting(studio.library)
    expect(page.locator(".pair .passage").first).to_contain_text(
        (first.text_a if first.shown_left == "a" else first.text_b).split("\n")[0][:30]
    )


def test_answers_are_filtered_corrected_deleted_with_undo_and_carried_out_and_in(
    page: Page, studio: Running, project: str, tmp_path: Path
) -> None:
    for number in range(2):
        questions.answer(studio.library, ask(studio.library, project, number).id, "a")
    page.goto(f"{studio.url}/compare?project={project}#answers")
    rows = page.locator(".answers li")
    expect(rows).to_have_count(2)
    rows.first.locator(".head").click()
    expect(page.locator(".detail .passage")).to_have_count(2)
    page.get_by_label("What is better").select_option("tie")
    page.get_by_label("Every outcome").select_option("tie")
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Delete: Compared, Equally good").click()
    expect(rows).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(rows).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as a file").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert sorted(json.loads(line)["prompt"] for line in lines) == ["Storm 0.", "Storm 1."]
    brought = tmp_path / "mine.jsonl"
    brought.write_text(
        '{"prompt": "Night.", "chosen": "Dark.", "rejected": "Light."}\nno line\n', encoding="utf-8"
    )
    page.locator("input[type=file]").set_input_files(brought)
    expect(page.locator(".notice")).to_contain_text(["1 new. 1 line was left out: line 2"])
    page.get_by_label("Every outcome").select_option("")
    expect(rows).to_have_count(3)


def test_the_page_says_what_to_do_when_there_is_nothing_and_has_a_key_for_it(
    page: Page, studio: Running, project: str
) -> None:
    page.goto(f"{studio.url}/compare?project={project}")
    expect(page.get_by_role("button", name="Write me ten pairs")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Take the last answer back")
