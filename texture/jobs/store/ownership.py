"""Whose things are whose, those in the trash too, and what a shared comparison lets others see."""

from __future__ import annotations

from sqlalchemy import select

from texture.jobs.store.schema import ComparisonRow, JobRow, PictureRow
from texture.jobs.store.tables import Tables


class Ownership(Tables):
    """What is asked before anybody is let near."""

    def has_made(self, owner: str, id: str) -> bool:
        """Whether this owner has made the job or comparison of that id."""
        with self.reading() as session:
            made = (session.get(JobRow, id), session.get(ComparisonRow, id))
        return any(row is not None and row.owner == owner for row in made)

    def is_shown(self, picture: str) -> bool:
        """Whether a comparison that is shared was given this picture by its owner."""
        owner = select(PictureRow.owner).where(PictureRow.id == picture).scalar_subquery()
        shown = ComparisonRow.owner == owner, ComparisonRow.shared, ComparisonRow.trashed.is_(None)
        with self.reading() as session:
            return any(
                picture in images.values() for images in session.scalars(select(ComparisonRow.images).where(*shown))
            )
