from __future__ import annotations

import pytest

from engine.planning.kinds import guess_kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("A novel in the form of a report", "novel"),
        ("A short story", "story"),
        ("写一篇小说", "novel"),
        ("An essay on snow", "article"),
        ("年度报告", "report"),
        ("Snow", "other"),
        ("Retell the tale of two brothers", "story"),
        ("Write a short, quiet scene at a well", "story"),
        ("Write a crime scene report", "report"),
        ("The music scene of Berlin", "other"),
        ("Write a news story on the flood", "article"),
        ("请以“亮相”为题目，写一篇记叙文", "story"),
    ],
)
def test_the_kind_is_the_one_named_first(text: str, kind: str) -> None:
    assert guess_kind(text) == kind


@pytest.mark.parametrize(
    ("language", "text", "kind"),
    [
        ("de", "Ein Roman über eine Mühle", "novel"),
        ("de", "Eine Kurzgeschichte vom Meer", "story"),
        ("de-CH", "Ein Bericht zur Lage der Gletscher", "report"),
        ("es", "Un cuento sobre el faro", "story"),
        ("fr", "Un rapport sur la pêche", "report"),
        ("fr", "Une nouvelle vie commence, par rapport à hier", "other"),
        ("it", "Un saggio sulla neve", "article"),
        ("nl", "Een kort verhaal over de zee", "story"),
        ("pl", "Powieść o młynie", "novel"),
        ("pt", "Um relatório anual", "report"),
        ("ru", "Рассказ о рыбаке", "story"),
        ("uk", "Стаття про сніг", "article"),
        ("ja", "灯台守の小説", "novel"),
        ("ko", "등대에 관한 보고서", "report"),
        ("en", "The Roman wall and those who kept it", "other"),
        ("en", "A relation in its article", "article"),
    ],
)
def test_a_kind_is_known_by_its_name_in_the_language_of_the_brief(
    language: str, text: str, kind: str
) -> None:
    assert guess_kind(text, language) == kind


@pytest.mark.parametrize(
    "premise",
    [
        "Two brothers take the last caravan of salt over a pass that winter is about to close.",
        "A girl keeps the last well of a dry town. Someone cuts the rope.",
        "An old clockmaker in Prague finds a letter that was never sent.",
        "One winter a soldier comes home\nThe house is empty",
        "The villagers must choose who leaves before the flood comes.",
        "Her mother’s sister returns after ten years, and nobody asks why!",
    ],
)
def test_a_brief_that_tells_what_happens_is_a_story(premise: str) -> None:
    assert guess_kind(premise) == "story"


@pytest.mark.parametrize(
    "premise",
    [
        "Explain how a family keeps its accounts.",
        "How does a soldier find work after the war?",
        "The history of the knight in Europe.",
        "Help me make a plan: my daughter must learn fractions.",
        "My daughter must learn fractions.",
        "A guide for people who keep bees.",
        "A child’s first steps in chess",
        "Introduce the company. Its founder, a farmer, found oil.",
    ],
)
def test_a_brief_that_asks_for_something_to_be_said_is_none(premise: str) -> None:
    assert guess_kind(premise) == "other"
