"""How many chapters and sections a text of a given length has.

Numbers only. Called by `outline_draft` and by whoever wants to say it before the model is asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.planning.kinds import Kind
from engine.planning.quotas import SectionLimits

ONE_SECTION_BELOW = 600
_FLAT_UP_TO = 3000
_FLAT_SECTION = 500
_CHAPTER = {"novel": 2500, "story": 2000, "report": 2000, "article": 2000, "other": 2000}
_SECTION_IN_CHAPTER = 700
_LONG_FROM = 20  # chapters; a longer book has longer chapters, not a longer list of them
_LONG_CHAPTER = 5000
_MOST_SECTIONS = 12


@dataclass(frozen=True)
class Shape:
    """`chapters` with `sections` each; one chapter stands for no chapter level at all."""

    chapters: int
    sections: int


def shape_of(goal: int, kind: Kind, limits: SectionLimits) -> Shape:
    """The shape for `goal` words: one section below 600; sections of about 500 up to 3,000; above
    that chapters of 2,000-2,500 words (5,000 behind the twentieth) with sections of up to 700.
    Where the limits allow less, there are more sections, up to twelve."""
    least = min(_MOST_SECTIONS, -(-goal // limits.most))
    if goal < ONE_SECTION_BELOW and least == 1:
        return Shape(1, 1)
    if goal <= _FLAT_UP_TO:
        return Shape(1, max(2, least, round(goal / _FLAT_SECTION)))
    chapters = max(3, round(goal / _CHAPTER[kind]))
    if chapters > _LONG_FROM:
        chapters = _LONG_FROM + round((goal - _LONG_FROM * _CHAPTER[kind]) / _LONG_CHAPTER)
    section = min(_SECTION_IN_CHAPTER, limits.most)
    return Shape(chapters, min(_MOST_SECTIONS, max(2, -(-goal // (chapters * section)))))
