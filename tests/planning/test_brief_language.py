"""Briefs of one to three sentences in 25 languages, English ones with foreign names among them
(`briefs_by_language.tsv`, written for this test)."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.planning.brief import guess_language, read_brief, told_by_script
from engine.planning.brief_language import language_of

ROWS = Path(__file__).with_name("briefs_by_language.tsv").read_text(encoding="utf-8").strip().split("\n")
BRIEFS = [tuple(row.split("\t")) for row in ROWS]


@pytest.mark.parametrize(("language", "brief"), BRIEFS)
def test_a_brief_is_in_the_language_it_is_written_in(language: str, brief: str) -> None:
    assert language_of(brief) == language


@pytest.mark.parametrize(
    "brief",
    [
        "1984",
        "L'horloger de Prague",
        "La fille du forestier",
        "Den sista sommaren",
        "Ein Aufsatz über The Lord of the Rings and The Hobbit",
    ],
)
def test_latin_letters_that_tell_too_little_are_english(brief: str) -> None:
    assert language_of(brief) == "en"


def test_a_title_in_russian_and_ukrainian_alike_is_russian() -> None:
    assert language_of("Роман про море") == "ru"


@pytest.mark.parametrize(
    "brief",
    [
        "Ein Roman auf Englisch über einen Fischer, der das Meer verlässt.",
        "Un roman, en anglais, sur un pêcheur qui quitte la mer.",
        "用英文写一篇关于雪的故事",
        "Роман на английском о рыбаке, который уходит от моря.",
    ],
)
def test_a_brief_that_asks_for_english_gets_it(brief: str) -> None:
    assert language_of(brief) == "en"


def test_the_language_of_the_premise_is_the_brief_s_and_a_setting_wins_over_it() -> None:
    premise = "Zwei Brüder erben eine Mühle und reden seit zwanzig Jahren kein Wort miteinander."
    assert read_brief(premise).language == "de"
    assert read_brief(f"Kind: novel\nAudience: readers of novels\n\n{premise}").language == "de"
    assert read_brief(f"Language: en\n\n{premise}").language == "en"


@pytest.mark.parametrize("language", ["uk", "bg", "ru", "zh-Hant", "zh", "ja", "ko", "de", "pl"])
def test_a_text_in_the_language_of_its_brief_is_in_the_right_script(language: str) -> None:
    texts = [brief for spoken, brief in BRIEFS if spoken == language]
    assert {guess_language(text) for text in texts} == {told_by_script(language)}


def test_nothing_is_in_english() -> None:
    assert language_of(" \n") == "en"
