"""The first tables.

The long columns of `version` stand last: SQLite reads a row from its front, so the outline (words,
finish) is read without walking through the texts.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None


def upgrade() -> None:
    """Make the tables of an empty library."""
    _projects_and_nodes()
    _jobs_and_models()
    _versions()


def _projects_and_nodes() -> None:
    op.create_table(
        "project",
        sa.Column("id", sa.String, primary_key=True, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("goal_words", sa.Integer, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("updated_at", sa.Float, nullable=False),
        sa.Column("archived_at", sa.Float),
        sa.Column("deleted_at", sa.Float),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("brief", sa.JSON, nullable=False),
    )
    op.create_table(
        "node",
        sa.Column("id", sa.String, primary_key=True, nullable=False),
        sa.Column("project_id", sa.String, sa.ForeignKey("project.id"), nullable=False),
        sa.Column("parent_id", sa.String, sa.ForeignKey("node.id")),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("beat", sa.String, nullable=False),
        sa.Column("target_words", sa.Integer, nullable=False),
        sa.Column("locked", sa.Boolean, nullable=False),
        sa.Column("version_id", sa.String),
        sa.Column("deleted_at", sa.Float),
    )
    op.create_index("ix_node_project_id", "node", ["project_id"])
    op.create_index("ix_node_parent_id", "node", ["parent_id"])


def _jobs_and_models() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.String, primary_key=True, nullable=False),
        sa.Column("project_id", sa.String, sa.ForeignKey("project.id"), nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("control", sa.String, nullable=False),
        sa.Column("error", sa.String),
        sa.Column("lease_owner", sa.String),
        sa.Column("lease_until", sa.Float),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("started_at", sa.Float),
        sa.Column("finished_at", sa.Float),
        sa.Column("params", sa.JSON, nullable=False),
        sa.Column("progress", sa.JSON, nullable=False),
        sa.Column("result", sa.JSON, nullable=False),
    )
    op.create_index("ix_job_project_id", "job", ["project_id"])
    op.create_index(
        "one_active_job_a_project",
        "job",
        ["project_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('queued', 'running', 'paused')"),
    )
    op.create_table(
        "model",
        sa.Column("name", sa.String, primary_key=True, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("location", sa.String, nullable=False),
        sa.Column("key_env", sa.String),
        sa.Column("served_name", sa.String),
        sa.Column("content_hash", sa.String),
        sa.Column("added_at", sa.Float, nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
    )


def _versions() -> None:
    op.create_table(
        "version",
        sa.Column("id", sa.String, primary_key=True, nullable=False),
        sa.Column("project_id", sa.String, sa.ForeignKey("project.id"), nullable=False),
        sa.Column("node_id", sa.String, sa.ForeignKey("node.id"), nullable=False),
        sa.Column("parent_id", sa.String, sa.ForeignKey("version.id")),
        sa.Column("job_id", sa.String, sa.ForeignKey("job.id")),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("words", sa.Integer, nullable=False),
        sa.Column("target_words", sa.Integer, nullable=False),
        sa.Column("finish", sa.String),
        sa.Column("model", sa.String),
        sa.Column("seed", sa.Integer),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("sealed_at", sa.Float),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("think", sa.String, nullable=False),
        sa.Column("sampling", sa.JSON, nullable=False),
        sa.Column("prompt", sa.JSON, nullable=False),
    )
    for column in ("project_id", "node_id", "job_id"):
        op.create_index(f"ix_version_{column}", "version", [column])
    op.create_table(
        "chunk",
        sa.Column("seq", sa.Integer, primary_key=True, nullable=False),
        sa.Column("version_id", sa.String, sa.ForeignKey("version.id"), nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_chunk_version_id", "chunk", ["version_id"])
