"""Where sentences and paragraphs end, in the punctuation of the scripts that have one.

A sentence ends behind `.`, `!`, `?`, `…` or their kin in other scripts and whatever closes with them
(quotes, brackets, emphasis, footnote marks, an emoji). A point before a lower-case letter or behind
a title or an initial ("Dr.", "J.") ends nothing, unless the paragraph ends there, too ("plan B.").
A heading, list item, table row, scene break or code fence ends with its line.
It judges the form alone; it cannot know whether `"Stop!"` is followed by `he said.`

The functions that are asked while a text streams look at its end only. Called by the drafting
room's length controller, by `repetition`, and by whoever cuts or checks a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

SCENE_BREAK = "* * *"
"""The one form in which Longwright itself writes a scene break."""

# Stops that end a sentence whatever follows: CJK, Devanagari, Arabic, Urdu, Armenian, Ethiopic, Burmese.
_SURE_STOPS = "。！？｡।॥؟۔։።။"
_CLOSERS = re.escape("\"'”’»›）)】」』》〉]*_~`")
_NOTE = r"\[\^?\w{1,12}\]|[\u00b9\u00b2\u00b3\u2070-\u2079†‡]"
_CLOSING = rf"(?:[{_CLOSERS}]|[\u00a0\u202f][»›]|{_NOTE})*"
# Marks that open in some languages and close in others („Ende.“, »Ende.«): they close before a blank.
_TURNED = rf"(?:[“‘«‹‚„]+{_CLOSING}(?=\s|\Z))?"
_EMOJI = r"(?: ?[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\u200d\ufe0f]+(?=\s|\Z))?"
_CANDIDATE = re.compile(
    rf"(?:[{_SURE_STOPS}][.!?…{_SURE_STOPS}]*{_CLOSING}"
    rf"|[.!?…]+(?:[{_SURE_STOPS}][.!?…{_SURE_STOPS}]*)?{_CLOSING}{_TURNED}){_EMOJI}|\n"
)
_BLOCK_LINE = re.compile(
    r"[ \t]*(?:#{1,6}[ \t]|[-*+][ \t]+\S|\d{1,3}[.)][ \t]+\S|\||`{3,}|~{3,}|(?:[-*_][ \t]*){3,}$)"
)
_SCENE_BREAK = re.compile(r"[ \t]*(?:[-*_][ \t]*){3,}")
_LIST_NUMBER = re.compile(r"[ \t]*\d{1,3}\.")
_TITLE = re.compile("Dr|Prof|St|Rev|Hon|Capt|Cpt|Lt|Col|Gen|Sgt|Maj|Cmdr|Pres|Gov|Sen|Rep")
_BEFORE_NAME = re.compile("Mr|Mrs|Ms|Mx|Mme|Mlle|Hr|Fr")
_BEFORE_NUMBER = re.compile("nos?|vols?|figs?|eq|ch|chap|sec|pp?|art", re.IGNORECASE)
_GOES_ON = re.compile(r"vs|cf|viz|approx|e\.g|i\.e|z\.b|d\.h|bzw", re.IGNORECASE)
_LAST_WORD = re.compile(r"[\w.]*\Z")
_PARAGRAPH_GAP = re.compile(r"\n[ \t]*\n\s*")
_PARAGRAPH_END = re.compile(r"[ \t]*(?:\n[ \t]*\n|\s*\Z)")
_WINDOW = 400  # characters at the end of a growing text that are looked at first


def sentences(text: str) -> list[str]:
    """The sentences of `text`, stripped; an unfinished one counts where a paragraph ends.

    Nothing but white space is lost between them.
    """
    found: list[str] = []
    for block in _blocks(text):
        start = 0
        for end in _sentence_ends(block, 0):
            found.append(block[start:end])
            start = end
        found.append(block[start:])
    return [sentence for piece in found if (sentence := piece.strip())]


def paragraphs(text: str) -> list[str]:
    """The parts of `text` between blank lines, stripped."""
    return [part for piece in _PARAGRAPH_GAP.split(text) if (part := piece.strip())]


def ends_sentence(text: str) -> bool:
    """Whether `text` ends where a sentence ends (trailing white space aside). Empty text does not."""
    length = len(text) - _trailing_space(text)
    last_line = text[text.rfind("\n", 0, length) + 1 : length]
    if is_scene_break(last_line):
        return True
    return any(end >= length for end in _sentence_ends(text, max(0, length - _WINDOW)))


def is_scene_break(line: str) -> bool:
    """Whether a line is a scene break, in any form that Markdown has for one."""
    return _SCENE_BREAK.fullmatch(line) is not None


def last_sentence_end(text: str) -> int:
    """Index just behind the last complete sentence of `text`, 0 where there is none.

    Closing quotes are in front of the index; so is the line break that ends a heading or list item.
    """
    window = _WINDOW
    while True:
        start = max(0, len(text) - window)
        last = 0
        for end in _sentence_ends(text, start):
            last = end
        if last or start == 0:
            return last
        window *= 8


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs, with each line that is a block of its own on its own."""
    for paragraph in paragraphs(text):
        lines: list[str] = []
        for line in paragraph.split("\n"):
            if lines and (_BLOCK_LINE.match(line) or _BLOCK_LINE.match(lines[-1])):
                yield "\n".join(lines)
                lines = []
            lines.append(line)
        yield "\n".join(lines)


def _sentence_ends(text: str, start: int) -> Iterator[int]:
    """Indexes behind the sentences that end at or behind `start`, in order."""
    for candidate in _CANDIDATE.finditer(text, start):
        end = candidate.end()
        if candidate[0] == "\n":
            if _ends_block_line(text, candidate.start()):
                yield end
        elif _is_sentence_end(text, candidate.start(), end):
            yield end


def _ends_block_line(text: str, newline: int) -> bool:
    line_start = text.rfind("\n", 0, newline) + 1
    return _BLOCK_LINE.match(text, line_start, newline) is not None


def _is_sentence_end(text: str, stop: int, end: int) -> bool:
    """Whether the stop at `stop`, with what closes behind it up to `end`, ends a sentence."""
    if text[stop] in _SURE_STOPS:
        return True
    follow = text[end : end + 40]
    if follow and not follow[0].isspace():
        # CJK writing has no blank behind a stop; "3.5" and "www.example.org" do not either.
        return follow[0] > "\u2e7f" and text[stop] != "."
    if text[stop] == "." and end - stop == 1 and _abbreviates(text, stop, follow):
        return False
    return not _first_letter(follow).islower()


def _abbreviates(text: str, stop: int, follow: str) -> bool:
    """Whether the single point at `stop`, with `follow` behind it, belongs to a title, an initial,
    an abbreviation or a list number."""
    word = _LAST_WORD.findall(text[max(0, stop - 16) : stop])[0]
    if word.isdigit():
        line_start = text.rfind("\n", 0, stop) + 1
        return _LIST_NUMBER.fullmatch(text, line_start, stop + 1) is not None
    if _BEFORE_NUMBER.fullmatch(word):
        return _first_letter(follow).isdigit()
    if (len(word) == 1 and word.isupper() and word.isascii() and word != "I") or _TITLE.fullmatch(word):
        return _PARAGRAPH_END.match(follow) is None
    return (_BEFORE_NAME.fullmatch(word) or _GOES_ON.fullmatch(word)) is not None


def _first_letter(text: str) -> str:
    """The first letter or digit, if nothing but blanks and opening marks stand before it."""
    bare = text.lstrip(" \t\n\"'“‘«(*_")
    return bare[:1]


def _trailing_space(text: str) -> int:
    tail = text[-_WINDOW:]
    if tail.isspace():
        tail = text
    return len(tail) - len(tail.rstrip())
