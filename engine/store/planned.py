"""What planning makes of a brief or of Markdown headings, put into the library.

Here the rules of `engine.planning` meet the store, once for everybody: a project from a brief, an outline
from headings, and the headings of an outline. Everything that can be refused is refused before anything
is stored. Called by the library and plan pages and the verbs `write` and `outline`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from engine.planning.brief import Brief, check_goal, title_of
from engine.planning.length_range import range_of
from engine.planning.outline_text import OutlineItem, parse_outline, render_outline, split_title, stated_goal
from engine.planning.quotas import SectionLimits, assign
from engine.store import projects
from engine.store.library import Library
from engine.store.replacing import replace
from engine.store.schema import Project
from engine.store.tree import OutlineNode, tree


def begin(
    library: Library,
    brief: Brief,
    limits: SectionLimits | None = None,
    *,
    title: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Project:
    """A project from a brief; with the brief's own outline shared out to the goal, if it has one.

    The length is the brief's, else what its outline states, else what its words ask for. Raises BadInput
    for an outline or a length that cannot be used.
    """
    heading, items = split_title(parse_outline(brief.outline)) if brief.outline else (None, [])
    stated = brief.goal_words if brief.goal_words is not None else stated_goal(items)
    goal = check_goal(range_of(brief.premise, stated, brief.kind).target)
    planned = assign(items, goal, limits or SectionLimits(), brief.language) if items else []
    project = projects.create(
        library,
        brief.model_copy(update={"goal_words": goal}).model_dump(mode="json"),
        title=title or heading or title_of(brief),
        kind=brief.kind,
        language=brief.language,
        goal_words=goal,
        settings=settings,
    )
    if planned:
        replace(library, project.id, planned)
    return project


def set_outline(
    library: Library, project: Project, markdown: str, limits: SectionLimits, keep_matching: bool = False
) -> list[OutlineNode]:
    """Replace the outline by Markdown headings; targets are shared out to the book's goal.

    `keep_matching` as in `outline.replace`, whose errors are raised too. Raises BadInput for Markdown
    without headings, with too many, or a goal too small for them.
    """
    _title, items = split_title(parse_outline(markdown))
    planned = assign(items, project.goal_words, limits, project.language)
    return replace(library, project.id, planned, keep_matching)


def outline_markdown(library: Library, project: Project) -> str:
    """The outline as headings that `set_outline` reads back as the same."""
    items = _items(tree(library, project.id))
    if split_title(items)[0] is not None:
        # A chapter that stands alone at the top would be read as the book's title.
        items = [OutlineItem(project.title, children=tuple(items))]
    return render_outline(items)


def _items(rows: Sequence[OutlineNode], depth: int = 0) -> list[OutlineItem]:
    starts = [index for index, row in enumerate(rows) if row.depth == depth]
    items: list[OutlineItem] = []
    for start, end in pairwise([*starts, len(rows)]):
        node = rows[start].node
        target = rows[start].target if rows[start].is_leaf else None
        children = tuple(_items(rows[start + 1 : end], depth + 1))
        items.append(OutlineItem(node.title, node.beat, target, node.locked, children))
    return items
