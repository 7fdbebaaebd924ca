from __future__ import annotations

import random

import pytest

from engine.text.counting import count_words
from engine.text.repetition import measure
from engine.text.segmenting import ends_sentence, sentences
from trainer.reward_model.damage import (
    Source,
    off_topic,
    pairs,
    repeated,
    shuffled,
    truncated,
    without_last_requirement,
)

TEXT = (
    "The ferry left late. Nobody on the quay had thought it would leave.\n\n“She is going,” said the boy. "
    "His aunt folded her paper. The gulls rose, turned twice and settled on the roof of the customs house. "
    "By noon the harbour was empty, and the rain had come back. It stayed until the lamps were lit. "
    "Then the boy went home without a word."
)
CHINESE = "渡船开得很晚。码头上没有人想到它会开。男孩说它走了。姑妈折起了报纸。中午港口空了，雨又来了。"
SOURCES = [
    Source(
        "a", "Write about a ferry that leaves late.", TEXT, dropped="Write about a train that leaves late."
    ),
    Source("b", "Write about a market.", TEXT.replace("ferry", "market")),
    Source("c", "写一艘晚开的渡船。", CHINESE, "zh"),
]


def test_the_same_seed_makes_the_same_pairs() -> None:
    assert pairs(SOURCES, 7) == pairs(SOURCES, 7) != pairs(SOURCES, 8)


def test_every_kind_of_damage_is_there_and_changes_something() -> None:
    made = [pair for pair in pairs(SOURCES, 7) if pair.source == "a"]
    assert {pair.kind for pair in made} == {
        "repeated", "shuffled", "padded", "copied", "truncated", "off_topic", "requirement"
    }  # fmt: skip
    assert all(pair.better != pair.worse or pair.worse_for for pair in made)


def test_damage_leaves_the_length_about_as_it_was() -> None:
    for pair in pairs(SOURCES[:2], 3):
        assert count_words(pair.worse) == pytest.approx(count_words(pair.better), rel=0.4), pair.kind


def test_repetition_repeats_and_a_shuffle_only_moves() -> None:
    assert measure(repeated(TEXT, random.Random(1))).duplicate_sentence_share > 0.2
    moved = shuffled(TEXT, random.Random(1))
    assert sorted(sentences(moved)) == sorted(sentences(TEXT))
    assert sentences(moved) != sentences(TEXT)


@pytest.mark.parametrize("text", [TEXT, CHINESE])
@pytest.mark.parametrize("seed", range(5))
def test_a_cut_text_stands_against_one_that_ends(text: str, seed: int) -> None:
    cut, whole = truncated(text, random.Random(seed))
    assert ends_sentence(whole)
    assert not ends_sentence(cut)


def test_off_topic_is_another_text_in_the_same_language() -> None:
    assert off_topic(SOURCES[0], SOURCES) == SOURCES[1].text
    assert off_topic(SOURCES[2], SOURCES) is None


def test_a_request_loses_its_last_requirement() -> None:
    assert without_last_requirement("Write a scene at a ferry. No rain.") == "Write a scene at a ferry."
    assert without_last_requirement("Write a scene at a ferry, in rain.") == "Write a scene at a ferry."
    assert without_last_requirement("A ferry, in rain.") is None


def test_texts_that_are_too_short_are_left_out() -> None:
    assert pairs([Source("x", "Write.", "One. Two. Three.")], 1) == []
