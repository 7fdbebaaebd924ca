"""The judge of the kills can say no: it is given texts that a writer must never leave behind."""

from __future__ import annotations

import pytest

from tests.jobs.killing import MOST_SECONDS_LOST, Kill, goes_on, missed

FIRST = "The keeper found a letter in a bottle by the pier."
SECOND = "It had been written by somebody who knew his name."
RUNNING = "He read it twice and then"
STORED = f"{FIRST} {SECOND}\n{RUNNING}"
KILL = Kill(0.3, sealed={"one": FIRST}, growing={"two": STORED})


@pytest.mark.parametrize(
    "after",
    [
        f"{STORED} went out into the rain. Nobody saw him.",
        f"{FIRST} {SECOND}\n\n{RUNNING} went out.",
        f"{FIRST} {SECOND}",
        f"{FIRST} {SECOND} The sea was calm.",
    ],
    ids=["gone on with", "paragraphs set apart", "ended before the running sentence", "another end"],
)
def test_a_text_that_was_gone_on_with_is_kept(after: str) -> None:
    assert missed(KILL, {"one": FIRST, "two": after}) == []


@pytest.mark.parametrize(
    "after",
    [
        "",
        f"{FIRST} {RUNNING} went out.",
        f"{FIRST} It had been written by somebody else. {RUNNING} went out.",
        f"{SECOND}\n{RUNNING} went out.",
        f"{STORED} {STORED} went out.",
        f"{STORED} {RUNNING} went out.",
        f"{STORED} {SECOND}\n{RUNNING} went out.",
    ],
    ids=["gone", "a sentence left out", "a word changed", "no beginning", "twice", "end twice", "more twice"],
)
def test_a_text_that_lost_or_repeats_something_is_told(after: str) -> None:
    assert len(missed(KILL, {"one": FIRST, "two": after})) == 1


def test_a_version_that_is_gone_or_was_finished_and_changed_is_told() -> None:
    assert len(missed(KILL, {"two": STORED})) == 1
    assert len(missed(KILL, {"one": FIRST + " ", "two": STORED})) == 1
    assert len(missed(KILL, {"one": FIRST})) == 1


def test_a_beat_older_than_the_bar_is_told() -> None:
    assert len(missed(Kill(MOST_SECONDS_LOST + 0.01, {}, {}), {})) == 1


def test_only_a_sentence_that_may_just_have_been_judged_can_go_with_the_next_word() -> None:
    judged = f"{FIRST} {SECOND} He"
    assert goes_on(judged, f"{FIRST} The sea was calm.")
    assert not goes_on(f"{judged} read it", f"{FIRST} The sea was calm.")
