"""What never becomes part of a manuscript, however often a model writes it.

Lines are looked at before they are let through: headings, echoes of the title and the outline, code fences,
chat markers, talk about the task, lists without end. Control characters and broken UTF-8 vanish. A scene
break waits for the line behind it (`scene_breaks`).
A dropped line stays in the model's own context, so nothing has to be decoded again for it.
A line that holds prose as well is let through whole: `page` takes the talk out of it, sentence by sentence.
Knows nothing of length or repetition. Used by `section`.
"""

from __future__ import annotations

import itertools
import re
import unicodedata

from engine.drafting.outline_echo import OutlineEcho, unnumbered
from engine.drafting.scene_breaks import breaks_scene
from engine.drafting.talk import Talk
from engine.text.segmenting import SCENE_BREAK, ends_sentence

HELD_CHARACTERS = 80
"""A line is held back until it is longer than any heading, or complete; one of signs alone till its end."""
MOST_LIST_ITEMS = 8
"""From then on list items lose their marks and stand as sentences: a model may list for ever."""
WORDLESS = 12
"""Characters in a row without a letter or a figure, white space included; more are no prose."""
LETTERLESS = 60
"""And without a letter: a report has rows of figures ("in 1990, 1991, 1992"), but nobody counts for ever."""

CHAT_MARKERS = ("<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|user|>", "<|assistant|>", "</answer>")
"""Stop strings: behind one of these the model is playing another part."""

_MARKS = re.compile(r"^[\s#>*_`~=\-–—|\"“”'《》【】\[\]]+|[\s#*_`~=\-–—|\"“”'《》【】\[\]:：]+$")
_ONLY_MARKS = re.compile(r"^[\s#>*_`~=\-–—|+.:：]*$")
_HEADING = re.compile(r"^\s*(#{1,6}(\s|$)|(\*\*|__)[^*_]{1,100}(\*\*|__)\s*[:：]?\s*$|`{3,}|~{3,})")
_NUMBERED = re.compile(
    r"^\W*(chapter|section|part|scene|act|title|subtitle|outline|introduction|conclusion|word count|words|"
    r"note|author|by|style|readers|the end|end of)\b[\s\d.:ivxlc–—-]*([:：].*)?$|"
    r"^\W*(?:\d+[.)]\W*)?(chapter|section|part|scene)\s+([\divxlc]+|one|two|three|four|five|six|seven|eight|nine|ten)\b"
    r"[^.!?]*$|"
    r"^\W*(\d+\.\s*)?(the )?((first|second|next|last) )?(sentence|paragraph)( \d+)?\s*[:：]\W*$|"
    r"^\W*第[一二三四五六七八九十百\d]+[章节部回][^。！？]*$|^\W*(标题|题目|大纲|字数|注|作者)\s*[:：]",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\W*((the )?(novel|story|text|report|article|section|chapter)( \d+)?|"
    r"readers|style|outline|summary|introduction|conclusion|a|q)\W*$",
    re.IGNORECASE,
)
_HASHES = re.compile(r"^\s*#{1,6}\s+")
_REMARK = re.compile(r"^\W*(?:introduction|conclusion|note|注)\s*[:：]\s*(\S.*)$", re.IGNORECASE)
_LIST_ITEM = re.compile(r"^\s*([-*+•]|\d{1,3}[.)、])\s+\S")


_OF_ANY_BOOK = Talk()
_SENTENCE_END = re.compile(r"[.!?][\"”’]?\s+|[。！？]")
_BLOCK_LINE = re.compile(r"\s*([-*+•>|]|\d{1,3}[.)、]\s)")


def set_apart(text: str, start: int = 0) -> str:
    """`text` with a blank line between its paragraphs; lists, quotes and tables stay as they are, and so
    does whatever stands before `start`.

    Small models end a paragraph with a single line break, which Markdown reads as a blank.
    """
    lines = text.split("\n")
    parts = [lines[0]]
    place = len(lines[0])
    for before, line in itertools.pairwise(lines):
        prose = before.strip() and line.strip() and not (_BLOCK_LINE.match(before) or _BLOCK_LINE.match(line))
        parts.append("\n\n" if prose and place >= start else "\n")
        parts.append(line)
        place += 1 + len(line)
    return "".join(parts)


def clean(text: str) -> str:
    """`text` without control characters and replacement characters (broken UTF-8)."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c for c in text if c == "\n" or not (c == "\ufffd" or unicodedata.category(c) in _DROPPED))


_DROPPED = frozenset({"Cc", "Cs", "Co", "Cn"})


def _bare(text: str) -> str:
    return re.sub(r"\W+", " ", _MARKS.sub("", text)).strip().lower()


def is_noise(before: str, piece: str) -> bool:
    """Whether `piece` prolongs a run of nothing but signs and figures: "。。。", "31 32 33 34"."""
    signs, figures = before[-WORDLESS:], before[-LETTERLESS:]
    if len(signs) == WORDLESS and not any(map(str.isalnum, signs + piece)):
        return True
    return len(figures) == LETTERLESS and not any(map(str.isalpha, figures + piece))


class LineGate:
    """Lets lines of prose through as they stream. `titles`: headings that the prompt has shown; `breaks`:
    whether a text of this kind has scene breaks."""

    def __init__(
        self, titles: tuple[str, ...] = (), talk: Talk = _OF_ANY_BOOK, *, breaks: bool = False
    ) -> None:
        self._talk = talk
        self._breaks = breaks
        self._break_waits = False
        self._titles = {unnumbered(_bare(title)) for title in titles if _bare(title)}
        self._outline = OutlineEcho(self._titles, _bare)
        self._line = ""
        self._open = False
        self._muted = False
        self._opening = True
        self._items = 0

    def resume(self, text: str) -> None:
        """The section already ends with `text`: the next piece goes on in its last line."""
        self._line = ""
        self._muted = self._break_waits = False
        self._open = bool(text) and not text.endswith("\n")
        self._opening = not text.strip()

    def feed(self, text: str) -> str:
        """What may be shown now."""
        shown: list[str] = []
        for piece in re.split(r"(\n)", text):
            if piece == "\n":
                shown.append(self._end_line())
            elif self._open:
                shown.append(self._behind_list(piece) if self._muted else piece)
            else:
                self._line += piece
                if len(self._line) > HELD_CHARACTERS and not _ONLY_MARKS.match(self._line):
                    shown.append(self._release())
        return "".join(shown)

    def close(self) -> str:
        """What was held back, when no more text comes."""
        return "" if self._open or self._is_bad(self._line) else self._release()

    def _release(self) -> str:
        line, self._line, self._open = self._line, "", True
        self._muted = self._outline.is_list(line)
        if self._muted:
            return self._behind_list(line)
        self._opening = False
        return self._behind_break(line)

    def _behind_list(self, piece: str) -> str:
        """Of a line that began with the outline what stands behind its first sentence, once that has ended: a
        model may write on in the same line for pages."""
        self._line += piece
        end = _SENTENCE_END.search(self._line)
        if end is None:
            return ""
        behind, self._line, self._muted, self._opening = self._line[end.end() :], "", False, False
        return behind

    def _without_label(self, line: str) -> str:
        """A title or a word of the prompt in front of a colon goes, and so do the hashes of a line too long
        for a heading and the mark of a list item too many; the sentence behind it stays."""
        line = _HASHES.sub("", self._outline.without_number(line))
        item = _LIST_ITEM.match(line)
        if item is not None:
            self._items += 1
            return line[item.end() - 1 :] if self._items > MOST_LIST_ITEMS else line
        label, colon, rest = line.replace("：", ":", 1).partition(":")
        echoed = colon and (_bare(label) in self._titles or _LABEL.match(label))
        return rest.lstrip("*_ ") if echoed else line

    def _end_line(self) -> str:
        if self._open:
            self._open, self._line = False, ""
            return "" if self._muted else "\n"
        line, self._line = self._line, ""
        if not line.strip():
            return "" if self._break_waits else "\n"
        if self._is_bad(line):
            self._break_waits = self._break_waits or (self._breaks and breaks_scene(line))
            return ""
        self._opening = False
        return self._behind_break(line) + "\n"

    def _behind_break(self, line: str) -> str:
        """A line that is let through, and in front of it the break that waited for one with words."""
        shown = self._without_label(line)
        waited, self._break_waits = self._break_waits, False
        return f"{SCENE_BREAK}\n\n{shown}" if waited and any(map(str.isalnum, shown)) else shown

    def _is_bad(self, line: str) -> bool:
        if not line.strip():
            return False
        remark = _REMARK.match(line)
        if remark is not None and ends_sentence(line):
            return self._talk.fills(remark[1])
        if self._outline.is_row(line) or self._outline.is_list(line):
            return True
        if breaks_scene(line) or _ONLY_MARKS.match(line) or _HEADING.match(line) or _NUMBERED.match(line):
            return True
        return unnumbered(_bare(line)) in self._titles or self._talk.fills(line, opening=self._opening)
