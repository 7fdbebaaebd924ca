from __future__ import annotations

import pytest

from engine.planning.outline_rules import Rules, read_lines

PREMISE = "A lighthouse keeper's daughter waits for her missing brother on a northern island."
BEAT = "Ada finds the missing brother's lamp on the pier and hides it from her father."


def rules(*, strict: bool = False, han: bool = False, fiction: bool = True) -> Rules:
    return Rules(han=han, fiction=fiction, premise=PREMISE, strict=strict)


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("The Lamp on the Pier", "The Lamp on the Pier"),
        ("**Chapter 2: the lamp on the pier**", "The Lamp on the Pier"),
        ("3. “Ice.”", "Ice"),
        ("Part IV – Ada's Choice", "Ada's Choice"),
        ("Part of the Ice", "Part of the Ice"),
        ("Überfahrt nach Norden", "Überfahrt nach Norden"),
    ],
)
def test_a_title_is_freed_of_numbers_and_markup(raw: str, title: str) -> None:
    assert rules().title(raw) == title


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "***",
        "Chapter Five",
        "Chapter 7",
        "The Story's Beginning",
        "Introduction",
        "Here is the title",
        "The lighthouse keeper's daughter finds a",
        "As the sun dipped below the horizon she ran",
        "Thesmallbeachbuttheunknown Rises",
        "The Step to the Step",
        "The End of Ada's",
        "Ice 冰",
    ],
)
def test_what_is_no_title_is_refused(raw: str) -> None:
    assert rules().title(raw) is None


def test_an_introduction_is_a_title_where_nothing_is_told() -> None:
    assert rules(fiction=False).title("1. Introduction") == "Introduction"


def test_a_title_much_like_one_before_is_refused() -> None:
    checked = rules()
    checked.keep_title("Electric Bus Fares and Charging")
    assert checked.title("Electric Bus Fares and the Charging") is None
    assert checked.title("Staff Training") == "Staff Training"


def test_a_strict_title_shares_a_word_with_premise_or_beat() -> None:
    assert rules(strict=True).title("The Guide to High School", BEAT) is None
    assert rules(strict=True).title("The Hidden Lamps", BEAT) == "The Hidden Lamps"


def test_a_beat_is_one_or_two_whole_sentences() -> None:
    assert rules().beat(f"2. *{BEAT}* Then the ice comes and she") == BEAT
    second = "The ice comes early that year."
    assert rules().beat(f'"{BEAT} {second} A third is too much."') == f"{BEAT} {second}"


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "She runs.",
        "Ada finds the lamp on the pier and then she",
        "This chapter describes how Ada finds the lamp on the pier.",
        "The main character must decide which way to go now.",
        "Here's a rewritten version of what happens on the pier.",
        "Ada of Iceland, Iceland, Iceland goes down to the old pier.",
        "She walks over the deserted island with a map on her,.",
        "Ada goes down to the pier and 2. Staff Training is there.",
        PREMISE,
    ],
)
def test_what_is_no_beat_is_refused(raw: str) -> None:
    assert rules().beat(raw) is None


def test_a_beat_that_only_says_again_what_there_is_is_refused() -> None:
    checked = rules()
    assert checked.beat(BEAT, known=f"The Lamp. {BEAT}") is None
    checked.keep_beat(BEAT)
    assert checked.beat(BEAT.replace("finds", "takes")) is None


def test_a_strict_beat_is_about_the_premise() -> None:
    stray = "Some people like to eat their dinner early in the evening."
    assert rules(strict=True).beat(stray) is None
    assert rules().beat(stray) == stray


def test_the_freshest_beat_shares_least_with_the_outline() -> None:
    checked = rules()
    checked.keep_beat(BEAT)
    fresh = "The mail boat brings a stranger with a letter for the keeper."
    assert checked.freshest([BEAT, fresh]) == fresh


def test_chinese_titles_and_beats_are_mostly_chinese() -> None:
    checked = Rules(han=True, fiction=True, premise="江南小镇茶馆的故事", strict=False)
    assert checked.title("第一章：雨夜来客") == "雨夜来客"
    assert checked.title("The Rain") is None
    assert checked.title("从第第第第第二行") is None
    assert checked.beat("一位陌生人在雨夜走进茶馆，认出了老板娘手上的玉镯。") is not None
    assert checked.beat("A stranger comes into the teahouse on a rainy night.") is None


def test_lists_are_read_however_they_are_written() -> None:
    answer = (
        "Sure:\n\n1. **The Pier**: Ada waits.\n2) The Ice - It comes.\n"
        "- Chapter 3: The Lamp\n  It goes out.\n4. 雨夜：他走了。"
    )
    assert read_lines(answer)[1:] == [
        ("**The Pier**", "Ada waits."),
        ("The Ice", "It comes."),
        ("The Lamp", "It goes out."),
        ("雨夜", "他走了。"),
    ]
