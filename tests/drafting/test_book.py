from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import pytest

from engine.backends.protocol import Request
from engine.drafting.book import BookTask, draft_book, draft_books
from engine.drafting.ledger import RepetitionLedger
from engine.drafting.section import MOST_RETRIES
from engine.drafting.settings import DraftSettings
from engine.drafting.task import BookOutcome, SectionOutcome
from engine.errors import ServerUnreachable
from engine.planning.brief import Brief
from engine.text.counting import count_words
from engine.text.repetition import measure
from engine.text.segmenting import ends_sentence
from tests import fakes
from tests.drafting.conftest import MemorySink, make_tasks
from tests.fakes import FakeBackend, Habit

TARGETS = [300, 120, 450, 200, 80, 260]
GOOD_HABITS = {
    "prose": fakes.prose,
    "long sentences": fakes.long_sentences,
    "broken characters": fakes.broken,
    "headings and talk": fakes.chatty,
}


def write(
    backend: FakeBackend,
    targets: list[int],
    sink: MemorySink | None = None,
    *,
    parallel: int = 1,
    seed: int = 0,
    carry_words: int = 0,
    goal_words: int | None = None,
    think: str = "auto",
) -> tuple[BookOutcome, MemorySink]:
    settings = DraftSettings(parallel=parallel, seed=seed, think=think)
    ledger = RepetitionLedger()
    used = sink or MemorySink()
    tasks = make_tasks(backend, targets, settings=settings, ledger=ledger)
    outcome = draft_book(
        backend, tasks, used, settings, ledger, kind="story", carry_words=carry_words, goal_words=goal_words
    )
    return outcome, used


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


def lines(request: Request) -> Iterator[str]:
    """Sentences with a single line break between them."""
    fresh = False
    for piece in fakes.prose(request):
        yield piece.lstrip() if fresh else piece
        fresh = piece.endswith(".")
        if fresh:
            yield "\n"


@pytest.mark.parametrize("habit", [fakes.prose, lines, fakes.long_sentences, fakes.no_full_stop])
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


def test_chinese_sections_keep_their_length_and_end_with_a_full_stop() -> None:
    backend, settings, ledger = FakeBackend(fakes.chinese), DraftSettings(), RepetitionLedger()
    brief = Brief(kind="story", premise="灯塔看守人收到一封信。", language="zh")
    tasks = make_tasks(backend, [300, 120], settings=settings, ledger=ledger, brief=brief)
    outcome = draft_book(backend, tasks, MemorySink(), settings, ledger, kind="story", language="zh")
    assert outcome.finish == "complete"
    assert abs(outcome.words - 420) <= 0.02 * 420
    assert all(section.text.endswith("。") for section in outcome.sections.values())


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


def test_a_thinking_model_that_shall_not_think_finds_its_thinking_closed() -> None:
    backend = FakeBackend()
    backend.info = replace(backend.info, thinks=True)
    write(backend, [60], think="off")
    assert all(request.prefix.startswith("<think>\n\n</think>\n\n") for request in backend.requests)
