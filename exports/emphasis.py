"""Where emphasis begins and ends in prose: a markdown-it plugin for two rules.

Beside Chinese, Japanese and Korean: CommonMark lets `**` close behind a punctuation mark only if white space
or another mark follows. Nobody types a space into `**重要：**他说`, so the asterisks would stay in the text.
Here the marks of these scripts count as letters, and any letter of theirs does what a space does: the
CJK-friendly amendment to CommonMark (github.com/tats-u/markdown-cjk-friendly, specification.md).

Inside a word of other scripts: in `2*3*4`, `Leser*innen und Autor*innen` and `f**k s**t` the asterisks are
the writer's own. Emphasis that begins inside a word ends inside it (`im*possible*`) and touches no digit
where it begins; between two digits it does not end either. Every other text reads as before.
Used by `exports.commonmark`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.common.utils import isPunctChar, isWhiteSpace
from markdown_it.rules_inline import StateInline, emphasis, strikethrough

_Rule = Callable[[StateInline, bool], bool]
_VARIATION = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# Vowels and final consonants of Hangul, which have no width of their own.
_HANGUL_PARTS = re.compile(r"[\u1160-\u11ff\ud7b0-\ud7ff]")
_EMOJI = re.compile(r"[\u2300-\u2bff\U0001f000-\U0001ffff]")


def prose_emphasis(parser: MarkdownIt) -> None:
    """For `MarkdownIt.use`."""
    parser.inline.ruler.at("emphasis", _judged_anew(emphasis.tokenize))
    parser.inline.ruler.at("strikethrough", _judged_anew(strikethrough.tokenize))


def _judged_anew(rule: _Rule) -> _Rule:
    """`rule`, whose delimiters open and close as the two rules say."""

    def judged(state: StateInline, silent: bool) -> bool:
        start, known = state.pos, len(state.delimiters)
        if not rule(state, silent):
            return False
        after = state.src[state.pos] if state.pos < state.posMax else " "
        before = _before(state.src, start)
        opens, closes = _sides(before, after, inside_words=state.src[start] != "_")
        if _is_in_word(before) and _is_in_word(after):
            opens = opens and not _is_own(state, before, after)
            closes = closes and not (before.isdigit() and after.isdigit())
        for delimiter in state.delimiters[known:]:
            delimiter.open, delimiter.close = opens, closes
        return True

    return judged


def _sides(before: str, after: str, inside_words: bool) -> tuple[bool, bool]:
    """Whether a run of delimiters between these two characters can open and can close."""
    blank_before, blank_after = isWhiteSpace(ord(before)), isWhiteSpace(ord(after))
    mark_before = isPunctChar(before) and not is_cjk(before)
    mark_after = isPunctChar(after) and not is_cjk(after)
    left = not blank_after and (not mark_after or blank_before or mark_before or is_cjk(before))
    right = not blank_before and (not mark_before or blank_after or mark_after or is_cjk(after))
    if inside_words:
        return left, right
    return left and (not right or isPunctChar(before)), right and (not left or isPunctChar(after))


def _is_own(state: StateInline, before: str, after: str) -> bool:
    """Whether what stands in a word, in front of `state.pos`, is the writer's own and opens nothing."""
    end = state.src.find(state.src[state.pos - 1], state.pos, state.posMax)
    spans_words = end >= 0 and any(map(str.isspace, state.src[state.pos : end]))
    return spans_words or before.isdigit() or after.isdigit()


def _is_in_word(character: str) -> bool:
    return character.isalnum() and not is_cjk(character)


def _before(source: str, start: int) -> str:
    """The character before `start`; a selector of its look is no character by itself."""
    if start > 1 and _VARIATION.match(source, start - 1):
        return source[start - 2]
    return source[start - 1] if start else " "


def is_cjk(character: str) -> bool:
    """Han, kana, Hangul and their marks: what East Asian fonts draw wide, emoji apart."""
    if _HANGUL_PARTS.match(character):
        return True
    wide = unicodedata.east_asian_width(character) in "WFH"
    return wide and not (unicodedata.category(character) in ("So", "Sk") and _EMOJI.match(character))
