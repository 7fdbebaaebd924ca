"""The simulated writer: its requests, its taste, and its mistakes."""

from __future__ import annotations

import random

import pytest

from trainer.evaluation import simulated_writer as writer

BRISK = "“Stop,” she said. “Why?” He turned. “The door.” It was open. “Run!”"
SLOW = (
    "The long road that led from the harbour to the old mill was lined with poplars, and it had been so for "
    "as long as anyone who lived in the valley could remember, which was longer than they cared to say."
)


def test_the_two_parts_share_no_request() -> None:
    assert not set(writer.requests("choices", 100)) & set(writer.requests("judgement", 100))


def test_a_hundred_requests_are_all_different() -> None:
    assert len(set(writer.requests("choices", 100))) == 100


def test_more_requests_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="100"):
        writer.requests("judgement", 101)


def test_the_brisk_taste_likes_short_sentences_and_speech() -> None:
    assert writer.brisk(BRISK) > writer.brisk(SLOW)
    assert writer.lush(BRISK) < writer.lush(SLOW)


def test_an_empty_text_has_no_dialogue_and_no_sentences() -> None:
    assert writer.dialogue_share("") == 0.0
    assert writer.mean_sentence_words("") == 0.0


def test_without_noise_the_writer_always_follows_the_taste() -> None:
    chance = random.Random(1)
    for first, second in ((BRISK, SLOW), (SLOW, BRISK)):
        choice = writer.choose("A scene.", first, second, writer.brisk, 0.0, chance)
        assert choice.chosen == BRISK
        assert not choice.wrong


def test_noise_turns_about_that_share_of_the_answers_round() -> None:
    chance = random.Random(2)
    answers = [writer.choose("A scene.", BRISK, SLOW, writer.brisk, 0.2, chance) for _ in range(1000)]
    wrong = sum(answer.wrong for answer in answers)
    assert 150 < wrong < 250
    assert sum(answer.chosen == SLOW for answer in answers) == wrong


def test_without_a_taste_a_coin_decides() -> None:
    chance = random.Random(3)
    answers = [writer.choose("A scene.", BRISK, SLOW, None, 0.2, chance) for _ in range(1000)]
    assert 430 < sum(answer.chosen == BRISK for answer in answers) < 570


def test_equal_texts_count_half() -> None:
    assert writer.wins(writer.brisk, [BRISK, SLOW, SLOW], [SLOW, BRISK, SLOW]) == [1.0, 0.0, 0.5]
