"""A book of several sections in one stream: lengths, seeds, what is carried forward, and how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from engine.backends.protocol import Request
from engine.drafting.book import BookTask, draft_book, draft_books
from engine.drafting.ledger import RepetitionLedger
from engine.drafting.settings import DraftSettings
from engine.errors import ServerUnreachable
from engine.text.counting import count_words
from engine.text.segmenting import ends_sentence
from tests import fakes
from tests.drafting.conftest import MemorySink, make_tasks, write
from tests.fakes import FakeBackend, Habit

TARGETS = [300, 120, 450, 200, 80, 260]
GOOD_HABITS = {
    "prose": fakes.prose,
    "long sentences": fakes.long_sentences,
    "broken characters": fakes.broken,
    "headings and talk": fakes.chatty,
}


@pytest.mark.parametrize("parallel", [1, 3])
@pytest.mark.parametrize("habit", GOOD_HABITS.values(), ids=GOOD_HABITS)
def test_every_section_keeps_its_ten_percent_and_the_book_its_two(habit: Habit, parallel: int) -> None:
    for seed in range(4):
        outcome, _ = write(FakeBackend(habit), TARGETS, parallel=parallel, seed=seed)
        assert outcome.finish == "complete"
        assert abs(outcome.words - sum(TARGETS)) <= 0.02 * sum(TARGETS)
        for section in outcome.sections.values():
            assert abs(section.words - section.target_words) <= 0.1 * section.target_words
            assert section.words == count_words(section.text)
            assert ends_sentence(section.text)


def test_no_sentence_comes_twice_in_a_book_even_across_sections() -> None:
    def same_start(request: Request) -> Iterator[str]:
        if not request.prefix:
            yield from (" The", " harbour", " lay", " silent", " at", " dawn. ")
        yield from fakes.prose(request)

    outcome, _ = write(FakeBackend(same_start), [150, 150, 150], parallel=3)
    text = "\n\n".join(section.text for section in outcome.sections.values())
    assert text.count("The harbour lay silent at dawn.") == 1
    assert outcome.finish == "complete"


def test_the_remainder_is_carried_into_the_next_sections() -> None:
    owed, _ = write(FakeBackend(), [400, 400], carry_words=40, goal_words=1200)
    over, _ = write(FakeBackend(), [400, 400], carry_words=-40, goal_words=1200)
    assert 820 <= owed.words <= 860
    assert 740 <= over.words <= 780


def test_the_same_seed_gives_the_same_text_and_another_seed_another() -> None:
    first, sink = write(FakeBackend(), TARGETS, seed=7)
    again, same = write(FakeBackend(), TARGETS, seed=7)
    other, _ = write(FakeBackend(), TARGETS, seed=8)
    assert sink.texts == same.texts
    assert sink.seeds == same.seeds
    assert [a.text for a in first.sections.values()] == [a.text for a in again.sections.values()]
    assert first.sections["0"].text != other.sections["0"].text


def test_seeds_come_from_the_ordinal_and_never_from_the_key() -> None:
    backend, settings, ledger = FakeBackend(), DraftSettings(), RepetitionLedger()
    sink = MemorySink()
    tasks = [replace(task, key=f"other {task.key}") for task in make_tasks(backend, [120, 120])]
    draft_book(backend, tasks, sink, settings, ledger)
    _, plain = write(FakeBackend(), [120, 120])
    assert list(sink.seeds.values()) == list(plain.seeds.values())


def test_stopping_keeps_every_word_and_starts_nothing_more() -> None:
    sink = MemorySink(stop_after=150)
    outcome, _ = write(FakeBackend(), [4000, 4000, 4000], sink, parallel=2)
    assert outcome.finish == "stopped"
    assert set(outcome.sections) == {"0", "1"}
    for key, section in outcome.sections.items():
        assert section.finish == "stopped"
        assert section.text == sink.texts[key]
        assert section.words > 10


def test_a_model_that_hangs_is_stopped_all_the_same() -> None:
    def hangs_after(request: Request) -> Iterator[str]:
        for number, piece in enumerate(fakes.prose(request)):
            yield piece if number < 60 else ""

    sink = MemorySink(stop_after=100)
    outcome, _ = write(FakeBackend(hangs_after), [300, 300, 300], sink, parallel=2)
    assert outcome.finish == "stopped"
    assert all(section.words > 10 for section in outcome.sections.values())


def test_an_error_of_the_server_is_passed_on_and_the_stream_closed() -> None:
    def dies(request: Request) -> Iterator[str]:
        yield " The"
        raise ServerUnreachable("The server is gone.")

    backend, sink = FakeBackend(dies), MemorySink()
    with pytest.raises(ServerUnreachable):
        write(backend, [200, 200], sink)
    assert backend.closed_streams == 1
    assert sink.outcomes == {}


def test_several_books_share_a_stream_and_keep_their_own_lengths() -> None:
    backend, books = FakeBackend(parallel=4), []
    for seed in range(5):
        settings, ledger, sink = DraftSettings(seed=seed), RepetitionLedger(), MemorySink()
        tasks = make_tasks(backend, [400, 300], settings=settings, ledger=ledger)
        books.append(BookTask(tasks, sink, settings, ledger))
    outcomes = draft_books(backend, books, parallel=4)
    assert [outcome.finish for outcome in outcomes] == ["complete"] * 5
    assert all(abs(outcome.words - 700) <= 0.02 * 700 for outcome in outcomes)
    assert len({outcome.sections["0"].text for outcome in outcomes}) == 5
    assert backend.closed_streams == 1
