"""Numbers that titles bring along: "2.1 Cultures", "1. The harbour", "一、起因".

A writer's outline often has them, and Longwright numbers every row itself: side by side they are read twice,
by a model even as text to write. Called by `engine.store.tree` for what people read and by
`engine.drafting.prompt_pack` for what a model is shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_OWN_NUMBER = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2})*[.)]?[ \t]+|[一二三四五六七八九十]{1,3}、\s*)(?=\S)")
_FEWEST_NUMBERED = 2


def without_own_numbers(titles: Sequence[str]) -> list[str]:
    """The titles of one outline without the numbers in front of them. One title alone may begin with a number
    that is part of it ("12 Angry Men")."""
    named = [_OWN_NUMBER.sub("", title) for title in titles]
    numbered = sum(name != title for name, title in zip(named, titles, strict=True))
    return named if numbered >= _FEWEST_NUMBERED else list(titles)
