from __future__ import annotations

import pytest

from engine.drafting.ledger import BAN, MOST_PENALTY, OVERUSED_TIMES, SOFT_PENALTY, RepetitionLedger
from tests.fakes import FakeBackend

LINE = "The old lantern swung above the frozen harbour all through the night."


def biases(ledger: RepetitionLedger, backend: FakeBackend, words: str) -> dict[str, float]:
    guard = ledger.guard(backend)
    ids = backend.tokenize(words) or []
    names = {backend.token_id(piece): piece for piece in list(backend._vocabulary)}
    return {names[token]: bias for token, bias in guard.bias(ids)}


def test_a_sentence_is_known_again_whatever_its_case_and_spaces() -> None:
    ledger = RepetitionLedger()
    ledger.add(f"{LINE} Nobody came.")
    assert ledger.is_duplicate_sentence(
        "the OLD lantern  swung above the frozen harbour all through the night!"
    )
    assert not ledger.is_duplicate_sentence("The old lantern swung above the frozen harbour.")


def test_a_very_short_sentence_may_come_again() -> None:
    ledger = RepetitionLedger()
    ledger.add("He nodded. He nodded.")
    assert not ledger.is_duplicate_sentence("He nodded.")


def test_a_sentence_that_was_cut_is_no_duplicate() -> None:
    ledger = RepetitionLedger()
    ledger.add_sentence(LINE)
    ledger.remove_sentence(LINE)
    assert not ledger.is_duplicate_sentence(LINE)
    assert biases(ledger, FakeBackend(), " The old lantern") == {}


def test_chinese_sentences_are_known_again() -> None:
    ledger = RepetitionLedger()
    ledger.add("老灯塔看守人数着过往的船只。")
    assert ledger.is_duplicate_sentence("老灯塔看守人数着过往的船只！")


def test_the_penalty_grows_with_each_repeat_up_to_a_limit() -> None:
    backend, ledger = FakeBackend(), RepetitionLedger()
    ledger.add_sentence("One old lantern swung.")
    assert biases(ledger, backend, " One old lantern") == {" swung": pytest.approx(-SOFT_PENALTY)}
    ledger.add_sentence("One old lantern swung.")
    assert biases(ledger, backend, " One old lantern") == {" swung": pytest.approx(-2 * SOFT_PENALTY)}
    for _ in range(20):
        ledger.add_sentence("One old lantern swung.")
    assert biases(ledger, backend, " One old lantern") == {" swung": -MOST_PENALTY}


def test_a_long_run_that_was_written_before_is_banned() -> None:
    backend, ledger = FakeBackend(), RepetitionLedger()
    ledger.add_sentence(LINE)
    assert biases(ledger, backend, " The old lantern swung above the frozen") == {" harbour": BAN}


def test_what_was_added_before_the_model_was_known_counts_too() -> None:
    ledger = RepetitionLedger()
    ledger.add(LINE)
    assert biases(ledger, FakeBackend(), " old lantern swung") == {" above": -SOFT_PENALTY}


def test_a_server_without_token_ids_gets_phrases() -> None:
    backend, ledger = FakeBackend(ids=False), RepetitionLedger()
    for place in ("harbour", "garden", "valley", "tower"):
        ledger.add(f"At the end of the {place} stood a tree.")
    guard = ledger.guard(backend)
    assert guard.bias([1, 2, 3]) == ()
    assert guard.phrases() == ["at the end of", "the end of the"]


def test_worn_out_phrases_come_most_used_first_and_chinese_without_spaces() -> None:
    ledger = RepetitionLedger()
    for ending in "一二三四":
        ledger.add(f"月光之下{ending}。")
    ledger.add("月光之下五。海。")
    assert ledger.overused()[0] == "月光之下"


def test_a_look_up_costs_the_same_in_a_long_manuscript() -> None:
    """Counted, not timed: a guard asks two tables, whatever they hold."""
    backend, ledger = FakeBackend(), RepetitionLedger()
    for number in range(3000):
        ledger.add_sentence(f"Word{number} one two three four five six seven eight.")
    guard = ledger.guard(backend)
    assert len(guard.bias(backend.tokenize(" one two three four five six seven") or [])) == 1


def test_what_the_prompt_says_is_not_copied_out() -> None:
    backend = FakeBackend()
    guard = RepetitionLedger().guard(backend, "Write now." + " " + LINE)
    ids = backend.tokenize(" The old lantern swung above the frozen") or []
    assert guard.bias(ids) == ((backend.token_id(" harbour"), BAN),)


MINISTRY = " Ministry for Economic Affairs and Climate Action"


def test_a_name_may_be_said_again_in_full_however_long_it_is() -> None:
    backend, ledger = FakeBackend(), RepetitionLedger()
    for opening in ("We wrote to the", "Nobody in the", "She left the", "Letters of the", "They asked the"):
        ledger.add_sentence(f"{opening}{MINISTRY} on that day.")
    assert biases(ledger, backend, " They called the" + MINISTRY.removesuffix(" Action")) == {}
    assert biases(ledger, backend, MINISTRY) != {}
    assert "action on that day" in ledger.overused()
    assert not {"the ministry for economic", "economic affairs and climate"} & set(ledger.overused())


def test_a_title_said_as_a_line_of_its_own_is_worn_out_as_any_other() -> None:
    backend, ledger = FakeBackend(), RepetitionLedger()
    for _ in range(OVERUSED_TIMES):
        ledger.add_sentence(MINISTRY.strip())
    assert biases(ledger, backend, " Ministry for Economic") != {}
    assert "ministry for economic affairs" in ledger.overused()


def test_a_long_name_of_the_brief_may_be_said() -> None:
    backend = FakeBackend()
    guard = RepetitionLedger().guard(backend, f"A report on the{MINISTRY} and what it built.")
    assert guard.bias(backend.tokenize(MINISTRY.removesuffix(" Action")) or []) == ()
    copied = backend.tokenize(" for Economic Affairs and Climate Action and what") or []
    assert guard.bias(copied) == ((backend.token_id(" it"), BAN),)


def test_a_server_that_cannot_be_steered_is_not_asked_for_tokens() -> None:
    backend, ledger = FakeBackend(ids=False), RepetitionLedger()
    backend.tokenize = None  # type: ignore[assignment, method-assign]
    ledger.add_sentence(LINE)
    assert ledger.guard(backend, LINE).bias([1, 2, 3]) == ()
