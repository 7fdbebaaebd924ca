from __future__ import annotations

import re
from importlib.resources import files

import pytest

from engine.drafting.hygiene import LineGate

TITLES = ("The start", "The storm", "The other side")


def through(text: str, size: int = 3) -> str:
    gate = LineGate(TITLES)
    shown = "".join(gate.feed(text[start : start + size]) for start in range(0, len(text), size))
    return shown + gate.close()


def test_an_outline_that_is_copied_and_gone_on_with_is_dropped() -> None:
    copied = "2 The storm\n\n3 The other sides\n\n4 A family\n\n5 The old man and the young one"
    assert through(f"It rained.\n{copied}\nIt snowed.").split() == ["It", "rained.", "It", "snowed."]


def test_a_sentence_behind_the_next_number_stays_without_it() -> None:
    assert through("2 The storm\n3 He came home.") == "He came home."
    long = "He came home in the night, and the mules stood in the yard with the salt still on their backs."
    assert through(f"2 The storm\n3 {long}") == long


def test_the_number_of_a_row_alone_is_dropped() -> None:
    assert through("It rained.\n2\nIt snowed.") == "It rained.\nIt snowed."


@pytest.mark.parametrize("size", [3, 200])
def test_an_outline_in_one_line_is_dropped_as_far_as_it_goes(size: int) -> None:
    listed = "- The start 2 The storm 3 The storm 4 A snowstorm 5 Snow begins 6 The other side 7 The weather"
    assert through(f"It rained.\n{listed}\nIt snowed.", size) == "It rained.\nIt snowed."
    assert through("The start 2 The storm 3 The other side\nIt snowed.", size) == "It snowed."


@pytest.mark.parametrize("size", [3, 200])
def test_prose_that_goes_on_in_the_line_of_an_outline_is_kept(size: int) -> None:
    prose = "He came home. " * 50 + "\n\nIt snowed."
    listed = "The start 2 The storm 3 The other side 4.1 The mules and what became of them all that winter. "
    assert through(listed + prose, size) == prose
    assert through(f"It rained.\n{listed}{prose}", size) == f"It rained.\n{prose}"


@pytest.mark.parametrize(
    "text",
    [
        "12 Baker Street",
        "Two letters came.\n3 Men waited at the gate.",
        "1. The storm is over.",
        "“42.”",
        "In 2 hours the storm was over, and in 3 the other side of the valley was dry again.",
        "7 The men went out.\n8 The men came back.",
        "1984",
    ],
)
def test_numbers_in_prose_stay(text: str) -> None:
    assert through(text) == text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_label_of_the_prompt_itself_is_let_through(language: str) -> None:
    template = (files("assets") / "prompts" / f"section.{language}.jinja").read_text(encoding="utf-8")
    labels = re.findall(r"^([^{}\n-][^{}\n]*[:：])$", template, re.MULTILINE)
    assert len(labels) >= 3
    for label in labels:
        assert through(f"{label}\nIt rained.") == "It rained.", label


@pytest.mark.parametrize(
    "line",
    [
        "3.1. Materials and Methods",
        "- 2.1 Cultures",
        "1. Cultures",
        "7.1.",
        "2.1. Cultures 4.3. Materials and Methods",
    ],
)
def test_a_title_that_brings_its_own_number_is_dropped_with_any_number(line: str) -> None:
    gate = LineGate(("2. Materials and Methods", "2.1 Cultures"))
    shown = gate.feed(f"It rained.\n{line}\nThe 2.1 Cultures grew.\n")
    assert shown + gate.close() == "It rained.\nThe 2.1 Cultures grew.\n"
