"""What the calls of the API work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from texture.errors import NotFound
from texture.jobs.engine import Engine
from texture.jobs.job import Job
from texture.jobs.store import Store
from texture.settings import Settings
from texture.web.viewers import Item
from texture.web.weights import Weights


@dataclass(frozen=True)
class Services:
    """One of each for the whole server; safe to use from any thread."""

    settings: Settings
    store: Store
    engine: Engine
    weights: Weights
    post: Callable[[Item], None]

    def own_job(self, owner: str, id: str) -> Job:
        """A job of this session.

        Raises:
            NotFound: there is none, or it is somebody else's; nobody can tell which.
        """
        job = self.store.job(id)
        if job.owner != owner:
            raise NotFound(f"job {id!r}: there is none of that id")
        return job
