from __future__ import annotations

import pytest

from engine.drafting.section_text import SectionText
from engine.text.counting import count_words

TEXT = 'Mr. Hale paid 3.50 for it. "Stop!" he said. Nobody did…\n\nThe rain (it was May.) went on. Then what?'


def grown(text: str, size: int) -> tuple[SectionText, list[str]]:
    body = SectionText()
    seen = []
    for start in range(0, len(text), size):
        seen += [sentence.text for sentence in body.append(text[start : start + size])]
    return body, seen + [sentence.text for sentence in body.finish()]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 500])
def test_sentences_are_the_same_however_the_text_arrives(size: int) -> None:
    body, seen = grown(TEXT, size)
    assert seen == [
        "Mr. Hale paid 3.50 for it.",
        '"Stop!" he said.',
        "Nobody did…",
        "The rain (it was May.) went on.",
        "Then what?",
    ]
    assert body.words == count_words(TEXT)


def test_a_sentence_is_certain_only_when_something_follows() -> None:
    body = SectionText()
    assert body.append("It cost 3.") == []
    assert body.append("50 in all.") == []
    assert [sentence.text for sentence in body.append(" So")] == ["It cost 3.50 in all."]


def test_a_scene_break_belongs_to_the_sentence_behind_it() -> None:
    text = "He left the pier.\n\n* * *\n\nThe rain went on. Then"
    body, seen = grown(text, 3)
    assert seen == ["He left the pier.", "The rain went on."]
    assert body.text[: body.sentences[1].start] == "He left the pier."


def test_positions_point_into_the_text() -> None:
    body, _ = grown(TEXT, 4)
    assert "".join(body.text[sentence.start : sentence.end] for sentence in body.sentences) == TEXT
    assert all(body.text[s.start : s.end].strip() == s.text for s in body.sentences)


def test_cutting_takes_back_text_words_and_sentences() -> None:
    body, _ = grown(TEXT, 4)
    end = body.sentences[1].end
    assert body.cut(end) == TEXT[end:]
    assert body.words == count_words(TEXT[:end])
    assert len(body.sentences) == 2
    assert [sentence.text for sentence in body.append(" All was well. And")] == ["All was well."]


def test_a_running_sentence_is_closed_at_the_clause_nearest_to_the_aim() -> None:
    body = SectionText("one two three, four five six, seven eight nine ten eleven")
    position = body.clause_end_near(6, 3)
    assert body.text[:position] == "one two three, four five six, seven"[:-7]
    assert body.clause_end_near(40, 2) is None


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (12, "By noon he had counted every lamp that burned in the tower"),
        (10, "By noon he had counted every lamp that burned"),
        (14, "By noon he had counted every lamp that burned in the tower"),
    ],
)
def test_a_sentence_is_broken_off_where_another_phrase_begins_and_never_behind_a_word_that_leans(
    words: int, kept: str
) -> None:
    body = SectionText(
        "By noon he had counted every lamp that burned in the tower and all of the boats on the"
    )
    position = body.word_end_near(words, 4)
    assert body.text[:position] == kept
    assert body.word_end_near(40, 2) is None


def test_a_comma_behind_a_word_that_leans_is_no_clause_end() -> None:
    assert SectionText("He knew that, although nobody said so").clause_end_near(3, 1) is None
