"""What outgrows 32 bits: positions in the queue, bytes, numbers of events. SQLite's own integers have 64 anyway.

Each column is created again beside the old one: to recreate the table of jobs would drop it, and with it the points.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _change(sa.BigInteger)


def downgrade() -> None:
    _change(sa.Integer)


def _change(kind: type[sa.Integer]) -> None:
    op.drop_index("ix_jobs_queue", "jobs")  # a column that is in an index cannot be dropped
    for column in (
        sa.Column("seq", kind, nullable=False, server_default="0"),
        sa.Column("position", kind, nullable=False, server_default="0"),
        sa.Column("memory", kind),
    ):
        _replace(column)
    op.create_index("ix_jobs_queue", "jobs", ["state", "position"])


def _replace(column: sa.Column[int]) -> None:
    op.alter_column("jobs", column.name, new_column_name=f"old_{column.name}")
    op.add_column("jobs", column)
    op.execute(f"UPDATE jobs SET {column.name} = old_{column.name}")
    op.drop_column("jobs", f"old_{column.name}")
