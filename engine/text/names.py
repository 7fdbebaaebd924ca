"""Proper names of several words, as their capitals tell them: what may be said again word for word.

"Ministry for Economic Affairs", "Anna Maria van der Berg". Two capitalised words make a name, with at
most two of the small words between them that names are joined by. It knows no dictionary: a title in
capitals or two German nouns side by side count as well, which costs nothing but a softer guard against
repeats. Scripts without capitals have no names here. Called by `drafting.ledger`.
"""

from __future__ import annotations

import re

_JOINING = (
    "a|al|and|at|bin|by|da|das|del?|della|de[nrs]|di|dos?|du|e|el|et|for|für|in|las?|les?|los|of|on|og|och"
    "|the|und|van|vom|von|y|zum?|zur"
)
_CAPITALISED = r"(?:A\.|A(?:[\w'’-]*\w)?)"
_NAME = re.compile(
    rf"(?<![\w'’-]){_CAPITALISED}(?:[ \t]+(?:(?:{_JOINING})[ \t]+){{0,2}}{_CAPITALISED})+(?![\w'’-])"
)


def names(text: str) -> list[str]:
    """The names in `text` in order, each as it stands there."""
    # `re` has no class for capitals of all scripts: each is looked for as an A.
    shadow = "".join("A" if character.isupper() else character for character in text)
    return [text[match.start() : match.end()] for match in _NAME.finditer(shadow)]
