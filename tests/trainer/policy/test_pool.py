"""The shipped requests are whole, varied, and leave the length to the run."""

import json
import re
from collections import Counter
from importlib.resources import files
from itertools import combinations

import pytest

from engine.planning.kinds import KINDS
from engine.planning.length_range import range_of
from engine.text.counting import count_words, words
from trainer.policy.pool import load_pool

POOL = load_pool()
MOST_SHARED = 2  # runs of five words that two requests may have in common


def read_rows(name: str) -> list[dict[str, str]]:
    raw = (files("assets") / "training" / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in raw.split("\n") if line]


def five_grams(text: str) -> set[tuple[str, ...]]:
    """Runs of five words (of five characters in Chinese and Japanese)."""
    said = [word.lower() for word in words(text)]
    return set(zip(*(said[start:] for start in range(5)), strict=False))


def test_there_are_two_hundred_requests_with_names_of_their_own() -> None:
    assert len(POOL) == 200
    assert len({prompt.id for prompt in POOL}) == 200
    assert all(re.fullmatch(rf"{prompt.language}-\d{{3}}", prompt.id) for prompt in POOL)


def test_most_are_english_and_the_rest_comes_from_seven_languages() -> None:
    languages = Counter(prompt.language for prompt in POOL)
    assert languages == {"en": 140, "zh": 30, "de": 8, "fr": 7, "es": 6, "it": 3, "pt": 3, "ja": 3}


def test_chinese_requests_are_the_ones_written_in_chinese() -> None:
    for prompt in POOL:
        kana = re.search("[\u3041-\u30ff]", prompt.text)
        han = re.search("[\u4e00-\u9fff]", prompt.text)
        written = "ja" if kana else "zh" if han else "latin"
        assert written == (prompt.language if prompt.language in ("ja", "zh") else "latin"), prompt.id


def test_every_kind_of_text_is_asked_for_in_earnest() -> None:
    kinds = Counter(prompt.kind for prompt in POOL)
    assert set(kinds) == set(KINDS)
    assert min(kinds.values()) >= 20


def test_ranges_are_hundreds_and_never_wider_than_three_thousand() -> None:
    for prompt in POOL:
        assert prompt.low % 100 == prompt.high % 100 == 0, prompt.id
        assert 100 <= prompt.low < prompt.high <= 12_000, prompt.id
        assert prompt.high - prompt.low <= 3000, prompt.id


def test_lengths_go_from_a_card_to_a_long_chapter() -> None:
    assert min(prompt.high for prompt in POOL) <= 300
    assert max(prompt.high for prompt in POOL) >= 6000
    assert len({(prompt.low, prompt.high) for prompt in POOL}) >= 40


def test_no_request_states_a_length_of_its_own() -> None:
    for prompt in POOL:
        assert range_of(prompt.text, kind=prompt.kind).source == "kind", prompt.id
        assert not re.search(r"\d+\s*(?:words|pages|Wörter|Seiten|mots|palabras|parole|字)", prompt.text)


def test_no_two_requests_are_alike() -> None:
    grams = [(prompt.id, five_grams(prompt.text)) for prompt in POOL]
    for (one, these), (other, those) in combinations(grams, 2):
        assert len(these & those) <= MOST_SHARED, f"{one} and {other}: {these & those}"


def test_requests_open_in_many_ways() -> None:
    openings = Counter(tuple(words(prompt.text.lower())[:3]) for prompt in POOL)
    assert max(openings.values()) <= 4, openings.most_common(3)


def test_requests_are_one_paragraph_without_loose_spaces() -> None:
    for prompt in POOL:
        assert prompt.text == " ".join(prompt.text.split()), prompt.id
        assert 6 <= len(words(prompt.text)) <= 90, prompt.id


@pytest.mark.parametrize(("name", "title"), [("prompts", "requests"), ("passages", "passages")])
def test_the_data_card_counts_what_is_there(name: str, title: str) -> None:
    card = (files("assets") / "training" / "CARD.md").read_text(encoding="utf-8")
    lines = [line for line in card.splitlines() if line.startswith("|")]
    table = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    heads, counts = table[0], next(line for line in table if line[0] == title)
    rows = read_rows(name)
    found = Counter(row["kind"] for row in rows) + Counter(row["language"] for row in rows)
    found["all"] = len(rows)
    assert counts[1:] == [str(found[head]) for head in heads[1:]]
    assert set(found) <= set(heads)


def test_passages_are_whole_and_each_has_a_request_that_it_meets_and_one_that_it_does_not() -> None:
    passages = read_rows("passages")
    assert len({row["id"] for row in passages}) == len(passages) == 100
    for row in passages:
        assert set(row) == {"id", "prompt", "dropped", "text", "kind", "language"}, row["id"]
        assert row["prompt"] != row["dropped"], row["id"]
        assert row["text"] == row["text"].strip(), row["id"]
        assert 80 <= count_words(row["text"]) <= (260 if row["language"] == "zh" else 220), row["id"]


def test_no_passage_was_written_for_a_request_of_the_pool() -> None:
    asked = [five_grams(prompt.text) for prompt in POOL]
    for row in read_rows("passages"):
        theirs = five_grams(row["prompt"])
        assert max(len(theirs & ours) for ours in asked) <= MOST_SHARED, row["id"]
