"""A section of which a text is there already: an interrupted draft's, or the writer's own, which is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from engine.backends.protocol import Request
from engine.drafting.book import draft_book
from engine.drafting.ledger import RepetitionLedger
from engine.drafting.section import MOST_RETRIES
from engine.drafting.settings import DraftSettings
from engine.drafting.task import SectionOutcome
from tests import fakes
from tests.drafting.conftest import MemorySink, make_tasks, write
from tests.fakes import FakeBackend, Habit


def test_an_interrupted_section_goes_on_at_the_very_place() -> None:
    backend, settings, ledger, sink = FakeBackend(), DraftSettings(), RepetitionLedger(), MemorySink()
    stored = "The keeper woke before dawn. The sea had gone"
    task = replace(make_tasks(backend, [150])[0], prefix_text=stored)
    outcome = draft_book(backend, [task], sink, settings, ledger)
    assert outcome.sections["0"].text.startswith(stored + " ")
    assert backend.requests[0].prefix == stored
    assert outcome.finish == "complete"


def test_a_section_that_was_done_when_the_power_went_is_only_sealed() -> None:
    first, _ = write(FakeBackend(), [150])
    backend, sink = FakeBackend(), MemorySink()
    task = replace(make_tasks(backend, [150])[0], prefix_text=first.sections["0"].text + " And then")
    outcome = draft_book(backend, [task], sink, DraftSettings(), RepetitionLedger())
    assert outcome.finish == "complete"
    assert abs(outcome.words - 150) <= 15


VERSE = "The sea came in by night\nand took the pier away,\n\nand nobody who saw it\nhas cared to this day to"


def goes_on_behind(text: str, habit: Habit, target: int = 150) -> tuple[SectionOutcome, FakeBackend]:
    """A section of which `text` is there already and to be kept."""
    backend = FakeBackend(habit)
    task = replace(make_tasks(backend, [target])[0], prefix_text=text, kept=len(text))
    outcome = draft_book(backend, [task], MemorySink(), DraftSettings(), RepetitionLedger())
    return outcome.sections["0"], backend


@pytest.mark.parametrize("habit", [fakes.prose, fakes.lines, fakes.long_sentences, fakes.no_full_stop])
@pytest.mark.parametrize("text", [VERSE, VERSE + " say.", VERSE + " say.\n", "x" * 20 + " word" * 120])
def test_a_text_that_is_kept_stays_letter_for_letter_whatever_comes_behind_it(
    text: str, habit: Habit
) -> None:
    section, _ = goes_on_behind(text, habit)
    assert section.text.startswith(text)
    assert section.finish == "complete"
    assert "\n" not in section.text[len(text) :].replace("\n\n", "").strip()


@pytest.mark.parametrize("text", [VERSE, VERSE + " say.", VERSE + " say.\n"])
def test_a_text_that_is_kept_outlives_a_model_that_gives_nothing(text: str) -> None:
    section, _ = goes_on_behind(text, fakes.nothing)
    assert (section.text, section.finish) == (text, "short")


def test_a_kept_text_outlives_a_model_that_gives_nothing_twice_and_then_writes() -> None:
    silent = [True, True]

    def hesitant(request: Request) -> Iterator[str]:
        if silent:
            silent.pop()
            return
        yield from fakes.prose(request)

    section, _ = goes_on_behind(VERSE, hesitant)
    assert section.text.startswith(VERSE)
    assert section.finish == "complete"


def test_a_kept_text_that_repeats_itself_is_nobodys_to_mend() -> None:
    text = "The sea rose in the night. The sea rose in the night. This section is about the word count. And"
    section, backend = goes_on_behind(text, fakes.prose)
    assert section.text.startswith(text)
    assert section.finish == "complete"
    assert len(backend.requests) < MOST_RETRIES


def test_a_kept_text_that_is_too_long_is_left_as_it_is() -> None:
    text = ("The sea rose and the pier fell in the night. " * 20).strip()
    section, backend = goes_on_behind(text, fakes.prose)
    assert (section.text, section.finish) == (text, "long")
    assert len(backend.requests) <= 1
