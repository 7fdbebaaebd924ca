"""A model that plays editor: "I made some minor changes to improve clarity.", "Here's how your version ends:"

Asked for a text in a brief full of wishes ("keep the tone friendly", "no jargon"), a small model takes the
brief for somebody's draft and tells how it improved it, or gives advice to whoever shall write it. A pattern
counts here only where it names a text and speaks of work on it, or to its writer; a captain's "changes" stay,
and so does all of it where the book is about writing or editors. Knows English. Used by `talk`.
"""

from __future__ import annotations

import re

_PIECE = r"(?:text|section|paragraph|sentence|report|article|story|essay|summary|version|response)"
_WHOLE = r"(?:text|section|report|article|essay|summary)"
_HERE = r"\bhere(?:'s| is| are)"
_ANY = r"[^.!?。]"  # a sign within one sentence
_I_HAVE = r"i(?:'ve| have)? (?:also )?"
_QUALITY = r"(?:clarity|grammar|flow|readability|conciseness)"
_WORK = r"(?:expand on|elaborate on|rewrite|continue|complete|edit|focus on)"

_EDITS = (
    (
        rf"^\W*{_I_HAVE}made (?:some|a few|several) (?:\w+ )?(?:changes|adjustments|edits|revisions)\b"
        rf"{_ANY}*\b(?:concise|engaging|{_QUALITY}|(?:sentence|paragraph)s?)\b"
    ),
    (
        rf"^\W*{_I_HAVE}(?:added|changed|made|used|wanted)\b{_ANY}{{0,60}}\bto make the "
        rf"(?:{_WHOLE}|language) (?:\w+ )?(?:flow|read|more|clear|as clear|easier|shorter)\b"
    ),
    rf"\b(?:edited|rewritten|revised|reworded) (?:\w+ )?to improve (?:\w+ )?{_QUALITY}\b",
    rf"^\W*{_I_HAVE}(?:changed|improved) the (?:sentence structure|wording|word choice)\b",
    rf"^\W*{_I_HAVE}added (?:a few|some|two|three) more sentences\b",
    rf"^\W*{_I_HAVE}(?:kept|made sure to keep) (?:it|this content) (?:simple|short|brief|concise|light)\b",
    r"^\W*the text is (?:now )?clear and (?:easy to read|concise|well-written)\b",
    r"^\W*i(?:'ll| will| can) make (?:it|this) (?:even |a bit )?more (?:concise|engaging|readable)\b",
    r"\bi hope these (?:ideas|suggestions|tips|changes|edits|revisions) (?:will )?help\b",
    r"^\W*i hope that helps\W*$",
    r"\bwith my previous (?:text|section|paragraph|version)\b",
    (
        rf"\bi(?:'m going to| am going to|'ll| will) (?:start|begin|finish|end|close|continue)\b"
        rf"{_ANY}{{0,30}}\b(?:another (?:section|paragraph)|this (?:\w+ )?(?:sentence|paragraph))\b"
    ),
)
"""What it says that it did, or will do."""

_HANDING_OVER = (
    rf"{_HERE} (?:how|what) your (?:\d[\d,]*-word )?{_PIECE} (?:ends|begins|will|would|looks?)\b",
    rf"{_HERE} what (?:has been|i have|i've|you have|you've) written so far\b",
    rf"{_HERE} (?:one|two|three|a few) more sentences?\b",
    rf"\bthe rest of your {_WHOLE}\b",
    rf"^\W*the rest of the {_WHOLE}(?: now)? (?:will be|is) (?:all about|a continuation of|left open to)\b",
    r"^\W*your version (?:ends|begins|adds|keeps)\b",
)
"""How it hands a text over."""

_ADVICE = (
    rf"^\W*your (?:next )?task (?:now )?is to\b{_ANY}*\b(?:sentences|rest of the {_WHOLE}|next {_PIECE})\b",
    rf"\bi(?: would|'d)? (?:like|want|need) you to {_WORK}\b{_ANY}{{0,60}}\b(?:this|your) {_PIECE}s?\b",
    r"\bin one (?:paragraph|sentence),? you(?:'re|'ll| are| will)\b",
    r"^\W*you will (?:begin|start|continue) with the (?:first|next) sentence\b",
    r"\bwith \d+ more sentences\b|\brewrites? the (?:first|next|last) sentence\b",
    r"\bevery sentence says something new\b|\bsentences say something new\b",
    rf"\bas you write your {_PIECE}\b",
    r"\bin this multi-(?:round|turn) conversation\b",
    r"\bis there anything else (?:that )?i can (?:help|assist) you with\b",
)
"""What it tells whoever shall go on."""

_TALK = re.compile("|".join((*_EDITS, *_HANDING_OVER, *_ADVICE)), re.IGNORECASE)
_ON_EDITING = re.compile(r"\b(?:writing|writers?|edit(?:ing|ors?)|proof-?read\w*|grammar)\b", re.IGNORECASE)


def plays_editor(said: str, matter: str) -> bool:
    """Whether `said`, without its quotations, speaks of work on the text instead of `matter`."""
    return _TALK.search(said) is not None and _ON_EDITING.search(matter) is None
