from __future__ import annotations

import json

import pytest

from engine.drafting.ledger import RepetitionLedger
from engine.drafting.prompt_pack import PromptPack, build
from engine.drafting.prompt_parts import OutlineRow
from engine.drafting.settings import THINK_TOKENS, DraftSettings
from engine.errors import PromptTooLong
from engine.planning.brief import Brief
from tests.fakes import FakeBackend

BRIEF = Brief(kind="novel", premise="A keeper finds a letter.", style="calm", audience="adults")


def outline(chapters: int, sections: int = 0) -> list[OutlineRow]:
    rows = []
    for c in range(1, chapters + 1):
        rows.append(OutlineRow(f"{c}", f"{c}", f"Chapter name {c}", "", 0, 500, sections == 0))
        rows += [
            OutlineRow(f"{c}.{s}", f"{c}.{s}", f"Section name {c}.{s}", f"Beat {c}.{s}", 1, 300, True)
            for s in range(1, sections + 1)
        ]
    return rows


def pack(
    rows: list[OutlineRow],
    key: str,
    *,
    context: int = 8192,
    brief: Brief = BRIEF,
    summaries: tuple[str, ...] = (),
    last_words: str = "",
    ledger: RepetitionLedger | None = None,
    settings: DraftSettings | None = None,
) -> PromptPack:
    return build(
        FakeBackend(context=context),
        brief=brief,
        outline=rows,
        key=key,
        summaries=summaries,
        last_words=last_words,
        settings=settings or DraftSettings(),
        ledger=ledger or RepetitionLedger(),
    )


def part(made: PromptPack, name: str) -> str:
    return next(part.text for part in made.parts if part.name == name)


def dropped(made: PromptPack, name: str) -> str | None:
    return next(part.dropped for part in made.parts if part.name == name)


def test_the_model_sees_every_part_and_nothing_else() -> None:
    made = pack(outline(3), "2", summaries=("Chapter name 1: It rained.",), last_words="It rained.")
    assert [message.role for message in made.messages] == ["system", "user"]
    shown = "\n\n".join(message.content for message in made.messages)
    assert shown == "\n\n".join(part.text for part in made.parts if part.text)
    assert [part.name for part in made.parts] == [
        "instructions",
        "brief",
        "outline",
        "chapter",
        "summary",
        "last_words",
        "phrases",
        "task",
    ]
    assert "about 500 words" in part(made, "task")
    assert "Chapter name 3" in part(made, "outline")
    assert all(part.dropped is None for part in made.parts)


def test_what_stays_the_same_from_section_to_section_comes_first() -> None:
    rows = outline(4)
    first, second = pack(rows, "1"), pack(rows, "2", summaries=("Chapter name 1: It rained.",))
    stable = "\n\n".join(part(first, name) for name in ("brief", "outline"))
    assert first.messages[0] == second.messages[0]
    assert first.messages[1].content.startswith(stable)
    assert second.messages[1].content.startswith(stable)


def test_prompt_and_answer_fit_the_context_for_every_size_of_it() -> None:
    rows = outline(12, 8)
    summaries = tuple(f"Section {n}: " + "and then the tide came in again " * 4 for n in range(60))
    for context in (1024, 1500, 2048, 4096, 8192):
        made = pack(rows, "6.4", context=context, summaries=summaries, last_words="It rained again. " * 200)
        backend = FakeBackend(context=context)
        assert backend.prompt_tokens(made.messages) + made.answer_reserve <= context
        assert made.answer_reserve >= 300


def test_what_is_left_out_is_said() -> None:
    made = pack(
        outline(40, 10),
        "20.3",
        context=2048,
        summaries=("The old keeper said nothing. " * 8,) * 20,
        last_words="The rain went on. " * 100,
    )
    assert "oldest lines" in (dropped(made, "summary") or "")
    assert "earliest words" in (dropped(made, "last_words") or "")
    assert dropped(made, "outline") is not None
    assert "Section name 20.3" in part(made, "outline")
    assert part(made, "last_words").endswith('The rain went on."')


def test_the_newest_lines_of_the_summary_stay() -> None:
    made = pack(
        outline(3), "2", context=1500, summaries=tuple(f"Line {n} " + "of rain " * 10 for n in range(50))
    )
    assert "Line 49" in part(made, "summary")
    assert "Line 0 " not in part(made, "summary")


def test_a_long_outline_falls_back_to_its_chapters() -> None:
    made = pack(outline(9, 30), "5.2", context=4096)
    assert "Chapter name 9" in part(made, "outline")
    assert "Section name 5.2" in part(made, "outline")
    assert "Section name 5.3" not in part(made, "outline")


def under(note: str, beat: str) -> list[OutlineRow]:
    return [
        OutlineRow("1", "1", "The storm", note, 0, 500, False),
        OutlineRow("1.1", "1.1", "The quay", beat, 1, 500, True),
    ]


def test_what_the_writer_noted_for_a_chapter_is_told_in_its_sections() -> None:
    made = pack(under("Nobody may leave the island.", "Anna waits."), "1.1")
    assert 'for "The storm" as a whole: Nobody may leave the island.' in part(made, "chapter")
    assert "Nobody may leave" in made.messages[1].content
    other = pack([*under("Nobody may leave.", ""), OutlineRow("2", "2", "After", "", 0, 500, True)], "2")
    assert part(other, "chapter") == ""


def test_a_note_that_was_dealt_out_to_its_parts_is_not_told_whole_in_each() -> None:
    assert part(pack(under("Anna waits. The boat comes.", "Anna waits."), "1.1"), "chapter") == ""


@pytest.mark.parametrize("note", ["It rains and it rains. " * 400, "雨下了一整夜，谁也不肯离开。" * 200])
def test_a_long_note_is_cut_from_its_end_and_that_is_said(note: str) -> None:
    made = pack(under(note, "Anna waits."), "1.1")
    shown = next(each for each in made.parts if each.name == "chapter")
    assert note[:20].strip() in shown.text
    assert shown.tokens <= shown.budget
    assert "last words" in (shown.dropped or "")


def test_a_brief_that_leaves_no_room_for_the_answer_is_refused() -> None:
    with pytest.raises(PromptTooLong, match="Chapter name 1"):
        pack(outline(2), "1", context=1024, brief=Brief(premise="word " * 800))


def test_a_section_longer_than_the_context_is_refused() -> None:
    rows = [OutlineRow("1", "1", "Long", "", 0, 9000, True)]
    with pytest.raises(PromptTooLong, match="9000 words"):
        pack(rows, "1")


def test_worn_out_phrases_are_named() -> None:
    ledger = RepetitionLedger()
    for place in ("harbour", "garden", "valley", "tower"):
        ledger.add(f"At the end of the {place} stood a tree.")
    assert "the end of the" in part(pack(outline(2), "1", ledger=ledger), "phrases")


def test_thinking_is_asked_for_and_has_room_of_its_own() -> None:
    plain, thinking = pack(outline(2), "1"), pack(outline(2), "1", settings=DraftSettings(think="on"))
    assert thinking.thinks
    assert not plain.thinks
    assert "<think>" in thinking.messages[0].content
    assert thinking.answer_reserve == plain.answer_reserve + THINK_TOKENS


def test_a_chinese_brief_gets_a_chinese_prompt() -> None:
    made = pack(outline(2), "1", brief=Brief(premise="灯塔的故事", language="zh"))
    assert "约 500 字" in part(made, "task")
    assert "大纲" in part(made, "outline")
    assert not any(word in made.messages[1].content for word in ("Outline", "words"))


def test_a_single_section_is_asked_for_the_whole_text() -> None:
    made = pack(outline(1), "1")
    assert "Now write the text, in about 500 words." in part(made, "task")
    assert part(made, "outline") == ""


def test_a_pack_survives_json() -> None:
    made = pack(outline(3), "2", summaries=("One.",))
    assert PromptPack.from_json(json.loads(json.dumps(made.as_json()))) == made


@pytest.mark.parametrize(
    ("language", "told"), [("zh-Hant", True), ("zh-TW", True), ("zh", False), ("zh-Hans", False)]
)
def test_a_model_is_told_to_write_traditional_characters(language: str, told: bool) -> None:
    made = pack(outline(2), "1", brief=Brief(premise="燈塔的故事", language=language))
    assert ("請用繁體中文書寫。" in part(made, "brief")) == told


def numbered(*titles: str) -> list[OutlineRow]:
    return [OutlineRow(str(n), str(n), title, "", 0, 300, True) for n, title in enumerate(titles, 1)]


def test_titles_that_bring_their_own_numbers_are_numbered_once() -> None:
    made = pack(numbered("Abstract", "1. Introduction", "2.1 Cultures"), "3")
    assert part(made, "outline").splitlines()[1:] == ["1 Abstract", "2 Introduction", "3 Cultures"]
    assert 'section 3, "Cultures"' in part(made, "task")


def test_a_number_that_is_part_of_one_title_stays() -> None:
    made = pack(numbered("The jury", "12 Angry Men"), "2")
    assert part(made, "outline").splitlines()[1:] == ["1 The jury", "2 12 Angry Men"]


def test_a_brief_in_markdown_is_shown_without_its_hashes() -> None:
    made = pack(
        outline(1),
        "1",
        brief=Brief(kind="report", premise="# Light\n\nOn duckweed.\n\n## Tone\nDry. C# too."),
    )
    assert part(made, "brief") == "The report: Light\n\nOn duckweed.\n\nTone\nDry. C# too."
