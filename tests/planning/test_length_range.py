from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.planning.length_range import LengthRange, range_of, stated_lengths

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "longbench_write" / "dev.jsonl"


def asked(lower: int, upper: int) -> LengthRange:
    return LengthRange(lower, upper, "request")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write a 2,000-word essay", asked(1800, 2200)),
        ("Write an essay of 2k words", asked(1800, 2200)),
        ("in two thousand words", asked(1800, 2200)),
        ("no more than 2,000 words", asked(1800, 2000)),
        ("not to exceed 2000 words", asked(1800, 2000)),
        ("less than 200 words", asked(180, 200)),
        ("2000 words maximum", asked(1800, 2000)),
        ("at least 2,000 words", asked(2000, 2200)),
        ("no less than 2000 words", asked(2000, 2200)),
        ("more than 5000 words", asked(5000, 5500)),
        ("5000 words or more", asked(5000, 5500)),
        ("500+ words", asked(500, 550)),
        ("between 300 and 400 words", asked(300, 400)),
        ("300-400 words", asked(300, 400)),
        ("2-3k words", asked(2000, 3000)),
        ("800 words ± 5%", asked(760, 840)),
        ("2000 ± 200 words", asked(1800, 2200)),
        ("1000 words +/- 50 words", asked(950, 1050)),
        ("七千字", asked(6300, 7700)),
        ("1万字的小说", asked(9000, 11000)),
        ("一万五千字", asked(13500, 16500)),
        ("300到400字", asked(300, 400)),
        ("3-5千字", asked(3000, 5000)),
        ("不超过五百字", asked(450, 500)),
        ("1500字以内", asked(1350, 1500)),
        ("不少于800字", asked(800, 880)),
        ("3000字以上", asked(3000, 3300)),
        ("至少1000字", asked(1000, 1100)),
        ("字数1400左右", asked(1260, 1540)),
        ("字数要求：3000字", asked(2700, 3300)),
        ("2000字±10%", asked(1800, 2200)),
        ("写一篇300词的英语作文", asked(270, 330)),
        ("8 chapters of 2,500 words each", asked(18000, 22000)),
        ("分两部分写，各写1000字", asked(1800, 2200)),
        ("Summarize this 9000-word paper in 300 words", asked(270, 330)),
        ("A 3000-word report with an abstract of 200 words", asked(2700, 3300)),
        ("a hundred million words", asked(90_000_000, 110_000_000)),
        ("20 000 words", asked(18_000, 22_000)),
        ("20\u202f000-word novel", asked(18_000, 22_000)),
        ("2.000 words", asked(1800, 2200)),
        ("a 1,500- to 2,000-word essay", asked(1500, 2000)),
        ("a 1,500-to-2,000-word essay", asked(1500, 2000)),
        ("2k字", asked(1800, 2200)),
        ("写一篇灯塔小说，3000字以上", asked(3000, 3300)),
        ("写一篇灯塔小说，3000-4000字", asked(3000, 4000)),
        ("A story of the sea,3000 words", asked(2700, 3300)),
        ("不少于800字，不超过1000字", asked(800, 1000)),
        ("no more than 1000 words, but at least 800 words", asked(800, 1000)),
        ("keep it to 1000 words max", asked(900, 1000)),
        ("max. 1000 words", asked(900, 1000)),
        ("800 words min", asked(800, 880)),
        ("each of the 12 chapters about 2,000 words", asked(21_600, 26_400)),
        ("each of the twelve chapters about 2,000 words", asked(21_600, 26_400)),
        ("Write 5 200-word parts in 1000 words", asked(900, 1100)),
        ("Schreibe eine Geschichte mit 500 Wörtern.", asked(450, 550)),
        ("eine 2.000-Wörter-Geschichte", asked(1800, 2200)),
        ("ein Bericht von 800 bis 1.000 Wörtern", asked(800, 1000)),
        ("Écris un conte de 500 mots.", asked(450, 550)),
        ("un rapport de 1 500 à 2 000 mots", asked(1500, 2000)),
        ("Résume ces 3 en 200 mots.", asked(180, 220)),
        ("Escribe un cuento de 500 palabras.", asked(450, 550)),
        ("entre 800 y 1000 palabras", asked(800, 1000)),
        ("Um conto de 500 palavras.", asked(450, 550)),
        ("Una favola di 500 parole per bambini.", asked(450, 550)),
        ("Een verhaal van 500 woorden.", asked(450, 550)),
        ("Opowiadanie na 500 słów.", asked(450, 550)),
        ("Рассказ на 500 слов.", asked(450, 550)),
        ("En saga på 500 ord.", asked(450, 550)),
        ("500文字の物語を書いてください。", asked(450, 550)),
        ("500語の作文", asked(450, 550)),
    ],
)
def test_a_stated_length_gives_its_range(text: str, expected: LengthRange) -> None:
    assert range_of(text) == expected


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("Write a high school essay", "other", (800, 1000)),
        ("Write a novel", "other", (9000, 12000)),
        ("Ada waits", "novel", (9000, 12000)),
        ("四字成语的故事", "story", (1500, 2500)),
        ("20 words per sentence, no more", "article", (1000, 1500)),
        ("Ada waits", "other", (800, 1200)),
        ("A report on 100 parole officers", "other", (2500, 4000)),
        ("世界の7000語族について", "other", (800, 1200)),
        pytest.param("500 a 500 a " * 20_000, "other", (800, 1200), id="ranges without an end"),
        pytest.param("9" * 5000 + " words", "other", (800, 1200), id="absurd"),
        pytest.param("a thousand " * 400, "other", (800, 1200), id="words without an end"),
        pytest.param("one " * 20_000, "other", (800, 1200), id="ones without an end"),
        pytest.param("one" + " " * 50_000 + "x", "other", (800, 1200), id="blanks without an end"),
        pytest.param("5 words " * 20_000, "other", (800, 1200), id="lengths without an end"),
        pytest.param("一" * 20_000, "other", (800, 1200), id="numerals without an end"),
        pytest.param("1，" * 20_000, "other", (800, 1200), id="separators without an end"),
    ],
)
def test_a_text_without_a_length_has_the_range_of_its_kind(
    text: str, kind: str, expected: tuple[int, int]
) -> None:
    assert range_of(text, kind=kind) == LengthRange(*expected, "kind")


def test_an_explicit_goal_wins_and_is_the_target() -> None:
    found = range_of("Write 900 words", goal=1001)
    assert (found, found.target) == (LengthRange(901, 1101, "explicit"), 1001)


def test_a_plain_number_is_its_own_target() -> None:
    assert range_of("in 2,345 words").target == 2345


@pytest.mark.skipif(
    not SHARED.exists(), reason="the benchmark's development part is not beside the repository"
)
def test_the_benchmarks_own_prompts_give_a_range_that_holds_or_starts_at_the_length_it_scores() -> None:
    rows = [json.loads(line) for line in SHARED.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        found = range_of(row["prompt"])
        assert found.lower <= row["length"] <= found.upper, row["prompt"][-80:]


def test_a_stated_length_tells_where_it_stands_and_how_it_names_words() -> None:
    text = "At least 2,000 words, at most 三千字; 字数：900左右. This 900-word story is not meant."
    found = stated_lengths(text)
    assert [(text[one.start : one.end], one.bound, one.lead, one.unit) for one in found] == [
        ("2,000 words", "least", "", " words"),
        ("三千字", "most", "", "字"),
        ("字数：900", None, "字数：", ""),
    ]
