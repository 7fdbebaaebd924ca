"""What stands beside a delimiter as a character reference, where CommonMark wants a mark in its place.

`**重要：**他说` is emphasis to a writer and to us, and asterisks to most programs: to them a delimiter
behind a mark closes only before white space or another mark. `**重要：**&#20182;说` is emphasis to all of
them, and the same words. So is a blank at the edge of emphasis. Called by
`exports.markdown_inline` alone, where nothing plainer says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from markdown_it.common.utils import isPunctChar


class Part(NamedTuple):
    """A piece of one paragraph's Markdown. Only a sign of a `text` may become a reference."""

    text: str
    role: Literal["text", "opening", "closing", "fixed"]


_OUTSIDE = Part(" ", "fixed")


def joined(parts: Sequence[Part]) -> str:
    """The parts as they are."""
    return "".join(part.text for part in parts)


def referenced(parts: Sequence[Part]) -> str:
    """The parts with a reference in each place where a delimiter asks for one."""
    made: list[Part] = [_OUTSIDE, *parts, _OUTSIDE]
    last: list[Part] = []
    while made != last:  # a reference is a mark, and asks for another one on the far side of its delimiter
        made, last = _referenced_once(made), made
    return joined(made[1:-1])


def _referenced_once(parts: Sequence[Part]) -> list[Part]:
    made = list(parts)
    for before, after in _around_delimiters(made):
        roles = {part.role for part in made[before + 1 : after]}
        if "closing" in roles:
            made[before] = _with_last_named(made[before], str.isspace)
            if isPunctChar(made[before].text[-1]):
                made[after] = _with_first_named(made[after], _is_letter)
        if "opening" in roles:
            made[after] = _with_first_named(made[after], str.isspace)
            if isPunctChar(made[after].text[0]):
                made[before] = _with_last_named(made[before], _is_letter)
    return made


def reference(character: str) -> str:
    """The character by its number."""
    return f"&#{ord(character)};"


def _with_first_named(part: Part, asks: Callable[[str], bool]) -> Part:
    first, rest = part.text[0], part.text[1:]
    return part._replace(text=reference(first) + rest) if part.role == "text" and asks(first) else part


def _with_last_named(part: Part, asks: Callable[[str], bool]) -> Part:
    rest, last = part.text[:-1], part.text[-1]
    return part._replace(text=rest + reference(last)) if part.role == "text" and asks(last) else part


def _around_delimiters(parts: Sequence[Part]) -> Iterator[tuple[int, int]]:
    """The numbers of the parts before and after each run of delimiters."""
    numbered = groupby(range(len(parts)), lambda index: parts[index].role in ("opening", "closing"))
    for is_delimiters, run in numbered:
        if is_delimiters:
            indices = list(run)
            yield indices[0] - 1, indices[-1] + 1


def _is_letter(character: str) -> bool:
    return not character.isspace() and not isPunctChar(character)
