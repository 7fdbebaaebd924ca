"""What the model is asked for while an outline is drafted: prompts, stages and grammars.

The words stand in `assets/prompts/outline*`; this module puts the brief into them.
Called by `outline_draft`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

import jinja2

from engine.backends.protocol import Backend, Message
from engine.planning.brief import Brief
from engine.planning.kinds import FICTION
from engine.planning.languages import in_traditional_characters, language_name
from engine.text.segmenting import sentences

_PROMPTS = resources.files("assets") / "prompts"
_STAGES_OF = {
    "novel": "story",
    "story": "story",
    "report": "report",
    "article": "article",
    "other": "article",
}
_PREMISE_SHARE = 0.35  # of the context; a longer premise is cut behind a sentence

_TITLE_GRAMMAR = r"""root ::= cap (" " (small " ")? (small " ")? cap){1,4} "\n"
cap ::= [A-Z] [a-z]{1,12} ("'s")?
small ::= "of" | "the" | "a" | "in" | "on" | "at" | "to" | "for" | "and" | "by" | "with" | "from"
"""
_HAN_TITLE_GRAMMAR = r"""root ::= [一-鿿]{2,12} "\n"
"""
_ANY_TITLE_GRAMMAR = r"""root ::= [^\n\r\t #*_:.0-9] [^\n\r\t#*_:.|<>]{1,48} "\n"
"""
BEAT_GRAMMAR = r"""root ::= "\""? [^\n\r\t #*_:"\[\]{}|<>] [^\n\r\t#*_:"\[\]{}|<>]{20,400} [.。!?] "\""? "\n"
"""


@dataclass(frozen=True)
class Stage:
    """What a part of a text does: a title that stands for want of a better one, and what happens."""

    title: str
    beat: str


@dataclass(frozen=True)
class Place:
    """The part of the text that is being planned: all of it, or one chapter."""

    title: str = ""
    beat: str = ""
    before: tuple[str, ...] = ()


def list_grammar(count: int) -> str:
    """Exactly `count` numbered lines, each a title, a colon and a sentence."""
    root = " ".join(f'"{number}. " line' for number in range(1, count + 1))
    return rf"""root ::= {root}
line ::= title (": " | "：") beat "\n"
title ::= [^\n\r\t #*_:：.0-9] [^\n\r\t#*_:：.|<>]{{1,58}}
beat ::= [^\n\r\t #*_|<>] [^\n\r\t#*_|<>]{{5,400}}
"""


def title_grammar(language: str) -> str:
    """One title: capitals and small words in English, characters in Chinese, one line elsewhere."""
    return {"en": _TITLE_GRAMMAR, "zh": _HAN_TITLE_GRAMMAR}.get(language[:2], _ANY_TITLE_GRAMMAR)


def stages(kind: str, language: str, count: int) -> list[Stage]:
    """`count` stages in order, spread over those that the kind of text has, in the language of the text where
    there are some, else in English."""
    known = _stages(_primary(language))[_STAGES_OF[kind]]
    if count == 1:
        return [known[0]]
    return [known[round(number * (len(known) - 1) / (count - 1))] for number in range(count)]


def scenes(kind: str, language: str, chapter: Stage, number: int, count: int) -> list[Stage]:
    """`count` stages for the sections of the chapter at index `number`, other ones in each chapter."""
    known = _stages(_primary(language))["scene" if kind in FICTION else "aspect"]
    colon = {"zh": "：", "fr": " : "}.get(_primary(language), ": ")
    chosen = sorted((index * len(known) // count + number) % len(known) for index in range(count))
    return [Stage(f"{chapter.title}{colon}{known[index].title}", known[index].beat) for index in chosen]


class Prompts:
    """The prompts for one brief."""

    def __init__(self, backend: Backend, brief: Brief) -> None:
        self.han = brief.language.startswith("zh")
        self._template = _template(_language(brief.language))
        foreign = brief.language[:2] not in {"en", "zh"}
        self._brief = {
            "noun": "text" if brief.kind == "other" else brief.kind,
            "premise": _fitting(backend, brief.premise),
            "audience": brief.audience,
            "style": brief.style,
            "language": language_name(brief.language),
            "foreign": foreign,
            "traditional": in_traditional_characters(brief.language),
        }
        self._chapters = brief.kind in FICTION

    def list(self, place: Place, count: int, *, chapters: bool) -> tuple[Message, ...]:
        """Ask for all parts of `place` at once."""
        return self._ask("list", place, count=count, unit=self._unit(chapters))

    def beat(self, place: Place, stage: str, *, chapters: bool) -> tuple[Message, ...]:
        """Ask for what happens in one part, by what that part is there for."""
        return self._ask("beat", place, stage=stage, unit=self._unit(chapters))

    def title(self, line: str) -> tuple[Message, ...]:
        """Ask for a title for what happens."""
        return (Message("user", self._block("title", line=line)),)

    def _ask(self, block: Literal["list", "beat"], place: Place, **values: str | int) -> tuple[Message, ...]:
        about = self._block("about", title=place.title, beat=place.beat.rstrip(".。"), before=place.before)
        return (
            Message(
                "user", f"{about}\n\n{self._block(block, title=place.title, before=place.before, **values)}"
            ),
        )

    def _unit(self, chapters: bool) -> str:
        if self.han:
            return "章" if chapters else "节"
        return "chapter" if chapters and self._chapters else "section"

    def _block(self, name: str, **values: object) -> str:
        context = self._template.new_context({**self._brief, **values})
        return "".join(self._template.blocks[name](context)).strip()


def _fitting(backend: Backend, premise: str) -> str:
    """The premise, cut behind the last sentence that fits 35 % of the context."""
    budget = int(backend.info.context * _PREMISE_SHARE)
    if backend.count_tokens(premise) <= budget:
        return premise
    kept = ""
    for sentence in sentences(premise):
        if backend.count_tokens(kept + sentence) > budget:
            break
        kept += sentence + " "
    return kept.strip() or premise[:budget]


def _language(language: str) -> str:
    """Of the prompt itself."""
    return "zh" if language.startswith("zh") else "en"


def _primary(language: str) -> str:
    return language.split("-")[0]


@cache
def _template(language: str) -> jinja2.Template:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
    return environment.from_string(_asset(f"outline.{language}.jinja"))


@cache
def _stages(language: str) -> dict[str, Sequence[Stage]]:
    found: dict[str, list[Stage]] = {}
    name = ""
    there = (_PROMPTS / f"outline_stages.{language}.txt").is_file()
    for line in _asset(f"outline_stages.{language if there else 'en'}.txt").splitlines():
        if line.startswith("["):
            name = line.strip("[]")
            found[name] = []
        elif line and not line.startswith("#"):
            title, beat = line.split(" | ")
            found[name].append(Stage(title, beat))
    return {kind: tuple(parts) for kind, parts in found.items()}


def _asset(name: str) -> str:
    return (_PROMPTS / name).read_text(encoding="utf-8")
