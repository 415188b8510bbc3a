"""The services behind the API, and ownership.

Everything belongs to the session that made it. A comparison that is shared, and what is part of it, may be viewed by
whoever knows its id; to everybody else it is not there, and nobody can tell that from one that never was.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from pydantic import Field

from texture.errors import NotFound
from texture.images.samples import SAMPLE, find_sample
from texture.jobs.domain.events import ComparisonChanged
from texture.jobs.domain.job import Comparison, Job
from texture.jobs.engines.protocol import Engine
from texture.jobs.store import Store
from texture.jobs.store.comparisons import BESIDE
from texture.settings import Settings
from texture.web.api.problems import Refused, problem
from texture.web.items import Item
from texture.web.metrics import Metrics
from texture.web.weights_state import Weights

Owned = TypeVar("Owned", Job, Comparison)
READ_ONLY = "this belongs to another session, which lets you view it but not change it"


class ComparisonAnswer(Comparison):
    """A comparison as the requesting session may see it."""

    own: bool = Field(description="whether it belongs to the requesting session, which may change it")

    @classmethod
    def for_session(cls, owner: str, comparison: Comparison) -> ComparisonAnswer:
        """The comparison as `owner` sees it."""
        fields = {name: getattr(comparison, name) for name in Comparison.model_fields}
        return cls(**fields, own=comparison.owner == owner)


@dataclass(frozen=True)
class Services:
    """One of each for the whole server; safe to use from any thread."""

    settings: Settings
    store: Store
    engine: Engine
    weights: Weights
    post: Callable[[Item], None]
    metrics: Metrics

    def own_job(self, owner: str, id: str) -> Job:
        """A job of this session.

        Raises:
            NotFound: there is none, or it belongs to another session; the answer does not tell which.
            Refused: it belongs to another session, which shares it.
        """
        return _only_own(owner, self.readable_job(owner, id))

    def readable_job(self, owner: str, id: str) -> Job:
        """A job of this session, or of a comparison that is shared. Raises NotFound."""
        job = self.store.jobs.get(id)
        if job.owner != owner and not self._is_shared(job.comparison):
            raise NotFound(f"job {id!r}: no such job")
        return job

    def own_comparison(self, owner: str, id: str) -> Comparison:
        """A comparison of this session, which is kept and can be changed. Raises NotFound, Refused."""
        comparison = _only_own(owner, self.readable_comparison(owner, id))
        if not comparison.kept:
            raise NotFound(f"comparison {id!r}: jobs that are put side by side are not kept as a comparison")
        return comparison

    def readable_comparison(self, owner: str, id: str) -> Comparison:
        """A comparison of this session, its jobs side by side, or a shared comparison. Raises NotFound."""
        if BESIDE in id:
            return self.store.comparisons.side_by_side(owner, id)
        comparison = self.store.comparisons.get(id)
        if comparison.owner != owner and not comparison.shared:
            raise NotFound(f"comparison {id!r}: no such comparison")
        return comparison

    def own_picture(self, owner: str, id: str) -> None:
        """Raise NotFound unless it is a picture of this session or a sample."""
        if id.startswith(SAMPLE):
            find_sample(id.removeprefix(SAMPLE))
        elif self.store.pictures.get(id).owner != owner:
            raise NotFound(f"picture {id!r}: no such picture")

    def readable_picture(self, owner: str, id: str) -> None:
        """Raise NotFound unless it is one that this session may use, or that a shared comparison shows."""
        if id.startswith(SAMPLE) or not self.store.pictures.is_shared(id):
            self.own_picture(owner, id)

    def check_made(self, owner: str, kind: str, id: str) -> None:
        """Raise NotFound unless this session made it, even if it is in the trash."""
        if not self.store.trash.has_made(owner, id):
            raise NotFound(f"{kind} {id!r}: no such {kind}")

    def tell(self, comparison: Comparison) -> Comparison:
        """Tell its viewers that it has changed; viewers who may no longer see it are removed."""
        jobs = frozenset(job.id for job in comparison.jobs)
        changed = ComparisonChanged(comparison.id, comparison.owner, jobs, comparison.shared)
        self.post(changed)
        self.engine.tell(changed)
        return comparison

    def tell_comparison(self, job: Job) -> None:
        """The same for the comparison that this job belongs to, if any: its labels may have changed."""
        with suppress(NotFound):  # thrown away in this very moment, which is told by itself
            if job.comparison is not None:
                self.tell(self.store.comparisons.get(job.comparison))

    def _is_shared(self, comparison: str | None) -> bool:
        try:
            return comparison is not None and self.store.comparisons.get(comparison).shared
        except NotFound:
            return False


def _only_own(owner: str, thing: Owned) -> Owned:
    if thing.owner != owner:
        raise Refused(problem(403, READ_ONLY))
    return thing
