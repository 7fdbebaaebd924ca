from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.backends.protocol import Request
from engine.drafting.talk import Talk
from tests import fakes
from tests.drafting.test_talk import STAYS, drafted, saying, talk_of

MATTER = "A lighthouse keeper finds a letter in a bottle."
BOOK = {"kind": "story", "matter": MATTER}
COMMENTS = [
    "The narrative explores grief, and what it leaves behind.",
    "This scene offers a candid look at a marriage.",
    "The story of the keeper ultimately highlights the value of patience.",
    "The scene opens with a lone figure on the stairs.",
    "The story begins.",
    "The story begins, as one brother stands on the island alone.",
    "In the story's ending, the two brothers are at sea.",
    "This scene takes place on a dark night.",
    "In it you'll see two brothers who are not just old friends.",
    "This is my 2nd story, and it is about faith.",
    "The narrator employs details of light and smoke.",
    "In this short scene, a keeper climbs the stairs.",
    "She waits, inviting readers to wait with her.",
    "It resonates with readers who have lost somebody.",
    "The protagonist climbs the stairs.",
    "The story goes on to discuss whether one sister is more deserving.",
    "The story then goes into detail about the decision made by both.",
    "The discussion is divided into two parts: one about the house, one about the money.",
    "The second part ends with a decision.",
    "这个故事讲述了一位守灯人的孤独。",
    "他的沉默让读者感到不安。",
]
PROSE = [
    "She told him the story of the flood.",
    "The scene at the harbour was quiet.",
    "He had never liked the tale, nor the man who told it.",
    "“The story begins with a storm,” said the old man.",
    "The narrow passage opens in a courtyard.",
    "The setting sun lit the stairs.",
    "She was a slow reader, and he let her be.",
    "Her story was believed by nobody.",
    "The story began in the harbour, and soon everybody told it.",
    "The story begins to spread from house to house.",
    "The story goes that he never came back.",
    "The second part of the road ends with a gate.",
    "You will see the lamp from the hill.",
    "It takes place every spring.",
    "他讲了一个很长的故事。",
]


@pytest.mark.parametrize("sentence", COMMENTS)
def test_a_story_that_speaks_about_itself_comments(sentence: str) -> None:
    assert Talk(MATTER, "story").comments(sentence)


@pytest.mark.parametrize("sentence", PROSE)
def test_a_story_in_which_stories_are_told_does_not(sentence: str) -> None:
    assert not Talk(MATTER, "story").comments(sentence)


@pytest.mark.parametrize("book", STAYS.values(), ids=STAYS)
def test_prose_that_is_no_talk_is_no_comment_either(book: dict[str, object]) -> None:
    sentences = book["sentences"]
    assert isinstance(sentences, list)
    assert [sentence for sentence in sentences if talk_of(book).comments(sentence)] == []


@pytest.mark.parametrize("sentence", COMMENTS)
def test_a_report_speaks_of_stories_and_so_does_a_story_about_an_author(sentence: str) -> None:
    assert not Talk(MATTER, "report").comments(sentence)
    assert not Talk("An author goes to sea. 一位作家出海。", "story").comments(sentence)


def test_a_comment_is_written_anew() -> None:
    outcome = drafted(BOOK, saying(["The sea rose.", COMMENTS[0], "Then it fell."]), 200)
    assert COMMENTS[0] not in outcome.text
    assert outcome.finish == "complete"


def test_where_the_model_insists_the_comment_stays_and_the_section_is_completed() -> None:
    """A story may be told in a story, and no length is given up for a habit."""

    def habit(request: Request) -> Iterator[str]:
        for piece in fakes.prose(request):
            yield piece.replace(".", ", as the protagonist knew.")

    outcome = drafted(BOOK, habit, 300)
    assert outcome.finish == "complete"
    assert "as the protagonist knew" in outcome.text


@pytest.mark.parametrize(
    "sentence",
    [
        "I also aimed to make the language as vivid as possible.",
        "I chose to start the sentence by referencing the passage of time.",
        "I used a transition to connect two ideas.",
    ],
)
def test_how_its_sentences_were_chosen_is_no_matter_of_a_report(sentence: str) -> None:
    assert Talk("The harbour of a small town", "report").comments(sentence)
    assert Talk("A keeper and his boat", "story").comments(sentence)
    assert not Talk("How I learned to write good prose", "article").comments(sentence)


def test_a_first_person_who_does_things_is_matter() -> None:
    said = ["I chose the boat with the red sail.", "I tried to read his face.", "I used the north stairs."]
    assert not any(Talk(MATTER, kind).comments(one) for one in said for kind in ("story", "report"))


COURSE = [
    "In conclusion, this article is written from the perspective of a local who saw it.",
    "The essay continues by discussing how technology is reshaping the harbour.",
    "The text then delves into the history of the quay.",
    "The report goes on to discuss the costs of a new crane.",
    "The report also highlights the danger of silt.",
    "The text concludes with an examination of the tides.",
    "The rest of the essay is divided into two sections, on fish and on coal.",
    "The next 40 words provide a final outline.",
    "In this section, the writer provides a comprehensive overview of the fleet.",
    "Here you see how the writer has managed to convey all of it.",
]


@pytest.mark.parametrize("sentence", COURSE)
def test_a_report_that_tells_what_it_does_next_comments(sentence: str) -> None:
    assert Talk("The harbour of a small town", "report").comments(sentence)
    assert not Talk("What three authors wrote about the harbour", "report").comments(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "This report describes the harbour and its trade.",
        "The report of the harbour master was read aloud.",
        "The author of the plan left the town in 1911.",
        "The document also had a seal.",
        "The next 40 years brought no dredger.",
        "This essay argues that the quay was built too late.",
        "The paper ends up in the archive.",
    ],
)
def test_a_report_may_say_what_it_is_and_speak_of_others(sentence: str) -> None:
    assert not Talk("The harbour of a small town", "report").comments(sentence)
