from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.text.counting import WordCounter, count_words, words

CASES = json.loads(Path(__file__).with_name("counts.json").read_text(encoding="utf-8"))
PROSE = (
    "The harbour lay quiet under the first snow. Ada counted the lamps along the pier and thought of her "
    "brother, who had promised to be home before the ice closed the river. Nobody in the village spoke of "
    "the boat any more. The old keeper climbed the tower every evening, lit the fire, and looked north for "
    "a long time before he came down again. When the wind turned at last, it brought the smell of smoke."
)
# Pieces from which texts with every rule of the counter come together by chance.
# fmt: off
PIECES = st.sampled_from([
    "a", "B", "é", "e\u0301", "1", "23", ".", ",", ":", "'", "’", "-", "--", "—", "`", "```", "~~~", "```py",
    "\n", "\n\n", "\t", "#", "*", "_", "[", "]", "(", ")", "](", "](x", "https://a.b/c", "1.", "2)", "他",
    "の", "ー", "한", "\u0301", "\u0301\u0301", "\u200d", "नमस्ते", "well-known", "don't", "3,000", " ",
    "    ", "\n1. ", "\n1986. ", "\n198", "6. ", "\n   ```", "x" * 60, "\u0301" * 60, "1" * 60,
])
# fmt: on


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_fixed_texts_have_their_fixed_counts(case: dict[str, object]) -> None:
    assert count_words(str(case["text"])) == case["words"]


def test_words_are_given_as_they_stand() -> None:
    assert words("1. **Don't** go, 他 said.") == ["Don't", "go", "他", "said"]


def test_it_agrees_with_the_benchmarks_counter_on_plain_english_prose() -> None:
    benchmark = len(re.findall(r"\b[a-zA-Z]+\b", PROSE))
    assert count_words(PROSE) == benchmark == 77


def test_it_agrees_with_the_benchmarks_counter_on_chinese_prose() -> None:
    text = "孟连牛油果集配中心今天挂牌。农民们说，价格比去年高，日子也比去年好。" * 3
    assert count_words(text) == len(re.findall(r"[\u4e00-\u9fff]", text)) == 90


@given(st.lists(PIECES, max_size=40))
def test_the_incremental_count_equals_the_whole_count_at_every_prefix(pieces: list[str]) -> None:
    counter = WordCounter()
    for end, piece in enumerate(pieces, start=1):
        counter.feed(piece)
        assert counter.words == count_words("".join(pieces[:end]))


@given(st.text(max_size=60))
def test_the_incremental_count_holds_for_any_characters_one_by_one(text: str) -> None:
    counter = WordCounter()
    for end, character in enumerate(text, start=1):
        counter.feed(character)
        assert counter.words == count_words(text[:end])


def test_a_counter_can_start_with_a_text() -> None:
    counter = WordCounter("The storm ca")
    counter.feed("me back")
    assert counter.words == 4


def test_a_counter_remembers_little_of_a_long_text() -> None:
    counter = WordCounter()
    for _ in range(1000):
        counter.feed("wordwithoutend" + "\u0301" * 10)
    assert counter.words == 1
    assert len(counter._tail) < 100
