"""Questions that wait for the writer: two texts side by side.

The long columns stand last, as in `version`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    """Add the table of questions; no other table is touched."""
    op.create_table(
        "question",
        sa.Column("id", sa.String, primary_key=True, nullable=False),
        sa.Column("project_id", sa.String, sa.ForeignKey("project.id")),
        sa.Column("node_id", sa.String, sa.ForeignKey("node.id")),
        sa.Column("version_a_id", sa.String, sa.ForeignKey("version.id")),
        sa.Column("version_b_id", sa.String, sa.ForeignKey("version.id")),
        sa.Column("repeat_of", sa.String, sa.ForeignKey("feedback.id")),
        sa.Column("feedback_id", sa.String, sa.ForeignKey("feedback.id")),
        sa.Column("shown_left", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("model", sa.String),
        sa.Column("adapter", sa.String),
        sa.Column("adapter_scale", sa.Float),
        sa.Column("seed_a", sa.Integer),
        sa.Column("seed_b", sa.Integer),
        sa.Column("words_a", sa.Integer, nullable=False),
        sa.Column("words_b", sa.Integer, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("answered_at", sa.Float),
        sa.Column("sampling", sa.JSON, nullable=False),
        sa.Column("prompt", sa.String, nullable=False),
        sa.Column("messages", sa.JSON, nullable=False),
        sa.Column("text_a", sa.String, nullable=False),
        sa.Column("text_b", sa.String, nullable=False),
    )
    op.create_index("ix_question_node_id", "question", ["node_id"])
