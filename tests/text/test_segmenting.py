from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.text.segmenting import _sentence_ends, ends_sentence, last_sentence_end, paragraphs, sentences

# fmt: off
PIECES = st.lists(
    st.sampled_from([
        "The ", "he ", "Mr. ", "J. ", "3.5 ", "No. ", "end. ", "Why? ", '"Go!" ', "wait... ", "他走了。",
        "好！”", "B.", "Dr. ",
        "end.“", "है। ", "end.[1] ", "end. 😀 ", "\n", "\n\n", "- item", "## Head", "1. ", "***",
        ".", "…", " ", "I. ", ")",
    ]),
    max_size=30,
).map("".join)
# fmt: on


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rained. He left! Why? Nobody knew…", ["It rained.", "He left!", "Why?", "Nobody knew…"]),
        ("Mr. Smith met J. K. Rowling. They spoke.", ["Mr. Smith met J. K. Rowling.", "They spoke."]),
        (
            "It cost 3.5 crowns, e.g. Monday. See No. 5 there.",
            ["It cost 3.5 crowns, e.g. Monday.", "See No. 5 there."],
        ),
        ("He said no. Then he left.", ["He said no.", "Then he left."]),
        ("Better than I. We ran.", ["Better than I.", "We ran."]),
        ('"Stop!" he said. "Go." She ran.', ['"Stop!" he said.', '"Go."', "She ran."]),
        ("He left... and came back. Then... Nothing.", ["He left... and came back.", "Then...", "Nothing."]),
        (
            "*He ran.* **She stayed.** (It rained.) Yes.",
            ["*He ran.*", "**She stayed.**", "(It rained.)", "Yes."],
        ),
        ("他走了。“走吧！”她说。是吗？！好", ["他走了。", "“走吧！”", "她说。", "是吗？！", "好"]),
        ("雪が降った。「行こう。」と彼は言った。", ["雪が降った。", "「行こう。」", "と彼は言った。"]),
        (
            "# Title\nOne. Two\n\n- item a\n- item b\nend",
            ["# Title", "One.", "Two", "- item a", "- item b", "end"],
        ),
        ("1. First thing\n2. Second thing", ["1. First thing", "2. Second thing"]),
        ("A line that\ngoes on. Next.", ["A line that\ngoes on.", "Next."]),
        ("He came in 1984. It was cold.", ["He came in 1984.", "It was cold."]),
        ("1986. Two years.\n1987. Three.", ["1986.", "Two years.", "1987.", "Three."]),
        (
            "Dr. Smith took plan B. Ada took A.\n\nPlan C.\n\nYes.",
            ["Dr. Smith took plan B. Ada took A.", "Plan C.", "Yes."],
        ),
        (
            "„Ende.“ Sie ging. »Komm.« ›Nein.‹ Er blieb.",
            ["„Ende.“", "Sie ging.", "»Komm.«", "›Nein.‹", "Er blieb."],
        ),
        ("वह गया। बारिश हुई॥ अंत", ["वह गया।", "बारिश हुई॥", "अंत"]),
        ("من هو؟ لا أحد. آیا وہ گیا۔ ہاں", ["من هو؟", "لا أحد.", "آیا وہ گیا۔", "ہاں"]),
        ("Նա գնաց։ Լավ", ["Նա գնաց։", "Լավ"]),
        ("ሄደ። ጥሩ", ["ሄደ።", "ጥሩ"]),
        ("သွားသည်။ ကောင်း", ["သွားသည်။", "ကောင်း"]),
        (
            "It grew.¹ It fell.[2] “Yes.”[^3] Done. 😀 Next.",
            ["It grew.¹", "It fell.[2]", "“Yes.”[^3]", "Done. 😀", "Next."],
        ),
        ("", []),
    ],
)
def test_a_text_falls_into_these_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "It ended.",
        "It ended.  \n\n",
        'He said "no."',
        "“好吧。”",
        "他走了！",
        "It was *over.*",
        "(It ended.)",
        "Nobody knew…",
        "He came in 1984.",
        "He said no.",
        "## A heading\n",
        "- a list item\n",
        "It ended.\n\n***",
        "x" * 500 + ".",
        "It ended." + " " * 1000,
        "Ende.“",
        "„Er sagte ‚Ende.‘“",
        "»Ende.«",
        "›Ende.‹",
        "« Fin.\u00a0»",
        "अंत।",
        "the word.[1]",
        "It grew.¹",
        "It grew.”[^12]",
        "We took plan B.",
        "It is Vitamin C.\n",
        "He lives on Main St.",
        "Ask the Dr.",
        "A good day. 😀",
        "A good day!❤️",
    ],
)
def test_these_texts_end_a_sentence(text: str) -> None:
    assert ends_sentence(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n",
        "It ended. He",
        "He met Mr.",
        "1.",
        "He left. “",
        "他走了。“",
        "Dr. Smith",
        "a smile 😀",
        "a list:\n1.",
        "## A heading",
        "- a list item",
        "so,",
        "他走",
        "e.g.",
    ],
)
def test_these_texts_do_not_end_a_sentence(text: str) -> None:
    assert not ends_sentence(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("It rained. He left and", "It rained."),
        ('He said "no." Then', 'He said "no."'),
        ("It rained. He met Mr. Smi", "It rained."),
        ("他走了。她说", "他走了。"),
        ("## Head\nAnd so", "## Head\n"),
        ("It rained. He met Dr. Smi", "It rained."),
        ("It rained. We took plan B.", "It rained. We took plan B."),
        ("He left. “", "He left."),
        ("他走了。“走", "他走了。"),
        ("Nothing ends here", ""),
        ("", ""),
        ("It rained. " + "And it rained " * 500, "It rained."),
    ],
)
def test_what_stands_before_the_last_sentence_end_is_whole(text: str, kept: str) -> None:
    assert text[: last_sentence_end(text)] == kept


@given(PIECES)
def test_sentences_lose_nothing_but_white_space(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@given(PIECES)
def test_a_text_cut_at_its_last_sentence_end_ends_a_sentence(text: str) -> None:
    end = last_sentence_end(text)
    assert end == 0 or ends_sentence(text[:end])


@given(PIECES, PIECES)
def test_looking_at_the_end_finds_what_looking_at_all_finds(start: str, end: str) -> None:
    text = start + "And on it went " * 200 + end
    assert last_sentence_end(text) == max([0, *_sentence_ends(text, 0)])
    assert last_sentence_end(text + "Then. ") == max(_sentence_ends(text + "Then. ", 0))


def test_paragraphs_are_what_blank_lines_divide() -> None:
    assert paragraphs("\n\nOne\nline.\n \n\nTwo.\n") == ["One\nline.", "Two."]
