"""What all servers of one database have to agree on: as whoever came first has said it."""

from __future__ import annotations

from texture.jobs.store.database import Database
from texture.jobs.store.schema import AgreedRow


class Agreed:
    """Values by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, name: str) -> str | None:
        """The value of that name, if there is one."""
        with self._database.reading() as session:
            row = session.get(AgreedRow, name)
            return None if row is None else row.value

    def value(self, name: str, proposed: str) -> str:
        """The value of that name; if there is none yet, it is the proposed one from now on."""
        with self._database.writing() as session:
            row = session.get(AgreedRow, name)
            if row is None:
                row = AgreedRow(name=name, value=proposed)
                session.add(row)
            return row.value
