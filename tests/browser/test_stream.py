"""The streaming page on its own: appended deltas, taking back, and a long text."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.browser.books import book
from tests.studio_process import Running

STREAM = """async (steps) => {
  const { TextStream } = await import('/lw/js/stream.js');
  const host = document.createElement('div');
  document.body.append(host);
  const stream = new TextStream(host);
  const done = steps.map(([verb, text]) => stream[verb](text));
  return { text: host.textContent, length: stream.length, done };
}"""


def streamed(page: Page, studio: Running, steps: list[list[str]]) -> dict[str, Any]:
    page.goto(f"{studio.url}/write?project={book(studio.library, 'Stream').id}")
    told: dict[str, Any] = page.evaluate(STREAM, steps)
    return told


def test_pieces_add_up_to_the_text_wherever_they_are_cut(page: Page, studio: Running) -> None:
    pieces = ["One", " line.\n", "\n", "Two\nthree", "\n\nfour 剪", "断 <b>"]
    told = streamed(page, studio, [["add", piece] for piece in pieces])
    assert told["text"] == "".join(pieces)
    assert told["length"] == len("".join(pieces))


def test_what_was_written_can_be_taken_back_across_lines(page: Page, studio: Running) -> None:
    told = streamed(page, studio, [["add", "One.\nTwo.\n\nThree"], ["cut", "wo.\n\nThree"], ["add", "ea."]])
    assert told["text"] == "One.\nTea."
    assert told["done"][1] is True


def test_an_end_that_reads_differently_is_not_cut(page: Page, studio: Running) -> None:
    told = streamed(page, studio, [["add", "One two."], ["cut", "three."]])
    assert told["done"][1] is False


def test_a_text_of_400000_characters_streams_without_redoing_what_is_there(
    page: Page, studio: Running
) -> None:
    piece = "The lamp was lit and the sea went on, and nobody on the island said a word of it.\n"
    told = streamed(page, studio, [["add", piece] for _ in range(5000)])
    assert told["length"] == len(piece) * 5000 >= 400_000
    folds = page.evaluate("document.querySelectorAll('body > div > .fold').length")
    # A new line touches one fold of 48 lines and leaves all others as they are laid out.
    assert folds == -(-5000 // 48)
