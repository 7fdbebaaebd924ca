"""Scene breaks in what a model writes: which lines are one, and where one may stand.

Models write such lines above the first word, below the last one, one after another, and the small ones in
the middle of babble. So a break is let through only together with the first word behind it, and only behind
a scene: words enough since the break before it or the beginning, and a sentence that has ended. It comes
out in one form, between blank lines. One sign alone (`*`, `#`) is no break: of 170 such lines that the
embedded model wrote, none was. Knows strings only. Used by `hygiene` (what is a break), `page` (where it
stands) and `section` (what belongs together).
"""

from __future__ import annotations

import re
from itertools import takewhile

from engine.text.counting import count_words
from engine.text.segmenting import SCENE_BREAK, ends_sentence, is_scene_break, last_sentence_end

LEAST_SCENE = 40
"""Words of a scene; behind fewer a break is a model's habit, not a writer's pause."""
_SIGNS = frozenset("*＊_~-–—―•·◇◆※")
_BEGINNING = re.compile(rf"(\s*){re.escape(SCENE_BREAK)}\n\s*")
PIECES = re.compile(rf"(?:{re.escape(SCENE_BREAK)}\n\s*)?\S+\s*|\s+")
"""A text word by word; a break is one with the word behind it, so that neither is ever stored alone."""


def breaks_scene(line: str) -> bool:
    """Whether a whole line of a model's text is a scene break: `***`, `---`, `\\*\\*\\*`, `◇◇◇`, `⁂`."""
    signs = "".join(line.split()).replace("\\", "")
    return signs == "⁂" or (len(signs) >= 3 and _SIGNS.issuperset(signs))


def in_place(text: str, piece: str) -> str:
    """`piece` as it may be added to `text`: a break at its beginning stands between blank lines, or goes."""
    begins = _BEGINNING.match(piece)
    if begins is None or not ("\n" in begins[1] or text[-1:] in ("", "\n")):
        return piece
    behind = piece[begins.end() :]
    gap = "\n\n"[len(text) - len(text.rstrip("\n")) :] if text else ""
    return f"{gap}{SCENE_BREAK}\n\n{behind}" if _is_scene(text) else gap + behind


def last_sentence(text: str) -> int:
    """`last_sentence_end`, for which a break is none: nothing ends there."""
    end = last_sentence_end(text)
    whole = text[:end].rstrip()
    line = whole.rfind("\n") + 1
    return last_sentence(text[:line]) if is_scene_break(whole[line:]) else end


def _is_scene(text: str) -> bool:
    lines = reversed(text.rstrip().split("\n"))
    scene = "\n".join(list(takewhile(lambda line: not is_scene_break(line), lines))[::-1])
    return count_words(scene) >= LEAST_SCENE and ends_sentence(scene)
