from __future__ import annotations

import pytest
from pydantic import ValidationError

from engine.errors import BadInput
from engine.planning.brief import (
    MOST_CHARACTERS,
    MOST_GOAL,
    Brief,
    check_goal,
    guess_language,
    read_brief,
    read_goal,
    title_of,
)


def test_a_plain_sentence_is_a_brief() -> None:
    brief = read_brief("A novel about a lighthouse.")
    assert brief == Brief(kind="novel", premise="A novel about a lighthouse.", language="en")


def test_settings_at_the_top_are_read_and_the_rest_is_the_premise() -> None:
    brief = read_brief(
        b"# The Long Winter\n\nKind: Story\nWords: 20,000 words\nAudience: adults\nStyle: dry\nLanguage: de\n"
        b"\nAda waits.\nStyle: is not a setting down here."
    )
    assert brief.premise == "# The Long Winter\n\n\nAda waits.\nStyle: is not a setting down here."
    assert (brief.kind, brief.goal_words, brief.language) == ("story", 20_000, "de")
    assert (brief.audience, brief.style) == ("adults", "dry")


@pytest.mark.parametrize(
    "top",
    [
        "- Kind: story\n- Words: 3,000\n- Audience: adults\n- Style: dry\n- Language: de",
        "1. Kind: story\n2. Words: 3,000\n3) Audience: adults\n4. Style: dry\n5. **Language:** de",
        "**Kind:** Story\n**Words**: 3,000\n__Audience:__ adults\n*Style*: dry\n***Language:*** de",
        "**Kind: story**\n**Words: 3,000**\n**Audience: adults**\n* **Style:** dry\n* **Language:** `de`",
        "---\nkind: story\nwords: 3_000\naudience: 'adults'\n\nstyle: \"dry\"\nlanguage: de\n---",
        "Kind : story  \nWord count: 3k\\\nReaders: adults\nTone: dry\nLanguage: German",
        "Genre: short story\nTarget length: about 3,000 words\nReadership: adults\nVoice: dry\nLanguage: de",
        "Type: Story\nLength: 2,500 to 3,500\nTarget audience: adults\nWriting style: dry\nLanguage: de",
        "体裁：短篇小说\n字数：约3000字\n读者：adults\n风格：dry\n语言：德语",
        "體裁：故事\n**字數：**三千字\n讀者：adults\n風格：dry\n語言：德语",
        "Textart: Kurzgeschichte\nUmfang: rund 3.000 Wörter\nZielgruppe: adults\nStil: dry\nSprache: Deutsch",
    ],
)
def test_settings_are_read_however_they_are_marked_and_called(top: str) -> None:
    assert read_brief(f"{top}\n\nAda waits.") == Brief(
        kind="story", premise="Ada waits.", audience="adults", style="dry", language="de", goal_words=3000
    )


@pytest.mark.parametrize(
    "line",
    [
        "Setting: a lighthouse",
        "- **Main character:** Ada",
        "Length: a short story",
        "Length: 3 chapters",
        "Length: three parts of 900 words each",
        "Genre: mystery",
        "字数：不限",
        "语言：简洁",
        "Chapter 1: The storm",
    ],
)
def test_a_line_that_is_no_setting_stays_and_ends_nothing(line: str) -> None:
    brief = read_brief(f"Style: dry\n{line}\nAudience: adults\n\nAda waits.")
    assert brief.premise == f"{line}\n\nAda waits."
    assert (brief.style, brief.audience, brief.goal_words) == ("dry", "adults", None)


def test_front_matter_keeps_what_it_does_not_know() -> None:
    brief = read_brief("---\ntitle: The Long Winter\nkind: novel\ntags:\n  - ice\n---\nAda waits.")
    assert brief.premise == "title: The Long Winter\ntags:\n  - ice\n\nAda waits."
    assert (brief.kind, title_of(brief)) == ("novel", "The Long Winter")


@pytest.mark.parametrize(
    "text", ["---\nAda waits.\n---\nKind: none", "---\nAda: I wait.\n---\nBen left.", "---\n\nAda waits."]
)
def test_rules_between_scenes_are_no_front_matter(text: str) -> None:
    assert read_brief(text).premise == text


def test_style_and_tone_stand_together() -> None:
    assert read_brief("Style: dry\nTone: grim\n\nAda waits.").style == "dry; grim"


def test_what_is_given_beside_the_brief_wins() -> None:
    brief = read_brief(
        "Kind: story\nWords: 900\n\nAda.", kind="report", goal_words=700, language="fr", outline=" # A "
    )
    assert (brief.kind, brief.goal_words, brief.language, brief.outline) == ("report", 700, "fr", "# A")


@pytest.mark.parametrize("raw", ["\ufeffAda waits.", "Ada waits.\r\n"])
def test_marks_of_other_systems_are_left_out(raw: str) -> None:
    assert read_brief(raw.encode("utf-8")).premise == "Ada waits."
    assert read_brief("Ada waits.".encode("utf-16")).premise == "Ada waits."


@pytest.mark.parametrize("raw", [b"", b" \n\t ", b"# \n\n***", "", b"Kind: novel\nWords: 900\n"])
def test_an_empty_brief_is_refused(raw: bytes | str) -> None:
    with pytest.raises(BadInput, match="The brief is empty"):
        read_brief(raw)


@pytest.mark.parametrize("raw", [b"\x7fELF\x02\x01\x01\x00\x00", b"\xff\xd8\xff\xe0JFIF", b"caf\xe9", "a\0b"])
def test_a_binary_brief_is_refused(raw: bytes | str) -> None:
    with pytest.raises(BadInput, match="is no text"):
        read_brief(raw)


def test_a_brief_that_is_too_long_is_refused_with_both_figures() -> None:
    with pytest.raises(BadInput, match=r"200,001 characters; 200,000 is the most"):
        read_brief("a" * (MOST_CHARACTERS + 1))


def test_an_unknown_kind_is_refused_with_the_kinds_there_are() -> None:
    with pytest.raises(BadInput, match=r"“poem” is no kind of text\. Choose one of: novel, story, report"):
        read_brief("Ada.", kind="poem")


@pytest.mark.parametrize("words", [0, -5, 1, 49, 100_000_000, MOST_GOAL + 1])
def test_a_goal_that_cannot_be_planned_is_refused_everywhere(words: int) -> None:
    with pytest.raises(BadInput, match="words"):
        check_goal(words)
    with pytest.raises(BadInput, match="words"):
        read_brief("Ada.", goal_words=words)
    with pytest.raises(BadInput, match="words"):
        read_brief(f"Words: {words}\n\nAda.")


@pytest.mark.parametrize("words", [50, 3000, MOST_GOAL])
def test_a_goal_in_reach_is_kept(words: int) -> None:
    assert check_goal(words) == words


def test_an_empty_length_leaves_it_to_the_premise() -> None:
    assert read_goal("  ") is None


@pytest.mark.parametrize(
    "words",
    ["plenty", "a lot", "9" * 5000, "2e3", "2.5e3", "60x100", "3k5", "1.5", "1,5", "1500,5", "50.25 words"],
)
def test_a_length_in_no_whole_number_is_refused(words: str) -> None:
    with pytest.raises(BadInput, match=f"“{words[:40]}” is no length"):
        read_brief(f"Words: {words}\n\nAda.")


@pytest.mark.parametrize(
    ("words", "goal"),
    [
        ("3k", 3000),
        ("20.000", 20_000),
        ("20 000 words", 20_000),
        ("20_000", 20_000),
        ("2万", 20_000),
        ("about 2,500", 2500),
        ("two thousand", 2000),
        ("3,000-4,000", 3500),
        ("2-3k", 2500),
        ("1,500", 1500),
        ("1.500", 1500),
        ("1 500", 1500),
        ("3,000.00", 3000),
        ("1.5k", 1500),
        ("1,5k words", 1500),
        ("1.5-2k", 1750),
        ("3000w", 3000),
    ],
)
def test_a_stated_length_is_read_as_people_write_it(words: str, goal: int) -> None:
    assert read_brief(f"Words: {words}\n\nAda.").goal_words == goal


def test_a_language_is_kept_as_a_tag() -> None:
    assert read_brief("Language: Deutsch\n\nAda.").language == "de"
    assert read_brief("Ada.", language="中文").language == "zh"
    with pytest.raises(BadInput, match="“gibberish” is no language"):
        read_brief("Language: gibberish\n\nAda.")


def test_a_brief_takes_no_unknown_fields() -> None:
    with pytest.raises(ValidationError):
        Brief.model_validate({"premise": "Ada.", "mood": "sad"})


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Snow", "en"),
        ("写一篇 Python 教程", "zh"),
        ("雪についての小説", "ja"),
        ("Роман о снеге", "ru"),
        ("눈 이야기", "ko"),
    ],
)
def test_the_script_tells_the_language(text: str, language: str) -> None:
    assert guess_language(text) == language


@pytest.mark.parametrize(
    ("premise", "title"),
    [
        ("# The Long Winter\n\nAda waits.", "The Long Winter"),
        ("Ada waits.", "Ada waits"),
        ("Mood: grim\n**Title:** The Long Winter\n\nAda waits.", "The Long Winter"),
        (
            "Ada waits on the pier for the boat. Then the ice closes the river and nobody comes.",
            "Ada waits on the pier for the boat",
        ),
        (
            "Write a news report about the flood that hit the harbour town on Tuesday. Neutral tone.",
            "The flood that hit the harbour town on Tuesday",
        ),
        ("Please write a letter to my landlord.", "A letter to my landlord"),
        ("Write me a story titled “The Salt Road” about two brothers.", "The Salt Road"),
        ("Write a 2,400 word thesis on the quay.", "The quay"),
        ("Write a 600-word plan for a garden, at least 500 words.", "A plan for a garden"),
        ("Help me write a report of 800 to 1,000 words on tides.", "Tides"),
        ("Write a description of the sun, write it in approximately 150 words", "A description of the sun"),
        ("The fishing fleet of 1890, 3500 words.", "The fishing fleet of 1890"),
        ("A 900-word tale of the sea", "A 900-word tale of the sea"),
        ("帮我写一段主题是大海的200字的rap。", "主题是大海的rap"),
        ("积极心理学入门课15000字", "积极心理学入门课"),
        ("五幕剧本（10000字中文）", "五幕剧本"),
        ("写一篇灯塔小说，3000字以上", "灯塔小说"),
        ("写一篇灯塔小说，要求3000字左右。", "灯塔小说"),
        ("写一篇灯塔小说，字数在3000字以上", "灯塔小说"),
        ("写一篇灯塔小说，不得少于3000字", "灯塔小说"),
        ("写一篇灯塔小说，大约3000字，语言优美", "灯塔小说，语言优美"),
        ("Write a story,3000 words, with a map.", "A story, with a map"),
        ("3000 words", "3000 words"),
        ("Can you write a story about dragons? Make it short.", "Dragons"),
        ("Write a report based on the data of 2023.", "A report based on the data of 2023"),
        ("Writing about the sea is hard.", "Writing about the sea is hard"),
        ("Schreibe mir eine Geschichte über den Hafen.", "Eine Geschichte über den Hafen"),
        ("写一篇600字的散文，题目是《故乡的秋天》，回忆外婆家的院子。", "故乡的秋天"),
        ("请写一篇关于海洋保护的文章。", "海洋保护"),
        ("word " * 40, "word word word word word word word word word word word word…"),
    ],
)
def test_the_working_title_is_short_and_whole(premise: str, title: str) -> None:
    assert title_of(Brief(premise=premise)) == title
