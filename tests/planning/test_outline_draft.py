from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.backends.protocol import Backend, Request
from engine.planning.brief import Brief
from engine.planning.outline_draft import draft_outline
from engine.planning.outline_prompts import Stage, scenes, stages
from engine.planning.outline_text import OutlineItem, leaves, parse_outline, render_outline
from engine.planning.quotas import SectionLimits
from tests import fakes
from tests.fakes import FakeBackend, Habit

NOVEL = Brief(
    kind="novel", premise="A lighthouse keeper's daughter waits for her missing brother on a northern island."
)
LIST = re.compile(r"(?:in|next) (\d+) (?:chapter|section)s")
# fmt: off
PLACES = (
    "Pier", "Tower", "Cellar", "Harbour", "Church", "Quarry", "Bridge", "Meadow", "Mill", "Station", "Market",
    "Orchard", "Chapel", "Ferry",
)
PEOPLE = (
    "Ada", "Josef", "Clara", "Piet", "Mara", "Anton", "Ilse", "Bruno", "Vera", "Otto", "Hanne", "Emil",
    "Nora", "Karl",
)
# fmt: on
Answering = Callable[[Callable[[Request], str]], FakeBackend]


def check(items: list[OutlineItem], goal: int) -> None:
    """What every drafted outline must be."""
    found = list(leaves(items))
    assert sum(leaf.target or 0 for leaf in found) == goal
    titles = [item.title for top in items for item in (top, *top.children)]
    assert len(set(titles)) == len(titles)
    assert all(title and not set(title) & set("#*_\n") for title in titles)
    assert all((leaf.target or 0) <= SectionLimits().most for leaf in found)
    assert parse_outline(render_outline(items)) == items


def good_list(request: Request) -> str:
    """A large model's answer: a list as it was asked for, other names in each call."""
    count = int(LIST.findall(request.messages[-1].content)[-1])
    shift = request.sampling.seed
    lines = []
    for number in range(count):
        place = PLACES[(number + shift) % len(PLACES)]
        person = PEOPLE[(number * 3 + shift) % len(PEOPLE)]
        lines.append(
            f"{number + 1}. {person}{shift} at the {place}: "
            f"{person}{shift} walks to the {place.lower()} with news{number}x{shift} of ice{number}y{shift}."
        )
    return "\n".join(lines)


def test_a_good_list_is_taken_as_it_is(answering: Answering) -> None:
    backend = answering(good_list)
    items = draft_outline(backend, NOVEL, 2000, SectionLimits(), 0)
    check(items, 2000)
    assert [item.title for item in items] == [
        "Josef1 at the Tower",
        "Mara1 at the Cellar",
        "Bruno1 at the Harbour",
        "Hanne1 at the Church",
    ]
    assert len(backend.requests) == 1
    assert items[0].beat.startswith("Josef1 walks to the tower")


def test_twenty_thousand_words_become_eight_chapters_of_sections(answering: Answering) -> None:
    backend = answering(good_list)
    items = draft_outline(backend, NOVEL, 20_000, SectionLimits(), 0)
    check(items, 20_000)
    assert [len(item.children) for item in items] == [4] * 8
    assert len(backend.requests) == 1 + 8
    assert backend.closed_streams == 2


def test_a_small_model_gets_twenty_thousand_words_in_sections_it_can_hold(answering: Answering) -> None:
    limits = SectionLimits.for_context(8192, 135_000_000)
    items = draft_outline(answering(good_list), NOVEL, 20_000, limits, 0)
    check(items, 20_000)
    assert [len(item.children) for item in items] == [6] * 8
    assert all((leaf.target or 0) <= 450 for leaf in leaves(items))


def test_a_long_book_is_planned_in_calls_that_know_what_came_before(answering: Answering) -> None:
    backend = answering(good_list)
    items = draft_outline(backend, NOVEL, 60_000, SectionLimits(), 0)
    check(items, 60_000)
    lists = [
        request.messages[-1].content
        for request in backend.requests
        if "Plan the next" in request.messages[-1].content
    ]
    assert len(items) == 22
    assert items[9].title in lists[0]


def test_a_short_text_is_one_section_and_asks_no_model(answering: Answering) -> None:
    backend = answering(good_list)
    assert draft_outline(backend, NOVEL, 500, SectionLimits(), 0) == [
        OutlineItem("A lighthouse keeper's daughter waits for her missing…", target=500)
    ]
    assert backend.requests == []


def test_an_outline_in_the_brief_changes_nothing_for_whoever_wants_the_models(answering: Answering) -> None:
    brief = NOVEL.model_copy(update={"outline": "# Book\n## One\n## Two (400 words)"})
    drafted = draft_outline(answering(good_list), brief, 2000, SectionLimits(), 0)
    assert drafted == draft_outline(answering(good_list), NOVEL, 2000, SectionLimits(), 0)


@pytest.mark.parametrize("goal", [700, 3000, 20_000])
@pytest.mark.parametrize("kind", ["novel", "report", "other"])
@pytest.mark.parametrize(
    "habit",
    [
        fakes.nothing,
        fakes.blanks,
        fakes.broken,
        fakes.chatty,
        fakes.one_sentence,
        fakes.prose,
        fakes.no_full_stop,
    ],
)
def test_whatever_the_model_does_the_outline_is_valid(habit: fakes.Habit, kind: str, goal: int) -> None:
    backend = FakeBackend(habit)
    brief = NOVEL.model_copy(update={"kind": kind})
    check(draft_outline(backend, brief, goal, SectionLimits(), 0), goal)
    assert backend.closed_streams <= 6


def test_without_a_usable_word_the_outline_stands_in_the_words_of_the_stages() -> None:
    items = draft_outline(FakeBackend(fakes.nothing), NOVEL, 7500, SectionLimits(), 0)
    assert [item.title for item in items] == ["How It Begins", "What Was Hidden", "How It Ends"]
    assert items[0].children[0].title == "How It Begins: The Place"
    beats = [leaf.beat for item in items for leaf in item.children]
    assert all(len(set(beats[start : start + 4])) == 4 for start in (0, 4, 8))


@pytest.mark.parametrize(
    ("language", "first"),
    [
        ("de", "Wie es beginnt: Der Ort"),
        ("de-AT", "Wie es beginnt: Der Ort"),
        ("fr", "Le commencement : Le lieu"),
        ("es", "Cómo empieza: El lugar"),
        ("it", "Come comincia: Il luogo"),
        ("pt", "Como começa: O lugar"),
        ("nl", "How It Begins: The Place"),
    ],
)
def test_those_words_are_of_the_texts_language_where_there_are_some(language: str, first: str) -> None:
    brief = NOVEL.model_copy(update={"language": language})
    items = draft_outline(FakeBackend(fakes.nothing), brief, 7500, SectionLimits(), 0)
    assert items[0].children[0].title == first


@pytest.mark.parametrize("language", ["en", "zh", "de", "fr", "es", "it", "pt"])
def test_every_language_has_eight_different_stages_of_each_kind(language: str) -> None:
    chapter = Stage("A", "")
    kinds = [
        *(stages(kind, language, 8) for kind in ("story", "report", "article")),
        *(scenes(kind, language, chapter, 0, 8) for kind in ("story", "report")),
    ]
    assert [len({stage.title for stage in kind}) for kind in kinds] == [8] * 5
    assert [len({stage.beat for stage in kind}) for kind in kinds] == [8] * 5


def test_lines_that_cannot_be_used_are_asked_for_one_by_one(answering: Answering) -> None:
    def answer(request: Request) -> str:
        asked = request.messages[-1].content
        if LIST.search(asked):
            return "1. Chapter One: This chapter is about the lighthouse.\n2. Chapter Two: It ends."
        if "short title" in asked:
            return "The Broken Lantern" if "lantern" in asked else "A Letter from the North"
        if "shown" in asked:
            return "Ada finds the broken lantern on the island and hides it from her father."
        return "A letter from the missing brother arrives with the last boat before winter."

    items = draft_outline(answering(answer), NOVEL, 1000, SectionLimits(), 0)
    assert [item.title for item in items] == ["The Broken Lantern", "A Letter from the North"]
    assert items[1].beat == "A letter from the missing brother arrives with the last boat before winter."


def test_every_list_is_asked_for_under_a_grammar_with_its_number_of_lines(answering: Answering) -> None:
    backend = answering(good_list)
    draft_outline(backend, NOVEL, 2000, SectionLimits(), 7)
    (request,) = backend.requests
    assert request.sampling.grammar is not None
    assert '"4. " line' in request.sampling.grammar
    assert '"5. " line' not in request.sampling.grammar


@pytest.mark.parametrize("habit", [fakes.prose, fakes.silence])
def test_what_look_up_raises_ends_the_drafting_and_closes_the_stream(habit: Habit) -> None:
    class Stopped(Exception):
        pass

    def stop() -> None:
        raise Stopped

    backend = FakeBackend(habit)
    with pytest.raises(Stopped):
        draft_outline(backend, NOVEL, 2000, SectionLimits(), 0, look_up=stop)
    assert backend.closed_streams == 1


def test_a_premise_longer_than_the_context_is_cut_behind_a_sentence(answering: Answering) -> None:
    backend = answering(good_list)
    brief = NOVEL.model_copy(update={"premise": "Ada waits for the boat. " * 3000})
    check(draft_outline(backend, brief, 2000, SectionLimits(), 0), 2000)
    (request,) = backend.requests
    assert backend.prompt_tokens(request.messages) < backend.info.context // 2
    assert "Ada waits for the boat.\n\nPlan it" in request.messages[-1].content


def test_a_chinese_brief_gets_a_chinese_outline_from_a_model_that_has_chinese(answering: Answering) -> None:
    brief = Brief(kind="novel", premise="写一篇关于江南小镇茶馆的小说。", language="zh")
    answer = (
        "1. 雨夜来客：一位陌生人在雨夜走进茶馆，认出了老板娘的玉镯。\n"
        "2. 旧信：老板娘在柜台下找到儿子多年前写来的信。"
    )
    items = draft_outline(answering(lambda _: answer), brief, 1000, SectionLimits(), 0)
    assert [item.title for item in items] == ["雨夜来客", "旧信"]
    check(items, 1000)


@given(st.integers(50, 400_000), st.integers(0, 2**31))
def test_any_goal_gets_an_outline(goal: int, seed: int) -> None:
    check(draft_outline(FakeBackend(fakes.nothing), NOVEL, goal, SectionLimits(), seed), goal)


def test_the_embedded_model_drafts_a_usable_outline(embedded: Backend) -> None:
    looks = count()
    items = draft_outline(embedded, NOVEL, 1000, SectionLimits(), 1, look_up=lambda: next(looks) and None)
    check(items, 1000)
    assert len(items) == 2
    assert next(looks) > 0
    assert all(item.beat for item in items)


def test_the_embedded_model_has_no_chinese_and_is_not_asked(embedded: Backend) -> None:
    brief = Brief(kind="novel", premise="写一篇关于江南小镇茶馆的小说。", language="zh")
    looks = count()
    items = draft_outline(embedded, brief, 1000, SectionLimits(), 1, look_up=lambda: next(looks) and None)
    assert [item.title for item in items] == ["开端", "结局"]
    assert next(looks) == 0
