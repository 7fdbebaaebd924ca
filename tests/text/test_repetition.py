from __future__ import annotations

import pytest

from engine.text.repetition import measure, sentence_key


def test_a_text_without_repeats_measures_zero_and_one() -> None:
    found = measure("The boat left at dawn. Nobody waved from the pier.")
    assert (found.duplicate_sentence_share, found.distinct_4grams) == (0.0, 1.0)


def test_each_repeat_of_a_sentence_counts_whatever_its_case_and_punctuation() -> None:
    found = measure("The boat left. *The boat left!* The boat LEFT. It rained.")
    assert found.duplicate_sentence_share == pytest.approx(2 / 4)


def test_repeated_runs_of_four_words_lower_the_distinct_share() -> None:
    # a b c d a b c d: runs abcd bcda cdab dabc abcd
    assert measure("a b c d a b c d").distinct_4grams == pytest.approx(4 / 5)


def test_chinese_is_measured_by_characters() -> None:
    # 雨一直下雨一直下: the same five runs, four of them different
    assert measure("雨一直下雨一直下").distinct_4grams == pytest.approx(4 / 5)
    assert measure("雨一直下。雨一直下。").duplicate_sentence_share == pytest.approx(1 / 2)


@pytest.mark.parametrize("text", ["", "***", "Too short."])
def test_a_text_too_short_to_repeat_measures_zero_and_one(text: str) -> None:
    found = measure(text)
    assert (found.duplicate_sentence_share, found.distinct_4grams) == (0.0, 1.0)


def test_the_key_of_a_sentence_leaves_out_case_markup_and_punctuation() -> None:
    assert sentence_key("“**Don't** go,” he said.") == sentence_key("Don't go he SAID!") == "don't go he said"
