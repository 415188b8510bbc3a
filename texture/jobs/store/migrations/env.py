"""Runs the scripts on the connection that `migrating.bring_up_to_date` hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

from texture.jobs.store.schema import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,  # SQLite changes a column by recreating the table
    transactional_ddl=False,  # the caller's transaction holds it all
)
context.run_migrations()
