from __future__ import annotations

from engine.drafting.summary import SUMMARY_WORDS, last_words, summarise
from engine.text.counting import count_words

TEXT = (
    "It was late. The lighthouse keeper climbed the lighthouse stairs with the letter in her coat. "
    "She was tired. Outside, the harbour froze and the lighthouse lamp went out above the harbour wall. "
    "Nothing else happened that day, or so they said. The letter lay on the lighthouse table, unread."
)


def test_a_summary_is_made_of_the_texts_own_sentences_in_order() -> None:
    summary = summarise(TEXT)
    assert 0 < count_words(summary) <= SUMMARY_WORDS
    places = [TEXT.index(sentence) for sentence in summary.split(". ") if sentence]
    assert places == sorted(places)
    assert "lighthouse" in summary


def test_an_empty_text_has_no_summary_and_no_last_words() -> None:
    assert summarise("") == ""
    assert last_words("") == ""


def test_a_chinese_text_is_summed_up_too() -> None:
    assert (
        summarise("夜深了。灯塔看守人带着那封信走上灯塔的楼梯。她累了。", 20)
        == "灯塔看守人带着那封信走上灯塔的楼梯。"
    )


def test_last_words_are_whole_sentences_from_the_end() -> None:
    assert last_words(TEXT, 20) == (
        "Nothing else happened that day, or so they said. The letter lay on the lighthouse table, unread."
    )
    assert last_words("夜深了。她累了。") == "夜深了。她累了。"
