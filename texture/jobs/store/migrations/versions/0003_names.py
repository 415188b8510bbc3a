"""What each picture of a job is called, by role; until now only the exemplar's name was kept."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KNOWN = """
UPDATE jobs SET names = json_set(names, '$.{role}', exemplar) WHERE json_extract(images, '$.{role}') IS NOT NULL
"""


def upgrade() -> None:
    op.add_column("jobs", sa.Column("names", sa.JSON, nullable=False, server_default="{}"))
    roles = ("source", "model") if op.get_bind().dialect.name == "sqlite" else ()  # as in 0002
    for role in roles:
        op.execute(KNOWN.format(role=role))


def downgrade() -> None:
    op.drop_column("jobs", "names")
