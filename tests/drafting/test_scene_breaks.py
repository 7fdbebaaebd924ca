"""A scene break that a model writes stands between two scenes, or nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from engine.backends.protocol import Request
from engine.drafting.book import draft_book
from engine.drafting.ledger import RepetitionLedger
from engine.drafting.scene_breaks import LEAST_SCENE, PIECES, breaks_scene, in_place, last_sentence
from engine.drafting.settings import DraftSettings
from engine.drafting.task import Channel, SectionOutcome, SectionTask
from engine.text.counting import count_words
from engine.text.segmenting import ends_sentence
from tests import fakes
from tests.drafting.conftest import MemorySink, make_tasks
from tests.fakes import FakeBackend, Habit

SCENE = "The harbour lay in the dark. " * (LEAST_SCENE // 6 + 1)
BREAK = "* * *"


@pytest.mark.parametrize(
    "line", ["***", "* * *", "---", "- - -", "\\*\\*\\*", "___", "~ ~ ~", "＊＊＊", "⁂", " —— —"]
)
def test_these_lines_break_a_scene(line: str) -> None:
    assert breaks_scene(line)


@pytest.mark.parametrize("line", ["", "*", "#", "###", "**", "…", "...", "- a -", "| - |", "```", "==="])
def test_these_do_not(line: str) -> None:
    assert not breaks_scene(line)


@pytest.mark.parametrize("gap", ["", "\n", "\n\n"])
def test_a_break_stands_between_blank_lines(gap: str) -> None:
    before = SCENE.strip() + gap
    assert (
        before + in_place(before, "\n"[len(gap) :] + f"{BREAK}\n\nThe ")
        == f"{SCENE.strip()}\n\n{BREAK}\n\nThe "
    )


@pytest.mark.parametrize(
    "before",
    [
        "",
        "Too short for a scene.\n\n",
        SCENE + "And then\n\n",
        f"{SCENE}\n\n{BREAK}\n\n",
        f"{SCENE}\n\n---\n\n",
    ],
)
def test_without_a_scene_before_it_a_break_goes_and_the_text_stays(before: str) -> None:
    assert in_place(before, f"{BREAK}\n\nThe ") == "The "


def test_stars_within_a_line_are_none() -> None:
    assert in_place(SCENE, f"{BREAK}\n\nThe ") == f"{BREAK}\n\nThe "
    assert in_place(SCENE, "* ") == "* "


def test_a_break_is_one_piece_with_the_word_behind_it() -> None:
    assert PIECES.findall(f"It ended.\n\n{BREAK}\n\nThe man") == [
        "It ",
        "ended.\n\n",
        f"{BREAK}\n\nThe ",
        "man",
    ]


def test_no_sentence_ends_with_a_break() -> None:
    assert last_sentence(f"It ended.\n\n{BREAK}\n\nThe man") == len("It ended.")
    assert last_sentence(f"It ended.\n\n{BREAK}\n\n---\n\nThe man") == len("It ended.")
    assert last_sentence(f"- one\n- two\n\n{BREAK}\n\nThe") == len("- one\n- two\n")
    assert last_sentence(f"{BREAK}\n\nThe man") == 0


def breaking(form: str, every: int) -> Habit:
    """Prose with a scene break behind every so many sentences, several at once, and one before the first."""

    def habit(request: Request) -> Iterator[str]:
        ended = 0
        yield from ("\n\n", form, "\n\n")
        for piece in fakes.prose(request):
            yield piece if ended % every else piece.lstrip()
            if piece.endswith("."):
                ended += 1
                if ended % every == 0:
                    yield from ("\n\n", form, "\n\n", form, "\n")

    return habit


def drafted(
    habit: Habit, target: int, kind: str = "novel", prefix: str = "", kept: int = 0
) -> SectionOutcome:
    backend, ledger, settings = FakeBackend(habit), RepetitionLedger(), DraftSettings()
    task = replace(make_tasks(backend, [target])[0], prefix_text=prefix, kept=kept)
    return draft_book(backend, [task], MemorySink(), settings, ledger, kind=kind).sections["0"]


def scenes(text: str) -> list[str]:
    return text.split(f"\n\n{BREAK}\n\n")


@pytest.mark.parametrize("form", ["***", "---", "⁂"])
@pytest.mark.parametrize("target", [150, 290, 400, 710])
def test_a_section_of_a_novel_keeps_its_scenes_apart(form: str, target: int) -> None:
    section = drafted(breaking(form, 6), target)
    parts = scenes(section.text)
    assert len(parts) > 1
    assert all(count_words(part) >= LEAST_SCENE and ends_sentence(part) for part in parts[:-1])
    assert parts[-1].strip()
    assert BREAK not in "".join(parts)
    assert not re.search(r"\n{3}|---|⁂", section.text)
    assert section.finish == "complete"
    assert section.words == count_words(section.text) == sum(map(count_words, parts))


@pytest.mark.parametrize("every", [1, 2])
def test_breaks_behind_every_sentence_are_babble(every: int) -> None:
    parts = scenes(drafted(breaking("***", every), 300).text)
    assert all(count_words(part) >= LEAST_SCENE for part in parts[:-1])


def test_a_report_has_no_scenes() -> None:
    assert BREAK not in drafted(breaking("---", 6), 300, kind="report").text


def test_what_is_stored_never_ends_with_a_break() -> None:
    """Every state that a killed process may leave behind."""
    backend, sink = FakeBackend(breaking("***", 6)), _Watching()
    draft_book(backend, make_tasks(backend, [400]), sink, DraftSettings(), RepetitionLedger(), kind="novel")
    assert any(BREAK in state for state in sink.states)
    for state in sink.states:
        assert not re.search(r"(?m)^[* ]*\*[* ]*\Z", state.rstrip())
        assert not state.lstrip().startswith("*")


class _Watching(MemorySink):
    def __init__(self) -> None:
        super().__init__()
        self.states: list[str] = []

    def wrote(self, task: SectionTask, channel: Channel, text: str) -> None:
        super().wrote(task, channel, text)
        self.states.append(self.texts[task.key])

    def cut(self, task: SectionTask, text: str) -> None:
        super().cut(task, text)
        self.states.append(self.texts[task.key])


def test_a_draft_cut_off_anywhere_goes_on_with_every_word_and_no_second_break() -> None:
    backend, sink = FakeBackend(breaking("***", 6)), _Watching()
    draft_book(backend, make_tasks(backend, [300]), sink, DraftSettings(), RepetitionLedger(), kind="novel")
    first = next(place for place, state in enumerate(sink.states) if BREAK in state)
    for stored in sink.states[first - 3 : first + 3]:
        section = drafted(breaking("***", 6), 300, prefix=stored)
        assert section.text.startswith(stored.rstrip())
        assert section.finish == "complete"
        assert all(part.strip() for part in scenes(section.text))
        assert not any(a == b == BREAK for a, b in pairwise(section.text.split("\n\n")))


@pytest.mark.parametrize("end", [f"\n\n{BREAK}", f"\n\n{BREAK}\n\n", "\n---\n"])
def test_a_break_of_the_writers_own_stays_and_gets_no_second_one(end: str) -> None:
    text = SCENE.strip() + end
    section = drafted(breaking("***", 6), 200, prefix=text, kept=len(text))
    assert section.text.startswith(text)
    assert not section.text[len(text) :].strip().startswith("*")
    assert drafted(fakes.nothing, 200, prefix=text, kept=len(text)).text == text
