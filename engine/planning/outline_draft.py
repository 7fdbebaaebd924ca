"""Lets the model draft an outline from a brief, and never returns one that cannot be used.

The model is asked for whole lists first, under a grammar (servers without grammars are read
leniently). Lines that the rules refuse (`outline_rules`) are asked for one by one, each from the stage of the
text that the part stands for; a small model needs this for most lines, a large one for hardly any.
What is still missing stands in the words of the stage ("How It Begins").
Every step is asked a fixed number of times, so a model that returns nothing, rubbish or too much
ends in a plain outline, not in an error.

It knows no library. Called by the outline job.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.backends.protocol import Backend, Message, OnWait, Request, Sampling, Token
from engine.planning.brief import Brief, title_of
from engine.planning.kinds import FICTION
from engine.planning.outline_prompts import (
    BEAT_GRAMMAR,
    Place,
    Prompts,
    Stage,
    list_grammar,
    scenes,
    stages,
    title_grammar,
)
from engine.planning.outline_rules import Rules, read_lines
from engine.planning.outline_shape import Shape, shape_of
from engine.planning.outline_text import OutlineItem
from engine.planning.parts import part_title
from engine.planning.quotas import SectionLimits, assign

_CHAPTERS_A_CALL = 10
_BEAT_TRIES = 2
_TITLE_TRIES = 3
_LINE_TOKENS = 90
_BEAT_TOKENS = 70
_TITLE_TOKENS = 24
_TEMPERATURE = 0.6
_SMALL_MODEL = 1_000_000_000  # parameters
_CHINESE = "茶馆的老板娘守着祖传的茶馆等待离家的儿子归来"


def draft_outline(
    backend: Backend,
    brief: Brief,
    goal: int,
    limits: SectionLimits,
    seed: int,
    look_up: OnWait | None = None,
) -> list[OutlineItem]:
    """A new outline for `brief` with targets that sum to `goal` words; the brief's own outline, if it has
    one, is another one's matter: whoever calls this wants the model's.

    `look_up` is called with each piece of text, and while none comes; what it raises ends the drafting.
    Raises the errors of the backend.
    """
    shape = shape_of(goal, brief.kind, limits)
    if shape == Shape(1, 1):
        return assign([OutlineItem(title_of(brief))], goal, limits, brief.language)
    return assign(_Planner(backend, brief, seed, look_up).outline(shape), goal, limits, brief.language)


@dataclass
class _Slot:
    """A chapter or section to be: its place, the stage it stands for, and what it has so far."""

    place: Place
    stage: Stage
    title: str | None = None
    beat: str | None = None


class _Planner:
    def __init__(self, backend: Backend, brief: Brief, seed: int, look_up: OnWait | None) -> None:
        self._backend = backend
        self._brief = brief
        self._prompts = Prompts(backend, brief)
        small = (backend.info.parameters or _SMALL_MODEL) < _SMALL_MODEL
        self._rules = Rules(
            han=self._prompts.han, fiction=brief.kind in FICTION, premise=brief.premise, strict=small
        )
        self._speaks = not self._prompts.han or _speaks_chinese(backend)
        self._seeds = _seeds(seed)
        self._look_up = look_up
        self._given: set[str] = set()

    def outline(self, shape: Shape) -> list[OutlineItem]:
        """Titles and beats in the shape asked for, still without targets."""
        if shape.chapters == 1:
            return [_item(slot) for slot in self._top_level(shape.sections, chapters=False)]
        chapters = [
            Stage(slot.title or "", slot.beat or "")
            for slot in self._top_level(shape.chapters, chapters=True)
        ]
        sections = [self._sections_of(chapter, n, shape.sections) for n, chapter in enumerate(chapters)]
        self._fill(sections, chapters=False)
        return [
            OutlineItem(chapter.title, chapter.beat, children=tuple(_item(slot) for slot in own))
            for chapter, own in zip(chapters, sections, strict=True)
        ]

    def _top_level(self, count: int, *, chapters: bool) -> list[_Slot]:
        """The slots of the top level, filled, in calls of up to ten that know the ones before."""
        plan = stages(self._brief.kind, self._brief.language, count)
        done: list[_Slot] = []
        while len(done) < count:
            place = Place(before=tuple(slot.title or "" for slot in done[-_CHAPTERS_A_CALL:]))
            slots = [_Slot(place, stage) for stage in plan[len(done) : len(done) + _CHAPTERS_A_CALL]]
            self._fill([slots], chapters=chapters)
            done += slots
        return done

    def _sections_of(self, chapter: Stage, number: int, count: int) -> list[_Slot]:
        """Empty slots for the sections of the chapter at index `number`."""
        plan = scenes(self._brief.kind, self._brief.language, chapter, number, count)
        return [_Slot(Place(chapter.title, chapter.beat), stage) for stage in plan]

    def _fill(self, groups: Sequence[Sequence[_Slot]], *, chapters: bool) -> None:
        """Give every slot a title and a beat; a group is one list that the model is asked for."""
        self._ask_for_lists(groups, chapters)
        slots = [slot for group in groups for slot in group]
        self._ask_for_beats([slot for slot in slots if slot.beat is None], chapters)
        self._ask_for_titles([slot for slot in slots if slot.title is None and slot.beat is not None])
        self._given.update(slot.title for slot in slots if slot.title)
        for slot in slots:
            slot.beat = slot.beat or slot.stage.beat
            if slot.title is None:
                slot.title = _unused(slot.stage.title, self._given)
                self._rules.keep_title(slot.title)
            self._given.add(slot.title)

    def _ask_for_lists(self, groups: Sequence[Sequence[_Slot]], chapters: bool) -> None:
        asked = [
            (self._prompts.list(group[0].place, len(group), chapters=chapters), list_grammar(len(group)))
            for group in groups
        ]
        answers = self._answers(asked, _LINE_TOKENS * max(len(group) for group in groups))
        for group, answer in zip(groups, answers, strict=True):
            for slot, (title, beat) in zip(group, read_lines(answer), strict=False):
                self._take_beat(slot, [beat])
                self._take_title(slot, title)

    def _ask_for_beats(self, slots: Sequence[_Slot], chapters: bool) -> None:
        asked = [
            (self._prompts.beat(slot.place, slot.stage.beat, chapters=chapters), BEAT_GRAMMAR)
            for slot in slots
            for _ in range(_BEAT_TRIES)
        ]
        for slot, answers in zip(slots, _dealt(self._answers(asked, _BEAT_TOKENS), _BEAT_TRIES), strict=True):
            self._take_beat(slot, answers)

    def _ask_for_titles(self, slots: Sequence[_Slot]) -> None:
        grammar = title_grammar(self._brief.language)
        asked = [
            (self._prompts.title(slot.beat or ""), grammar) for slot in slots for _ in range(_TITLE_TRIES)
        ]
        tries = _dealt(self._answers(asked, _TITLE_TOKENS), _TITLE_TRIES)
        for slot, answers in zip(slots, tries, strict=True):
            for answer in answers:
                self._take_title(slot, answer.strip().split("\n", 1)[0])

    def _take_title(self, slot: _Slot, raw: str) -> None:
        title = self._rules.title(raw, slot.beat or "") if slot.title is None else None
        if title is not None:
            slot.title = title
            self._rules.keep_title(title)

    def _take_beat(self, slot: _Slot, raw: Sequence[str]) -> None:
        known = f"{slot.place.title} {slot.place.beat} {slot.stage.beat}".strip()
        usable = [beat for text in raw if (beat := self._rules.beat(text, known)) is not None]
        if usable:
            slot.beat = self._rules.freshest(usable)
            self._rules.keep_beat(slot.beat)

    def _answers(self, asked: Sequence[tuple[tuple[Message, ...], str]], most_tokens: int) -> list[str]:
        """The model's answers to prompts under grammars, all in one batch."""
        requests = [
            Request(
                id=str(number),
                messages=messages,
                max_tokens=most_tokens,
                sampling=Sampling(
                    temperature=_TEMPERATURE, min_p=0.1, grammar=grammar, seed=next(self._seeds)
                ),
            )
            for number, (messages, grammar) in enumerate(asked)
        ]
        answers = [""] * len(requests)
        if not requests or not self._speaks:
            return answers
        stream = self._backend.stream(requests, self._look_up)
        try:
            for event in stream:
                if isinstance(event, Token):
                    answers[int(event.request_id)] += event.text
                    if self._look_up is not None:
                        self._look_up()
        finally:
            stream.close()
        return answers


def _speaks_chinese(backend: Backend) -> bool:
    """Whether the model has Chinese: one that has not spells a character in two or three tokens."""
    ids = backend.tokenize(_CHINESE)
    return ids is None or len(ids) <= 1.5 * len(_CHINESE)


def _item(slot: _Slot) -> OutlineItem:
    return OutlineItem(slot.title or "", slot.beat or "")


def _unused(title: str, given: set[str]) -> str:
    """`title`, which is a stage's and so English or Chinese, or its first part that is not given yet."""
    number = 1
    name = title
    while name in given:
        number += 1
        name = part_title(title, number, "en")
    return name


def _dealt(answers: Sequence[str], size: int) -> list[Sequence[str]]:
    return [answers[start : start + size] for start in range(0, len(answers), size)]


def _seeds(seed: int) -> Iterator[int]:
    """Different seeds for the requests of one outline, the same ones for the same `seed`."""
    number = seed * 10_007
    while True:
        number += 1
        yield number % 2**31
