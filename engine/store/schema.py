"""The tables of a library and the words that several rooms use of them, and nothing else.

Rules that the tables carry: ids are random and never reused; text is append-only (a `Version` is
never rewritten once sealed, a streamed one grows by `Chunk` rows); deleting is a date, not a
DELETE. Times are Unix seconds in UTC; words come from `engine.text.counting` alone.
The modules beside this one are the only readers and writers; they return these rows, detached.
"""

from __future__ import annotations

import time
import uuid
from typing import Any

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field, SQLModel

ACTIVE_STATES = ("queued", "running", "paused")
DRAFTED = frozenset({"draft", "regenerate", "variant"})
"""`Version.origin` of what a model wrote; all others are a person's text."""
UNFINISHED = frozenset({"stopped", "failed", "empty"})
"""`Version.finish` of drafts that were broken off; all others are what the model could do. Whether a section
is unfinished is told by `engine.store.unfinished`."""
ENOUGH = 0.9
"""From this share of its target on a text is all that was asked for."""


def new_id() -> str:
    """A random id: 16 hexadecimal digits."""
    return uuid.uuid4().hex[:16]


def now() -> float:
    """Unix seconds, UTC."""
    return time.time()


class Project(SQLModel, table=True):
    """A book or a report. `brief` is `engine.planning.brief.Brief` as JSON; `settings` is
    `engine.drafting.settings.DraftSettings` as JSON."""

    id: str = Field(default_factory=new_id, primary_key=True)
    title: str
    kind: str
    language: str = "en"
    goal_words: int
    brief: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    settings: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: float = Field(default_factory=now)
    updated_at: float = Field(default_factory=now)
    archived_at: float | None = None
    deleted_at: float | None = None


class Node(SQLModel, table=True):
    """A chapter, section or scene of the outline. Leaves carry text; the target of an inner node
    is the sum of its leaves and stored only for leaves. `version_id` is the text that counts."""

    id: str = Field(default_factory=new_id, primary_key=True)
    project_id: str = Field(foreign_key="project.id", index=True)
    parent_id: str | None = Field(default=None, foreign_key="node.id", index=True)
    position: int
    title: str
    beat: str = ""
    target_words: int = 0
    locked: bool = False
    version_id: str | None = Field(default=None)
    deleted_at: float | None = None


class Version(SQLModel, table=True):
    """One text of one node. Sealed versions never change; an open one (`sealed_at` is None) is
    being drafted and its text is the sum of its chunks.

    `origin`: draft, regenerate, variant, edit, restore, conflict, import.
    `finish`: complete, short, long, stopped, empty, repeating, clipped, failed (drafts); None for a
    person's text.
    `prompt` is `engine.drafting.prompt_pack.PromptPack` as JSON: what the model saw.
    """

    id: str = Field(default_factory=new_id, primary_key=True)
    project_id: str = Field(foreign_key="project.id", index=True)
    node_id: str = Field(foreign_key="node.id", index=True)
    parent_id: str | None = Field(default=None, foreign_key="version.id")
    job_id: str | None = Field(default=None, foreign_key="job.id", index=True)
    origin: str
    text: str = ""
    think: str = ""
    words: int = 0
    target_words: int = 0
    finish: str | None = None
    model: str | None = None
    seed: int | None = None
    sampling: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    prompt: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: float = Field(default_factory=now)
    sealed_at: float | None = None


class Chunk(SQLModel, table=True):
    """A piece of an open version as it came. `channel`: `text`, `think`, or `cut` (then `text` is
    what was taken back from the end of the text channel). Rows are only ever added; `seq` grows
    over the whole library and is never given out twice, even after rows were folded away, so a page
    follows a draft by reading what is behind the last one seen."""

    __table_args__ = {"sqlite_autoincrement": True}

    seq: int | None = Field(default=None, primary_key=True)
    version_id: str = Field(foreign_key="version.id", index=True)
    channel: str
    text: str


class Job(SQLModel, table=True):
    """A piece of work for the writer process. At most one active job a project (unique index).

    `kind`: outline, draft, pairs. `state`: queued, running, paused, stopped, done, failed. A running job
    whose `lease_until` has passed lost its process; `engine.store.jobs.is_interrupted` says so.
    `control`: what the writer asked for: run, pause, stop. `progress` and `result` are JSON of
    `engine.jobs.progress`.
    """

    __table_args__ = (
        Index(
            "one_active_job_a_project",
            "project_id",
            unique=True,
            sqlite_where=text("state IN ('queued', 'running', 'paused')"),
        ),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    project_id: str = Field(foreign_key="project.id", index=True)
    kind: str
    state: str = "queued"
    control: str = "run"
    params: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    progress: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    result: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    error: str | None = None
    lease_owner: str | None = None
    lease_until: float | None = None
    created_at: float = Field(default_factory=now)
    started_at: float | None = None
    finished_at: float | None = None


class Model(SQLModel, table=True):
    """A model that the writer added. The embedded one is not a row. `kind`: gguf, server.

    `location` is a file for gguf, a base URL for a server; `key_env` names the environment
    variable that holds the server's key (the key itself is never stored). `details` is what the
    GGUF or the server told (`engine.backends.gguf.GgufMetadata` as JSON, with what `model_files` remembers
    of the file beside it)."""

    name: str = Field(primary_key=True)
    kind: str
    location: str
    key_env: str | None = None
    served_name: str | None = None
    content_hash: str | None = None
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    added_at: float = Field(default_factory=now)


class Feedback(SQLModel, table=True):
    """One thing that the writer said about a text, or brought along in a file.

    `kind`: ab (two variants side by side), thumb, edit, regeneration, rating, import. For an edit or a
    regeneration `text_a` is what the model had written and `text_b` what was kept in its place; an
    import has the chosen text in `text_a`. `choice`: a, b, tie, skip; up, down (thumbs); None (ratings).
    `messages` is what the model saw, as JSON of `engine.backends.protocol.Message`; empty when only
    `prompt`, the request as text, is known. `shown_left` is the side, a or b, that stood at the left;
    `repeat_of` the row whose question this one asks again; `source` where an import came from.
    """

    id: str = Field(default_factory=new_id, primary_key=True)
    kind: str
    project_id: str | None = Field(default=None, foreign_key="project.id", index=True)
    node_id: str | None = Field(default=None, foreign_key="node.id")
    version_a_id: str | None = Field(default=None, foreign_key="version.id")
    version_b_id: str | None = Field(default=None, foreign_key="version.id")
    choice: str | None = None
    rating: int | None = None
    model: str | None = None
    adapter: str | None = None
    adapter_scale: float | None = None
    seed_a: int | None = None
    seed_b: int | None = None
    shown_left: str | None = None
    repeat_of: str | None = Field(default=None, foreign_key="feedback.id")
    source: str = ""
    words_a: int = 0
    words_b: int = 0
    created_at: float = Field(default_factory=now)
    edited_at: float | None = None
    deleted_at: float | None = None
    note: str = ""
    reasons: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    sampling: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    prompt: str
    messages: list[dict[str, str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    text_a: str
    text_b: str | None = None


class Question(SQLModel, table=True):
    """Two texts for one request that wait for the writer's choice, or had it.

    The columns mean what they mean in `Feedback`; `feedback_id` is the answer and `answered_at` its time.
    `shown_left` is drawn by chance when the question is made. `repeat_of` is the answer that it tests.
    """

    id: str = Field(default_factory=new_id, primary_key=True)
    project_id: str | None = Field(default=None, foreign_key="project.id")
    node_id: str | None = Field(default=None, foreign_key="node.id", index=True)
    version_a_id: str | None = Field(default=None, foreign_key="version.id")
    version_b_id: str | None = Field(default=None, foreign_key="version.id")
    repeat_of: str | None = Field(default=None, foreign_key="feedback.id")
    feedback_id: str | None = Field(default=None, foreign_key="feedback.id")
    shown_left: str = ""
    source: str = ""
    model: str | None = None
    adapter: str | None = None
    adapter_scale: float | None = None
    seed_a: int | None = None
    seed_b: int | None = None
    words_a: int = 0
    words_b: int = 0
    created_at: float = Field(default_factory=now)
    answered_at: float | None = None
    sampling: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    prompt: str
    messages: list[dict[str, str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    text_a: str
    text_b: str
