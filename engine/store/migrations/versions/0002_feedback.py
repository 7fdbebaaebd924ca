"""What the writer said about texts.

The long columns stand last, as in `version`: lists and counts do not walk through the texts.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Add the table of feedback; no other table is touched."""
    op.create_table(
        "feedback",
        sa.Column("id", sa.String, primary_key=True, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("project_id", sa.String, sa.ForeignKey("project.id")),
        sa.Column("node_id", sa.String, sa.ForeignKey("node.id")),
        sa.Column("version_a_id", sa.String, sa.ForeignKey("version.id")),
        sa.Column("version_b_id", sa.String, sa.ForeignKey("version.id")),
        sa.Column("choice", sa.String),
        sa.Column("rating", sa.Integer),
        sa.Column("model", sa.String),
        sa.Column("adapter", sa.String),
        sa.Column("adapter_scale", sa.Float),
        sa.Column("seed_a", sa.Integer),
        sa.Column("seed_b", sa.Integer),
        sa.Column("shown_left", sa.String),
        sa.Column("repeat_of", sa.String, sa.ForeignKey("feedback.id")),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("words_a", sa.Integer, nullable=False),
        sa.Column("words_b", sa.Integer, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("edited_at", sa.Float),
        sa.Column("deleted_at", sa.Float),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("sampling", sa.JSON, nullable=False),
        sa.Column("prompt", sa.String, nullable=False),
        sa.Column("messages", sa.JSON, nullable=False),
        sa.Column("text_a", sa.String, nullable=False),
        sa.Column("text_b", sa.String),
    )
    op.create_index("ix_feedback_project_id", "feedback", ["project_id"])
