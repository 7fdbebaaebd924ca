"""Where a section ends: at a sentence within the ten percent, and what is done where there is none."""

from __future__ import annotations

from collections.abc import Iterator

from engine.backends.protocol import Request
from engine.drafting.book import draft_book
from engine.drafting.ledger import RepetitionLedger
from engine.drafting.settings import DraftSettings
from engine.planning.brief import Brief
from tests import fakes
from tests.drafting.conftest import MemorySink, make_tasks, write
from tests.fakes import FakeBackend


def test_a_sentence_that_never_ends_is_closed_within_ten_percent() -> None:
    outcome, _ = write(FakeBackend(fakes.no_full_stop), [300, 150])
    for section in outcome.sections.values():
        assert section.finish == "complete"
        assert section.text.endswith(".")


def leaning(request: Request) -> Iterator[str]:
    """One sentence without end and without a comma, in which every other word wants the next."""
    while True:
        yield from (" the", " lantern", " in", " the", " harbour", " and")


def test_a_sentence_that_had_to_be_broken_off_is_told_and_ends_behind_a_word_that_can_end_one() -> None:
    for target in range(80, 90):
        outcome, _ = write(FakeBackend(leaning), [target])
        section = outcome.sections["0"]
        assert section.finish == outcome.finish == "clipped"
        assert section.text.endswith(("lantern.", "harbour."))
        assert abs(section.words - target) <= 0.1 * target


def test_the_last_whole_sentence_is_the_end_where_that_keeps_the_ten_percent() -> None:
    def one_end(request: Request) -> Iterator[str]:
        """Whole sentences up to 92 words, then one without end, with commas."""
        count = len(request.prefix.split())
        yield from (f" W{place}" + ("." if place % 23 == 22 else "") for place in range(count, 92))
        yield " And"
        while True:
            yield from (" so", " the", " lamp", " burned,")

    outcome, _ = write(FakeBackend(one_end), [100])
    section = outcome.sections["0"]
    assert (section.words, section.finish) == (92, "complete")
    assert section.text.endswith("W91.")


def test_chinese_sections_keep_their_length_and_end_with_a_full_stop() -> None:
    backend, settings, ledger = FakeBackend(fakes.chinese), DraftSettings(), RepetitionLedger()
    brief = Brief(kind="story", premise="灯塔看守人收到一封信。", language="zh")
    tasks = make_tasks(backend, [300, 120], settings=settings, ledger=ledger, brief=brief)
    outcome = draft_book(backend, tasks, MemorySink(), settings, ledger, kind="story", language="zh")
    assert outcome.finish == "complete"
    assert abs(outcome.words - 420) <= 0.02 * 420
    assert all(section.text.endswith("。") for section in outcome.sections.values())
