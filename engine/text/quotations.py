"""Which quotation a text leaves open at its end.

A draft is ended at the end of a sentence, and that may lie inside a speech: `"I know. | I was there."`
Only the last line counts: a speech of several paragraphs is closed in the last of them. A straight mark
opens where a blank or a bracket stands before it and a word behind it, so that the inches of `a 6" gun`
open nothing. Single marks are not looked at: most of them are apostrophes. Used by `drafting.page`.
"""

from __future__ import annotations

import re

_CLOSING = {'"': '"', "“": "”", "„": "“", "«": "»", "»": "«", "「": "」", "『": "』", "《": "》"}
_ALSO_CLOSING = {"„": "”"}
_TURNED = frozenset('"»')
"""Marks that open in one place and close in another."""
_MARK = re.compile("[" + "".join({*_CLOSING, *_CLOSING.values()}) + "]")
_OPENS = re.compile(r"(?:^|(?<=[\s(\[—–*_「『]))[\"»](?=[^\s.,;:!?])")


def left_open(text: str) -> str:
    """The marks that would close what the last line of `text` leaves open, innermost first; mostly none."""
    line = text[text.rfind("\n") + 1 :]
    opened: list[tuple[str, str]] = []
    for mark in _MARK.finditer(line):
        sign, place = mark[0], mark.start()
        if opened and sign in (_CLOSING[opened[-1][0]], _ALSO_CLOSING.get(opened[-1][0])):
            opened.pop()
        elif sign in _TURNED and _OPENS.match(line, place) is None:
            continue
        elif sign in _CLOSING:
            gap = line[place + 1 : place + 2] if sign == "«" else ""
            opened.append((sign, gap if gap.isspace() else ""))
    return "".join(gap + _CLOSING[sign] for sign, gap in reversed(opened))
