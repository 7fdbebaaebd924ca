"""Whose the line ends inside a paragraph are: the writer's, or a program's that filled its columns.

The page shows every line end, so a file shows them too: verse, dialogue and addresses stay as they were
typed. But a text out of a mail, a README or a model may be broken at 72 or 80 columns, and those line ends
mean nothing. Such a paragraph gives itself away: its lines are about as wide as a page, none has room
for the first word of the next, and some break in the middle of a sentence.
Called by `exports.blocks`.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

_NARROWEST, _WIDEST = 60, 100
# What cannot be parted: a word, or a Han character or kana with the marks that cling to it.
_WORD = re.compile(r"[「『（《〈【“‘]*[\u3005-\u30ff\u3400-\u9fff][、。，．！？；：」』）》〉】”’]*|\S+")
_SENTENCE_END = re.compile(r"[.!?…。！？:：\"”’»」』][)）\"”’»」』*_~]*\Z")


def is_filled(source: str) -> bool:
    """Whether a program broke the lines of this paragraph. `source`: its Markdown, line by line."""
    lines = source.split("\n")
    if not _NARROWEST <= max(map(_columns, lines)) <= _WIDEST:
        return False
    soft = [pair for pair in pairwise(lines) if not pair[0].endswith(("  ", "\\"))]
    return _leave_no_room(soft, max(map(_columns, lines))) and not all(
        _SENTENCE_END.search(line.rstrip()) for line, _following in soft
    )


def _leave_no_room(ends: list[tuple[str, str]], width: int) -> bool:
    return all(_columns(line) + 1 + _columns(_first_word(following)) > width for line, following in ends)


def _first_word(line: str) -> str:
    found = _WORD.search(line)
    return found[0] if found else ""


def _columns(line: str) -> int:
    """How wide a screen of letters of one width shows it."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line.strip())
