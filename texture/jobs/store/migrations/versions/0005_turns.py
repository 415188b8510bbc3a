"""Owners take turns in the queue: a position is a turn, with room in it for all owners. And how much each thing takes.

What waits keeps its order; everybody's next job comes a turn behind their last.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TURN = 2**20
FRONT_BEFORE, FRONT = -(2**40), -(2**62)  # of brief jobs


def upgrade() -> None:
    op.execute(
        f"UPDATE jobs SET position = CASE WHEN position < 0 THEN (position - {FRONT_BEFORE}) * {TURN} + {FRONT} "
        f"ELSE position * {TURN} END"
    )
    for table in ("jobs", "pictures"):
        op.add_column(table, sa.Column("bytes", sa.BigInteger, nullable=False, server_default="0"))
    op.create_index("ix_jobs_turns", "jobs", ["owner", "state", "position"])


def downgrade() -> None:
    op.drop_index("ix_jobs_turns", "jobs")
    for table in ("jobs", "pictures"):
        op.drop_column(table, "bytes")
    op.execute(
        f"UPDATE jobs SET position = CASE WHEN position < 0 THEN (position - {FRONT}) / {TURN} + {FRONT_BEFORE} "
        f"ELSE position / {TURN} END"
    )
