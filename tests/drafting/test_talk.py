from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.backends.protocol import Request
from engine.drafting.book import draft_book
from engine.drafting.hygiene import LineGate
from engine.drafting.ledger import RepetitionLedger
from engine.drafting.settings import DraftSettings
from engine.drafting.talk import Talk, lengths, unquoted
from engine.drafting.task import SectionOutcome
from engine.planning.brief import Brief
from tests import fakes
from tests.drafting.conftest import MemorySink, make_tasks
from tests.fakes import FakeBackend

BOOKS: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "talk.toml").read_text(encoding="utf-8")
)
STAYS = {name: book for name, book in BOOKS.items() if name.startswith("stays")}
ASIDES = [
    (book, sentence)
    for name, book in BOOKS.items()
    if name.startswith("talk")
    for sentence in book["sentences"]
]


def talk_of(book: dict[str, Any]) -> Talk:
    return Talk(book["matter"], book["kind"])


def saying(said: list[str], gap: str = " ") -> fakes.Habit:
    """First all of `said`, then prose."""

    def habit(request: Request) -> Iterator[str]:
        if not request.prefix:
            for sentence in said:
                yield from (f"{word} " for word in sentence.split())
                yield gap
        yield from fakes.prose(request)

    return habit


def drafted(book: dict[str, Any], habit: fakes.Habit, target: int = 500) -> SectionOutcome:
    backend, settings, ledger = FakeBackend(habit), DraftSettings(), RepetitionLedger()
    language = book.get("language", "en")
    brief = Brief(kind=book["kind"], premise=book["matter"], language=language)
    tasks = make_tasks(backend, [target], settings=settings, ledger=ledger, brief=brief)
    outcome = draft_book(backend, tasks, MemorySink(), settings, ledger, kind=book["kind"], language=language)
    return outcome.sections["0"]


@pytest.mark.parametrize("book", STAYS.values(), ids=STAYS)
def test_prose_that_only_holds_the_words_is_no_talk(book: dict[str, Any]) -> None:
    talk = talk_of(book)
    assert [sentence for sentence in book["sentences"] if talk.counts(sentence, opening=True)] == []


@pytest.mark.parametrize("gap", [" ", "\n\n"])
@pytest.mark.parametrize("book", STAYS.values(), ids=STAYS)
def test_every_word_of_it_stays_in_the_section(book: dict[str, Any], gap: str) -> None:
    text = " ".join(drafted(book, saying(book["sentences"], gap)).text.split())
    lost = [said for said in book["sentences"] if said.removeprefix("Introduction: ") not in text]
    assert [said for said in lost if said.removeprefix("Conclusion: ") not in text] == []


@pytest.mark.parametrize(("book", "sentence"), ASIDES)
def test_talk_about_the_task_counts(book: dict[str, Any], sentence: str) -> None:
    assert talk_of(book).counts(sentence)


@pytest.mark.parametrize(("book", "sentence"), ASIDES)
def test_none_of_it_reaches_the_section(book: dict[str, Any], sentence: str) -> None:
    for said in ([sentence], ["The sea rose.", sentence, "Then it fell."]):
        outcome = drafted(book, saying(said, "\n"), 200)
        assert sentence not in " ".join(outcome.text.split())
        assert outcome.finish == "complete"


def test_a_text_about_language_models_is_written() -> None:
    """Nothing but sentences that speak of language models, of sections and of words."""

    def habit(request: Request) -> Iterator[str]:
        for piece in fakes.prose(request):
            yield piece.replace(".", ", as a language model does in the next chapter of 40 words.")

    outcome = drafted({"kind": "report", "matter": "How language models learn"}, habit, 300)
    assert outcome.finish == "complete"


def test_speech_that_goes_on_over_several_sentences_is_speech() -> None:
    before = "“You are late. "
    assert not Talk().counts("I hope this helps.", before)
    assert not Talk().counts("I hope this helps.", '"You are late. ')
    assert Talk().counts("I hope this helps.", "“You are late.” ")
    assert unquoted("That is all.” I hope this helps.", before).strip() == "I hope this helps."
    text = "“You are late. I hope this helps. Let me know if there are changes.” He went out."
    assert text in drafted(STAYS["stays: dialogue"], saying([text])).text


def test_an_apostrophe_opens_no_speech() -> None:
    assert Talk().counts("The dogs' master says: here's the section you asked for.")


def test_a_story_that_names_the_very_length_it_was_asked_for_says_over_its_instructions() -> None:
    asked = Talk("A mule driver carries salt.", "story", lengths("in about 1,150 words"))
    assert asked.counts("The mule finds his way with a legendary 1150-word passage by him.")
    assert not asked.counts("He wrote a letter of 200 words.")
    assert not asked.counts("“That is 1,150 words too many,” he said.")
    assert not Talk("A contest with a word limit", "story", asked.asked).counts("It had 1,150 words.")
    assert not Talk("Newspapers", "report", asked.asked).counts("Most columns have 1,150 words.")
    assert Talk("", "story", lengths("约 300 字")).counts("他写了一篇300字的故事。")
    echo = "The mule goes on with a legendary 500-word passage."
    assert echo not in drafted(STAYS["stays: a novel"], saying([echo])).text


def test_what_opens_a_text_is_judged_more_strictly_there() -> None:
    assert Talk().counts("Sure!", opening=True)
    assert not Talk().counts("Sure!")
    assert Talk().counts("Here is a story about a keeper:", opening=True)
    assert not Talk().counts("Here is a story about a keeper:")


def test_a_line_of_talk_and_prose_loses_the_talk_alone() -> None:
    gate = LineGate()
    line = "Here is the section you asked for. It rained."
    assert gate.feed(f"{line}\n") == f"{line}\n"
    text = drafted(STAYS["stays: a novel"], saying([line], "\n")).text
    assert text.startswith("It rained.")
