from __future__ import annotations

import pytest

from engine.drafting.hygiene import MOST_LIST_ITEMS, LineGate, clean, is_noise, set_apart


def through(text: str, *titles: str, size: int = 3, breaks: bool = False) -> str:
    gate = LineGate(titles, breaks=breaks)
    shown = "".join(gate.feed(text[start : start + size]) for start in range(0, len(text), size))
    return shown + gate.close()


@pytest.mark.parametrize(
    "line",
    [
        "# The Harbour",
        "## 2. Costs",
        "**The Harbour**",
        "Chapter 3: The Storm",
        "Section One",
        "2. [SECTION 3: Service Activation]",
        "Title: Rain",
        "```",
        "```markdown",
        "---",
        "***",
        "⁂",
        "Here is the section you asked for:",
        "Sure! Here it is.",
        "Introduction:",
        "The End",
        "第三章 风暴",
        "标题：灯塔",
        "以下是正文：",
        "Word count: 250",
        "Sentence 2:",
        "1. The First Sentence:",
    ],
)
def test_lines_that_are_no_prose_are_not_let_through(line: str) -> None:
    assert through(f"{line}\nIt rained.") == "It rained."
    assert through(f"It snowed.\n{line}\nIt rained.") == "It snowed.\nIt rained."


@pytest.mark.parametrize(
    "line",
    [
        "Section leaders met at noon.",
        "“Here is your letter,” she said.",
        "Part of him wanted to stay.",
        "Sure enough, the boat was gone.",
        "The end of the pier was lost in fog.",
        "I hope for rain, he thought.",
        "By morning the storm had passed.",
        "Of course, the boat was late.",
        "- one thing",
        "3. The third point",
        "他说：风很大。",
    ],
)
def test_prose_that_only_looks_alike_stays(line: str) -> None:
    assert through(f"{line}\nIt rained.") == f"{line}\nIt rained."


def test_a_copied_title_is_dropped_whatever_its_marks() -> None:
    assert through("**“The Harbour Master”**\n\nIt rained.", "The Harbour Master").strip() == "It rained."
    assert through("The Harbour Master:\nIt rained.", "The Harbour Master").strip() == "It rained."


def test_a_label_in_front_of_a_sentence_goes_and_the_sentence_stays() -> None:
    assert through("**The Harbour Master:** She asked him.", "The Harbour Master") == "She asked him."
    assert through("The novel: She asked him, and he told her what he knew of the ship.") == (
        "She asked him, and he told her what he knew of the ship."
    )
    assert through("He said: go.", "The Harbour Master") == "He said: go."


def test_what_was_held_back_is_forgotten_when_another_request_goes_on() -> None:
    gate = LineGate()
    gate.feed("It sno")
    gate.resume("It rained.")
    assert gate.feed(" And then") == " And then"
    gate.resume("It rained.\n\n")
    assert gate.feed("Later it stopped.\n") == "Later it stopped.\n"


def test_a_list_without_end_turns_into_sentences() -> None:
    text = "".join(f"- point number {n} of many\n" for n in range(40)) + "It rained."
    kept = through(text).splitlines()
    assert sum(line.startswith("- ") for line in kept) == MOST_LIST_ITEMS
    assert kept[20] == "point number 20 of many"
    assert kept[-1] == "It rained."


def test_runs_of_signs_and_figures_are_noise() -> None:
    assert is_noise(" ".join(map(str, range(31, 60))), " 60")
    assert is_noise("好。 。 。 。 。 。 。 。", "。")
    assert not is_noise(" ".join(map(str, range(31, 60))), " years")
    assert not is_noise("measured in 1990, 1991, 1992,", " 1993")
    assert not is_noise("8.7 %, 6.1 %,", " 3.2 %")
    assert not is_noise("| 2019 | 12.5 |", " 13.1 |")
    assert not is_noise("It was 1932, 1933 and", " 1934")
    assert not is_noise("1.", " 2")


@pytest.mark.parametrize("line", ["***", "---", "\\*\\*\\*", "◇◇◇", "-" * 200])
def test_a_scene_break_waits_for_the_line_behind_it(line: str) -> None:
    assert through(f"It snowed.\n\n{line}\n\nIt rained.", breaks=True) == "It snowed.\n\n* * *\n\nIt rained."
    assert through(f"It snowed.\n{line}\n## Two\n{line}\nIt rained.", breaks=True) == (
        "It snowed.\n* * *\n\nIt rained."
    )
    assert through(f"It snowed.\n{line}\n", breaks=True) == "It snowed.\n"
    assert through(f"It snowed.\n{line}", breaks=True) == "It snowed.\n"
    assert through(f"It snowed.\n{line}\n……\nIt rained.", breaks=True) == "It snowed.\n……\nIt rained."


def test_a_break_that_waited_is_forgotten_when_another_request_goes_on() -> None:
    gate = LineGate(breaks=True)
    assert gate.feed("It snowed.\n***\n") == "It snowed.\n"
    gate.resume("It snowed.")
    assert gate.feed("\nThen it stopped.\n") == "\nThen it stopped.\n"


def test_a_line_of_dashes_is_no_prose_however_long_it_is() -> None:
    assert through("It snowed.\n" + "-" * 200 + "\nIt rained.") == "It snowed.\nIt rained."


def test_long_lines_stream_on_before_they_end() -> None:
    gate = LineGate()
    assert gate.feed("word " * 10) == ""
    assert gate.feed("word " * 10) == "word " * 20
    assert gate.feed("more") == "more"


def test_a_resumed_line_is_not_judged_again() -> None:
    gate = LineGate()
    gate.resume("It rained in Section")
    assert gate.feed(" 5\n") == " 5\n"


def test_broken_characters_vanish_and_others_stay() -> None:
    assert clean("a\x00b\ufffdc\x1b[d\ne – “f” 雨\u200d") == "abc[d\ne – “f” 雨\u200d"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("He came in.\nShe rose.\n\nNight fell.", "He came in.\n\nShe rose.\n\nNight fell."),
        ("Bring:\n- salt\n- rope\nThen go.", "Bring:\n- salt\n- rope\nThen go."),
        ("| a | b |\n| 1 | 2 |", "| a | b |\n| 1 | 2 |"),
        ("One line.", "One line."),
        ("", ""),
    ],
)
def test_paragraphs_that_end_with_a_single_line_break_are_set_apart(written: str, kept: str) -> None:
    assert set_apart(written) == kept


def test_line_breaks_before_the_start_stay_as_they_are() -> None:
    verse = "The sea came in\nand took the pier"
    assert set_apart(f"{verse}\nThen night.\nThen day.", len(verse)) == f"{verse}\n\nThen night.\n\nThen day."
    assert set_apart(f"{verse}\nThen night.", len(verse) + 1) == f"{verse}\nThen night."


def test_a_line_too_long_for_a_heading_loses_its_hashes() -> None:
    long = "Report on light, a piece of research which has been carried out in a laboratory for a year."
    assert through(f"### {long}\nIt rained.") == f"{long}\nIt rained."
