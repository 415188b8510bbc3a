"""Comparisons, the trash, what a training leaves behind, and figures beside their floors.

Columns are added in place: to recreate the table of jobs would drop it, and with it the points of its curves.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SAMPLES = {  # what the built-in pictures are called
    "pebbles": "Pebbles",
    "weave": "Woven cloth",
    "clay": "Cracked clay",
    "marble": "Marble",
    "brick": "Brick wall",
    "grass": "Grass",
    "gravel": "Gravel",
}
NAMES = """
UPDATE jobs SET exemplar = coalesce(
    (SELECT name FROM pictures WHERE pictures.id = json_extract(jobs.images, '$.source')),
    json_extract(jobs.images, '$.source'), '')
"""
DONE = """
UPDATE jobs SET done = CASE
    WHEN state = 'done' THEN 1.0 WHEN total > 0 THEN min(1.0, 1.0 * number / total) ELSE 0.0 END
"""
WALL = "UPDATE points SET wall = seconds"  # nobody wrote down more


def upgrade() -> None:
    _comparisons()
    _jobs()
    op.add_column("points", sa.Column("wall", sa.Double, nullable=False, server_default="0"))
    if op.get_bind().dialect.name == "sqlite":  # no other database is as old as this, so none has rows by now
        _fill_in()


def _fill_in() -> None:
    for statement in (NAMES, DONE, WALL):
        op.execute(statement)
    for name, title in SAMPLES.items():
        op.execute(
            sa.text("UPDATE jobs SET exemplar = :title WHERE exemplar = :id").bindparams(
                title=title, id=f"sample:{name}"
            )
        )


def _comparisons() -> None:
    op.create_table(
        "comparisons",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("exemplar", sa.String, nullable=False),
        sa.Column("images", sa.JSON, nullable=False),
        sa.Column("shared", sa.Boolean, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("trashed", sa.DateTime),
    )
    op.create_index("ix_comparisons_owner", "comparisons", ["owner", "created"])


def _jobs() -> None:
    # Written out: Alembic would add the foreign key by itself, which SQLite cannot.
    op.execute("ALTER TABLE jobs ADD COLUMN comparison VARCHAR(32) REFERENCES comparisons (id)")
    op.create_index("ix_jobs_comparison", "jobs", ["comparison"])
    for column in (
        sa.Column("exemplar", sa.String, nullable=False, server_default=""),
        sa.Column("done", sa.Double, nullable=False, server_default="0"),
        sa.Column("memory", sa.Integer),
        sa.Column("floors", sa.JSON, nullable=False, server_default="{}"),
        sa.Column("files", sa.JSON, nullable=False, server_default="[]"),
        sa.Column("trashed", sa.DateTime),
    ):
        op.add_column("jobs", column)


def downgrade() -> None:
    op.drop_column("points", "wall")
    op.drop_index("ix_jobs_comparison", "jobs")
    for column in ("comparison", "exemplar", "done", "memory", "floors", "files", "trashed"):
        op.drop_column("jobs", column)
    op.drop_table("comparisons")
