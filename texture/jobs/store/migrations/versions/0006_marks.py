"""Jobs and comparisons can be given a name and a star."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("jobs", "comparisons"):
        op.add_column(table, sa.Column("name", sa.String, nullable=True))
        op.add_column(table, sa.Column("star", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for table in ("jobs", "comparisons"):
        op.drop_column(table, "star")
        op.drop_column(table, "name")
