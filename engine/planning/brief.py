"""What the writer wants: kind, subject, audience, style, language, length, an outline of their own.

A brief is read from plain text or Markdown. Its first lines may be settings (`brief_settings`); the rest is
the premise.
It knows nothing of models or of the library. Called by the command line, the page and the jobs.
"""

from __future__ import annotations

import codecs
import re

from pydantic import BaseModel, ConfigDict, field_validator

from engine.errors import BadInput
from engine.planning.brief_language import language_of
from engine.planning.brief_settings import split_settings, stated_title
from engine.planning.kinds import KINDS, Kind, guess_kind, named_kind
from engine.planning.languages import language_tag
from engine.planning.numbers import NUMBER, TO, bounds, is_fraction, scale_of
from engine.planning.requests import asked_for

LEAST_GOAL = 50
MOST_GOAL = 2_000_000
MOST_CHARACTERS = 200_000

_SCRIPTS = (
    ("ja", re.compile("[\u3041-\u30ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
)
_CYRILLIC = {"be", "bg", "mk", "uk"}
_TITLE_CHARACTERS = 60
_LOOKED_AT = 400
"""Characters of a premise that may make its title: a whole book may stand in one line."""
_LENGTH = re.compile(rf"({NUMBER})(?:{TO}({NUMBER}))?", re.IGNORECASE)
_GOES_ON = re.compile(r"[a-z×*^]{0,3}\d", re.IGNORECASE)
"""Behind what was read as a number, where it is part of a formula: "2e3", "2x1000", "3k5"."""
_JUST_ONE = {"a", "an"}


class Brief(BaseModel):
    """A brief. `language` is a BCP 47 tag; `goal_words` None leaves the length to
    `engine.planning.length_range`; `outline` is Markdown as `outline_text` reads it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind = "other"
    premise: str
    audience: str = ""
    style: str = ""
    language: str = "en"
    goal_words: int | None = None
    outline: str = ""

    @field_validator("goal_words")
    @classmethod
    def _goal_in_reach(cls, goal: int | None) -> int | None:
        return goal if goal is None else check_goal(goal)


def read_brief(
    raw: bytes | str,
    *,
    kind: str | None = None,
    goal_words: int | None = None,
    outline: str | None = None,
    language: str | None = None,
) -> Brief:
    """Read a brief; what is given beside it wins over what it says of itself.

    Raises `BadInput` when it is empty, no text, or too long, or when kind, language or goal cannot be used.
    """
    text = _decode(raw) if isinstance(raw, bytes) else raw
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if "\0" in text:
        raise BadInput("The brief is no text file. Give it as plain text or Markdown.")
    if len(text) > MOST_CHARACTERS:
        raise BadInput(
            f"The brief has {len(text):,} characters; {MOST_CHARACTERS:,} is the most that can be used. "
            "Shorten it to what the text is about."
        )
    settings, premise = split_settings(text)
    if not any(character.isalnum() for character in premise):
        raise BadInput("The brief is empty. Say in a sentence or two what the text is about.")
    goal = goal_words if goal_words is not None else read_goal(settings.get("words", ""))
    spoken = language_of(premise)
    return Brief(
        kind=_kind(kind or settings.get("kind") or guess_kind(premise, spoken)),
        premise=premise,
        audience=settings.get("audience", ""),
        style=settings.get("style", ""),
        language=language_tag(language or settings.get("language") or spoken),
        goal_words=goal,
        outline=(outline or "").strip(),
    )


def check_goal(words: int) -> int:
    """`words` when a text of that length can be planned. Raises `BadInput` otherwise."""
    if words <= 0:
        raise BadInput(f"A length of {words:,} words cannot be written. Ask for {LEAST_GOAL} words or more.")
    if words < LEAST_GOAL:
        raise BadInput(f"{words:,} words are too few to plan. Ask for {LEAST_GOAL} words or more.")
    if words > MOST_GOAL:
        raise BadInput(f"{words:,} words are more than one project can hold. Ask for at most {MOST_GOAL:,}.")
    return words


def read_goal(words: str) -> int | None:
    """A length as a person writes it ("3,000", "20k", "900 to 1,100 words"); None for nothing.

    Raises `BadInput` when it is no whole number."""
    if not words.strip():
        return None
    bare = re.sub(r"(?<=\d)_(?=\d)", "", words)
    match = _LENGTH.search(bare)
    if match is None or match[0].lower() in _JUST_ONE or _GOES_ON.match(bare, match.end()):
        raise no_length(words)
    low, high = match[1], match[2] or match[1]
    if is_fraction(high) or (is_fraction(low) and scale_of(high) == 1):
        raise no_length(words)
    return sum(bounds(low, high)) // 2


def no_length(said: str) -> BadInput:
    """The refusal of what was given for a length."""
    return BadInput(f"“{said.strip()[:40]}” is no length. Give it as a number of words, such as 3,000.")


def guess_language(text: str) -> str:
    """The language that the script of `text` tells; English for Latin letters. For judging what was written;
    a brief's own language is `brief_language`'s."""
    letters = sum(character.isalpha() for character in text)
    for language, script in _SCRIPTS:
        if len(script.findall(text)) * 4 > letters:
            return language
    return "en"


def told_by_script(language: str) -> str:
    """What `guess_language` says of texts in `language` (a BCP 47 tag): English for all in Latin letters,
    Russian for all in Cyrillic ones."""
    primary = language.split("-")[0].lower()
    if primary in _CYRILLIC:
        return "ru"
    return primary if primary in dict(_SCRIPTS) else "en"


def title_of(brief: Brief) -> str:
    """A working title: the one that the premise states, else its first heading or line, cut at a word; of a
    request what it asks for."""
    stated = stated_title(brief.premise)
    opening = brief.premise.lstrip("# \t")[:_LOOKED_AT].split("\n", 1)[0]
    first = stated or asked_for(opening.strip())
    line = first.strip().strip("*_").strip()
    if len(line) <= _TITLE_CHARACTERS:
        return line.rstrip(".。")
    sentence = re.split(r"[.!?。！？;；]", line, maxsplit=1)[0]
    if len(sentence) <= _TITLE_CHARACTERS:
        return sentence.strip()
    cut = sentence[:_TITLE_CHARACTERS]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(" ,;:，；：") + "…"


def _decode(raw: bytes) -> str:
    encoding = "utf-16" if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        raise BadInput("The brief is no text in UTF-8. Save it as plain text or Markdown in UTF-8.") from None


def _kind(asked: str) -> Kind:
    kind = named_kind(asked)
    if kind is None:
        raise BadInput(f"“{asked[:40]}” is no kind of text. Choose one of: {', '.join(KINDS)}.")
    return kind
