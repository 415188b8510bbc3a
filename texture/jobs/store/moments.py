"""The clock of the database, which all its processes share."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import DateTime, func, select
from sqlalchemy.orm import Session


def now(session: Session) -> datetime:
    """The moment by the database's clock; SQLite's is that of this machine."""
    if session.get_bind().dialect.name == "sqlite":
        return datetime.now(UTC)
    return session.execute(select(func.clock_timestamp(type_=DateTime(timezone=True)))).scalar_one()


def shared_clock(reading: Callable[[], Session]) -> Callable[[], int]:
    """Milliseconds since 1970 by the database's clock, asked once: from then on this process's goes on from there."""
    with reading() as session:
        session.connection()  # what it takes to connect does not count
        began = time.monotonic()
        moment = now(session).timestamp()
        ended = time.monotonic()
    start = moment - (began + ended) / 2
    return lambda: round(1000 * (start + time.monotonic()))
