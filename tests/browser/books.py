"""Projects for the browser tests, made as the page would make them."""

from __future__ import annotations

from engine.planning.brief import read_brief
from engine.store import outline, planned
from engine.store.library import Library
from engine.store.schema import Project

OUTLINE = """# The Well
## Morning
### The rope
Mira finds the rope cut.
### The bucket
She climbs down for the bucket.
## Evening
### The letter
A letter lies on the wall of the well.
"""


def book(library: Library, title: str = "The Well", words: int = 300, own_outline: str = OUTLINE) -> Project:
    """A small novel with three sections and no text."""
    brief = read_brief(
        "A girl in a dry village keeps the only well.", kind="novel", goal_words=words, outline=own_outline
    )
    return planned.begin(library, brief, title=title)


def sections(library: Library, project: Project) -> list[str]:
    """Ids of the sections in reading order."""
    return [row.node.id for row in outline.leaves(library, project.id)]
