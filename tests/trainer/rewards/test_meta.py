from __future__ import annotations

import pytest

from engine.text.segmenting import sentences
from tests.trainer.rewards.texts import NOVEL, PROSE
from trainer.rewards.meta import meta_share


@pytest.mark.parametrize("kind", PROSE)
def test_prose_does_not_speak_of_its_task(kind: str) -> None:
    assert meta_share(sentences(PROSE[kind])) == 0


@pytest.mark.parametrize(
    "opening",
    [
        "Sure! Here is the story you asked for.",
        "Certainly! Here's a short story of 100 words.",
        "Natürlich! Hier ist die Geschichte.",
        "Gerne, hier ist dein Text.",
        "Voici une histoire pour vous.",
        "¡Claro! Aquí tienes el cuento.",
        "Ecco una storia breve.",
        "好的，以下是故事。",
        "User: write a story.",
        "As an AI language model, I cannot visit a lighthouse.",
    ],
)
def test_an_opening_about_the_task_costs_a_half(opening: str) -> None:
    assert meta_share(sentences(f"{opening}\n\n{NOVEL}")) >= 0.5


@pytest.mark.parametrize(
    "farewell",
    [
        "I hope this helps.",
        "Let me know if you would like changes.",
        "Would you like me to continue?",
        "Ich hoffe, dieser Text gefällt dir.",
        "J'espère que cette histoire vous plaira.",
        "希望这篇文章对你有帮助。",
    ],
)
def test_a_farewell_does_as_well(farewell: str) -> None:
    assert meta_share(sentences(f"{NOVEL}\n\n{farewell}")) == 0.5


def test_in_the_middle_it_costs_a_quarter_and_manners_are_dialogue() -> None:
    middle = NOVEL.split("\n\n")
    assert meta_share(sentences("\n\n".join([*middle[:1], "The word count is 100.", *middle[1:]]))) == 0.25
    assert meta_share(sentences("\n\n".join([*middle[:1], "“Would you like me to go?”", *middle[1:]]))) == 0


def test_a_text_of_nothing_else_gets_all_of_it() -> None:
    assert meta_share(["I hope this helps."] * 6) == 1
    assert meta_share([]) == 0


def test_a_story_that_comments_on_itself_costs_what_talk_costs() -> None:
    described = (
        "The scene explores a marriage, and invites readers to look at their own, " + "slowly " * 30 + "on."
    )
    assert meta_share(sentences(f"{NOVEL}\n\n{described}"), "Write a short scene at a harbour.") == 0.5
    assert meta_share([described] * 4, "Write a story about a harbour.") == 1
    assert meta_share([described] * 4, "Write a report on the novels of the harbour.") == 0
