"""A project to work on, and a look at the SQL that an action runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

import pytest
from sqlalchemy import event

from engine.planning.outline_text import OutlineItem
from engine.store import outline, projects
from engine.store.library import Library
from engine.store.schema import Node, Project

OUTLINE = [
    OutlineItem(
        "The storm", children=(OutlineItem("Dusk", "Ada waits.", 200), OutlineItem("Night", "", 300))
    ),
    OutlineItem("The calm", children=(OutlineItem("Dawn", "", 250), OutlineItem("Noon", "", 250))),
]


@dataclass
class Spied:
    """What SQLite was asked to do: statements with their values, and rows changed."""

    statements: list[tuple[str, object]] = field(default_factory=list)
    changed_rows: int = 0

    @property
    def sql(self) -> list[str]:
        return [statement for statement, _ in self.statements if not statement.startswith("BEGIN")]


Spy = Callable[[], AbstractContextManager[Spied]]


@pytest.fixture
def project(library: Library) -> Project:
    """Two chapters of two sections, 1,000 words: Dusk 200, Night 300, Dawn 250, Noon 250."""
    made = projects.create(library, {"premise": "a storm"}, "The long winter", "novel", "en", 1000)
    outline.replace(library, made.id, OUTLINE)
    return made


@pytest.fixture
def node(library: Library, project: Project) -> Callable[[str], Node]:
    """The node of that title, as it is now."""

    def find(title: str) -> Node:
        return next(row.node for row in outline.tree(library, project.id) if row.node.title == title)

    return find


@pytest.fixture
def spy(library: Library) -> Spy:
    """`with spy() as spied:` collects the SQL that runs through the library meanwhile."""

    @contextmanager
    def watch() -> Iterator[Spied]:
        spied = Spied()

        def note(_c: object, _cursor: object, statement: str, values: object, _x: object, _m: bool) -> None:
            spied.statements.append((statement, values))

        def count(_c: object, cursor: sqlite3.Cursor, *_rest: object) -> None:
            spied.changed_rows += max(0, cursor.rowcount)

        event.listen(library._engine, "before_cursor_execute", note)
        event.listen(library._engine, "after_cursor_execute", count)
        try:
            yield spied
        finally:
            event.remove(library._engine, "before_cursor_execute", note)
            event.remove(library._engine, "after_cursor_execute", count)

    return watch
