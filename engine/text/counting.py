"""THE word counter: prompt, page, reward, benchmark and export all count with this module.

One Han character or kana counts as one word, as LongWriter's benchmark counts (`[\\u4e00-\\u9fff]`).
Every other script, Hangul included, counts by words: a run of letters and digits, with apostrophes
and single hyphens inside it ("don't" and "well-known" are one each) and `.,:` between digits
("3,000" is one). Markdown markup does not count: signs are no words, and neither are the number
of a list item (three digits at most: "1986." is a year), the address of a link, or the line that
opens a code block.

It knows no languages: Thai, Lao, Khmer and Burmese, written without spaces, are undercounted.
Called by every room.
"""

from __future__ import annotations

import re

CJK = (
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d\U00020000-\U000323af"
)
"""Inside of a character class: characters that count as one word each."""

# `\w` in `re` leaves out combining marks, so Hindi or decomposed accents would fall apart.
_MARKS = (
    "\u00ad\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a"
    "\u0900-\u0903\u093a-\u093c\u093e-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc\u09be-\u09cd"
    "\u09d7\u0a01-\u0a03\u0a3c-\u0a51\u0a70\u0a71\u0a81-\u0a83\u0abc\u0abe-\u0acd\u0b01-\u0b03\u0b3c"
    "\u0b3e-\u0b57\u0b82\u0bbe-\u0bcd\u0bd7\u0c00-\u0c04\u0c3c\u0c3e-\u0c56\u0c81-\u0c83\u0cbc"
    "\u0cbe-\u0cd6\u0d00-\u0d03\u0d3b\u0d3c\u0d3e-\u0d4d\u0d57\u0d81-\u0d83\u0dca-\u0ddf\u0e31"
    "\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u0f18-\u0f39\u0f71-\u0f84\u102b-\u103e"
    "\u17b4-\u17d3\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20f0\u3099\u309a\ufe00-\ufe0f\ufe20-\ufe2f"
)
_LETTER = rf"[^\W_{CJK}]"
_JOINER = r"['\u2019\u02bc\-\u2010\u2011]"
_WORD = re.compile(
    rf"[{CJK}]"
    rf"|{_LETTER}+(?:[{_MARKS}]+{_LETTER}*|{_JOINER}{_LETTER}+|(?<=\d)[.,:](?=\d){_LETTER}+)*"
)
_MARKUP = re.compile(
    r"^ {0,3}(?:`{3,}|~{3,})[^\n]*"  # the line that opens or closes a code block
    r"|^[ \t]{0,12}\d{1,3}[.)](?=\s)"  # the number of a list item
    r"|(?<=\]\()[^\s)]+",  # the address of a link or picture
    re.MULTILINE,
)
_OPEN_FENCE = re.compile(r"^ {0,3}(?:`{3,}|~{3,})[^\n]*\Z", re.MULTILINE)
_OPEN_LINK = re.compile(r"\]\([^\s)]*\Z")
_MARK_RUN = re.compile(rf"[{_MARKS}]{{2,}}")
_TAIL = 40  # longer than any list number with its indent, the longest context that a rule looks at


def words(text: str) -> list[str]:
    """The words of `text` as they stand there, in order; `len` of it is `count_words`."""
    return _WORD.findall(_MARKUP.sub(" ", text))


def count_words(text: str) -> int:
    """Number of words in `text`. Linear in its length; about 0.1 s for 300,000 words."""
    return len(words(text))


class WordCounter:
    """Counts a text while it grows: after any `feed`s, `words` is `count_words` of all that was fed.

    Each `feed` costs as much as the piece is long, however long the text has become. The count may
    go down by one when a number turns out to be the number of a list item ("1" then ". ").
    """

    def __init__(self, text: str = "") -> None:
        self.words = 0
        self._tail = ""
        self._tail_words = 0
        self.feed(text)

    def feed(self, delta: str) -> None:
        """Add `delta` to the end of the text."""
        if not delta:
            return
        text = self._tail + delta
        self.words += count_words(text) - self._tail_words
        self._tail = _context(text)
        self._tail_words = count_words(self._tail)


def _context(text: str) -> str:
    """The shortest text that goes on as `text` does: what follows counts the same behind both."""
    if _OPEN_FENCE.search(text):
        return "```"
    if _OPEN_LINK.search(text):
        return "\0]("
    text = _MARK_RUN.sub(lambda run: run[0][0], text)
    if len(text) <= _TAIL:
        return text
    # The leading NUL keeps the middle of a line from looking like the start of one.
    return "\0" + text[-_TAIL:]
