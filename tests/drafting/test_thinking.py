"""Sections of a model that thinks first: thinking comes before the text, once, and is kept apart."""

from __future__ import annotations

from dataclasses import replace

from engine.drafting.book import draft_book
from engine.drafting.ledger import RepetitionLedger
from engine.drafting.settings import DraftSettings
from engine.text.counting import count_words
from tests import fakes
from tests.drafting.conftest import MemorySink, make_tasks, write
from tests.fakes import FakeBackend


def test_thinking_comes_first_is_kept_apart_and_never_counted() -> None:
    backend = FakeBackend(fakes.thinks_first)
    outcome, sink = write(backend, [150], think="on")
    section = outcome.sections["0"]
    assert section.think == "First the harbour, then the storm."
    assert sink.thinks["0"].strip() == section.think
    assert "harbour, then the storm" not in section.text
    assert section.words == count_words(section.text)
    assert backend.requests[0].prefix == "<think>\n"
    assert backend.requests[1].prefix.startswith(
        "<think>\nFirst the harbour, then the storm.\n</think>\n<answer>\n"
    )


def test_a_resumed_section_does_not_think_again() -> None:
    backend, settings = FakeBackend(fakes.thinks_first), DraftSettings(think="on")
    task = make_tasks(backend, [150], settings=settings)[0]
    task = replace(task, prefix_think="A plan.", prefix_text="The keeper woke before dawn.")
    outcome = draft_book(backend, [task], MemorySink(), settings, RepetitionLedger())
    assert backend.requests[0].prefix == "<think>\nA plan.\n</think>\n<answer>\nThe keeper woke before dawn."
    assert outcome.sections["0"].think == "A plan."


def test_a_thinking_model_that_shall_not_think_finds_its_thinking_closed() -> None:
    backend = FakeBackend()
    backend.info = replace(backend.info, thinks=True)
    write(backend, [60], think="off")
    assert all(request.prefix.startswith("<think>\n\n</think>\n\n") for request in backend.requests)
