"""Who holds which entry, where several machines run the jobs; and what all servers of a store have to agree on."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("entry", sa.String(32), primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("worker", sa.String, nullable=True),
        sa.Column("seen", sa.DateTime, nullable=False),
    )
    op.create_table(
        "agreed",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.String, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("agreed")
    op.drop_table("leases")
