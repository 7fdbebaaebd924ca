"""A desk for job tests: small projects, and a writer inside this process with a fake model."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pytest

from engine.backends.protocol import Backend, Request
from engine.home import Home
from engine.jobs import client, submitting, writer
from engine.planning.outline_text import OutlineItem
from engine.store import jobs, outline, projects, versions
from engine.store.library import Library
from engine.store.schema import Job, Project
from engine.text.counting import count_words
from tests import fakes

PATIENCE_SECONDS = 60.0


def make_project(library: Library, targets: Sequence[int], title: str = "The Pier") -> Project:
    """A story with one flat section a target."""
    brief = {"kind": "story", "premise": "A lighthouse keeper finds a letter in a bottle."}
    project = projects.create(
        library,
        {**brief, "goal_words": max(50, sum(targets))},
        title=title,
        kind="story",
        language="en",
        goal_words=sum(targets),
        settings={"seed": 3},
    )
    items = [
        OutlineItem(title=f"Part {number}", beat=f"What happens in part {number}.", target=target)
        for number, target in enumerate(targets, start=1)
    ]
    outline.replace(library, project.id, items)
    return project


def node_ids(library: Library, project: Project) -> list[str]:
    return [row.node.id for row in outline.tree(library, project.id)]


def texts(library: Library, project: Project) -> list[str]:
    return [versions.current_text(library, node_id) for node_id in node_ids(library, project)]


def everything_written(library: Library, project: Project) -> None:
    """Every section is whole, of its length, counted, and sealed."""
    rows = outline.tree(library, project.id)
    for row in rows:
        text = versions.current_text(library, row.node.id)
        assert row.finish == "complete"
        assert count_words(text) == row.words
        assert abs(row.words - row.target) <= 0.1 * row.target
    open_ones = [
        version for row in rows for version in versions.history(library, row.node.id) if not version.sealed_at
    ]
    assert not open_ones


def wait_until(condition: Callable[[], object], patience: float = PATIENCE_SECONDS) -> None:
    """Poll for something that another thread or process brings about."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def slowly(habit: fakes.Habit, seconds: float = 0.01) -> fakes.Habit:
    """The same text with a pause before each token, so that there is time to interfere."""

    def slow(request: Request) -> Iterator[str]:
        for piece in habit(request):
            time.sleep(seconds)
            yield piece

    return slow


def slow_model() -> fakes.FakeBackend:
    """Prose, with time to interfere."""
    return fakes.FakeBackend(slowly(fakes.prose))


def rested_in_the_middle(
    office: Office,
    project: Project,
    least_words: int,
    wish: Literal["pause", "stop"],
    model: Callable[[], fakes.FakeBackend] = slow_model,
) -> Job:
    """The draft of `project`, asked to rest when it had so many words, once it rests."""
    job = submitting.submit_draft(office.library, project.id)
    office.start(model)
    wait_until(lambda: office.words(job) >= least_words)
    {"pause": client.pause, "stop": client.stop}[wish](office.home, office.library, job.id)
    office.rest()
    job = office.job(job)
    assert job.state == {"pause": "paused", "stop": "stopped"}[wish]
    return job


def writer_pid(library: Library, job: Job) -> int:
    """The process that holds a job, by the name it gave its lease."""
    return int((jobs.get(library, job.id).lease_owner or "").split("-")[0])


@dataclass
class OfficeModels:
    """`engine.jobs.loaded.Models` that makes fakes and tells the office."""

    office: Office
    make: Callable[[], Backend]

    def identity(self, name: str | None) -> tuple[str, ...]:
        return (str(name), *([self.office.identities.pop(0)] if self.office.identities else []))

    def open(self, name: str | None, parallel: int, context: int | None) -> Backend:
        self.office.opened.append((name, parallel))
        self.office.contexts.append(context)
        self.office.backends.append(self.make())
        return self.office.backends[-1]


@dataclass
class Office:
    """A home with a writer thread; `opened` and `contexts` tell the models it loaded, in order.

    `identities` are what the models it asks for turn out to be, one an answer; then they stay the same.
    """

    home: Home
    library: Library
    opened: list[tuple[str | None, int]] = field(default_factory=list)
    contexts: list[int | None] = field(default_factory=list)
    leaving: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)
    backends: list[Backend] = field(default_factory=list)
    identities: list[str] = field(default_factory=list)

    def start(self, make: Callable[[], Backend] = fakes.FakeBackend, idle_seconds: float = 0.0) -> None:
        """Start a writer that leaves when nothing was to do for `idle_seconds`."""

        def run() -> None:
            writer.serve(self.home, OfficeModels(self, make), idle_seconds=idle_seconds, leaving=self.leaving)

        self.threads.append(threading.Thread(target=run, daemon=True))
        self.threads[-1].start()

    def rest(self) -> None:
        """Wait until every writer has left."""
        for thread in self.threads:
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()
        self.threads.clear()

    def run(self, make: Callable[[], Backend] = fakes.FakeBackend) -> None:
        self.start(make)
        self.rest()

    def job(self, job: Job) -> Job:
        return jobs.get(self.library, job.id)

    def words(self, job: Job) -> int:
        return int(self.job(job).progress.get("words", 0))


@pytest.fixture
def office(home: Home, library: Library) -> Iterator[Office]:
    made = Office(home, library)
    yield made
    made.leaving.set()
    made.rest()
