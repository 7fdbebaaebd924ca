"""One section, whatever the model does: ends early, says nothing, babbles, repeats itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import pytest

from engine.backends.protocol import Request
from engine.drafting.book import draft_book
from engine.drafting.ledger import RepetitionLedger
from engine.drafting.settings import DraftSettings
from engine.text.counting import count_words
from engine.text.repetition import measure
from tests import fakes
from tests.drafting.conftest import MemorySink, make_tasks, write
from tests.fakes import FakeBackend, Habit


def test_a_model_that_falls_into_signs_is_set_going_again() -> None:
    def signs_after(request: Request) -> Iterator[str]:
        for number, piece in enumerate(fakes.prose(request), 1):
            yield piece
            if number == 30:
                break
        while True:
            yield " ."

    backend = FakeBackend(signs_after)
    outcome, _ = write(backend, [300])
    assert outcome.finish == "complete"
    assert ". . . . . . . ." not in outcome.sections["0"].text


def test_nothing_of_a_babbling_model_reaches_the_page() -> None:
    outcome, _ = write(FakeBackend(fakes.chatty), [200])
    text = outcome.sections["0"].text
    assert not any(mark in text for mark in ("#", "```", "Sure", "Here is", "Chapter", "*"))
    broken, _ = write(FakeBackend(fakes.broken), [200])
    assert not any(mark in broken.sections["0"].text for mark in "\x00\ufffd\x1b")


def test_a_model_that_stops_early_is_made_to_go_on() -> None:
    backend = FakeBackend(fakes.stops_after(40), stubborn=True)
    outcome, _ = write(backend, [300])
    assert outcome.finish == "complete"
    assert len(backend.requests) > 5
    assert "\n\n" in outcome.sections["0"].text


@pytest.mark.parametrize("habit", [fakes.nothing, fakes.blanks])
@pytest.mark.parametrize("parallel", [1, 3])
def test_a_model_that_gives_nothing_ends_as_empty(habit: Habit, parallel: int) -> None:
    backend = FakeBackend(habit)
    outcome, sink = write(backend, [300, 150], parallel=parallel)
    assert [section.finish for section in outcome.sections.values()] == ["empty", "empty"]
    assert list(sink.texts.values()) == ["", ""]
    assert len(backend.requests) == 6


def test_verse_without_a_full_stop_is_kept_when_the_model_has_no_more_to_say() -> None:
    def verse(request: Request) -> Iterator[str]:
        for line in range(len(request.prefix.splitlines()), 8):
            yield from (f"the {line}th", " lamp", " burns", " low", " above", " the", " bay", "\n")

    outcome, sink = write(FakeBackend(verse, stubborn=True), [200])
    section = outcome.sections["0"]
    assert section.finish == "short"
    assert section.words >= 40
    assert section.text.endswith("the bay.")
    assert section.text == sink.texts["0"]


def test_a_model_that_falls_silent_loses_nothing_that_was_written() -> None:
    """From its second silence on it is tried from further back, which found nothing better here."""
    said = "".join(islice(fakes.prose(Request("a", (), max_tokens=80)), 80))
    written = said[: said.rindex(".") + 1].strip()

    def habit(request: Request) -> Iterator[str]:
        if not request.prefix:
            yield written

    outcome, _ = write(FakeBackend(habit, stubborn=True), [300])
    assert outcome.sections["0"].finish == "short"
    assert outcome.sections["0"].text == written


@pytest.mark.parametrize("habit", [fakes.one_sentence, fakes.one_paragraph])
def test_a_model_that_repeats_itself_is_given_up_with_what_was_good(habit: Habit) -> None:
    backend = FakeBackend(habit)
    outcome, _ = write(backend, [300])
    section = outcome.sections["0"]
    assert section.finish == "repeating"
    assert section.words > 0
    assert measure(section.text).duplicate_sentence_share == 0
    assert len(backend.requests) < 30


def test_a_repeated_sentence_is_taken_back_and_written_anew() -> None:
    sentence = (" The", " lantern", " fell", " into", " the", " cold", " harbour.")

    def repeats_once(request: Request) -> Iterator[str]:
        if not request.prefix:
            yield from (*sentence, *sentence, " ")
        yield from fakes.prose(request)

    outcome, sink = write(FakeBackend(repeats_once), [120])
    assert outcome.sections["0"].text.count("lantern fell into the cold") == 1
    assert outcome.finish == "complete"
    assert sink.cuts > 0


def test_the_end_of_turn_is_forbidden_until_the_wind_up() -> None:
    backend = FakeBackend()
    write(backend, [400])
    assert backend.requests[0].forbid_end
    assert not backend.requests[1].forbid_end
    assert 300 < count_words(backend.requests[1].prefix) < 400


def test_a_text_that_outgrows_the_context_goes_on_from_its_end() -> None:
    backend = FakeBackend(fakes.stops_after(60), context=1100, stubborn=True)
    settings, ledger, sink = DraftSettings(), RepetitionLedger(), MemorySink()
    task = make_tasks(backend, [400])[0]
    stored = "\n\n".join(f"Line {n} tells of the sea and of nothing else at all." for n in range(60))
    outcome = draft_book(
        backend, [replace(task, target_words=1000, prefix_text=stored)], sink, settings, ledger
    )
    assert outcome.finish == "complete"
    for request in backend.requests:
        assert backend.prompt_tokens(request.messages, request.prefix) + request.max_tokens <= 1100
