"""The letter beside a delimiter as a character reference, where CommonMark wants a mark in its place.

`**重要：**他说` is emphasis to a writer and to us, and asterisks to most programs: to them a delimiter
behind a mark closes only before white space or another mark. `**重要：**&#20182;说` is emphasis to all of
them, and the same words. Called by `exports.markdown_inline` alone, where nothing plainer says the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from markdown_it.common.utils import isPunctChar


class Part(NamedTuple):
    """A piece of one paragraph's Markdown. Only a letter of a `text` may become a reference."""

    text: str
    role: Literal["text", "opening", "closing", "fixed"]


def joined(parts: Sequence[Part]) -> str:
    """The parts as they are."""
    return "".join(part.text for part in parts)


def referenced(parts: Sequence[Part]) -> str:
    """The parts with a reference in each place where a delimiter asks for one."""
    texts = [part.text for part in parts]
    for before, after in _around_delimiters(parts):
        roles = {part.role for part in parts[before + 1 : after]}
        last, first = texts[before][-1], texts[after][0]
        if "closing" in roles and isPunctChar(last) and _is_letter(first) and parts[after].role == "text":
            texts[after] = reference(first) + texts[after][1:]
        if "opening" in roles and isPunctChar(first) and _is_letter(last) and parts[before].role == "text":
            texts[before] = texts[before][:-1] + reference(last)
    return "".join(texts)


def reference(character: str) -> str:
    """The character by its number."""
    return f"&#{ord(character)};"


def _around_delimiters(parts: Sequence[Part]) -> Iterator[tuple[int, int]]:
    """The numbers of the parts before and after each run of delimiters that has both."""
    numbered = groupby(range(len(parts)), lambda index: parts[index].role in ("opening", "closing"))
    for is_delimiters, run in numbered:
        indices = list(run)
        if is_delimiters and indices[0] > 0 and indices[-1] + 1 < len(parts):
            yield indices[0] - 1, indices[-1] + 1


def _is_letter(character: str) -> bool:
    return not character.isspace() and not isPunctChar(character)
