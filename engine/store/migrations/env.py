"""What Alembic runs to apply the scripts, inside the transaction that `engine.store.migrate` began."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

import engine.store.schema  # noqa: F401  (fills SQLModel.metadata)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
