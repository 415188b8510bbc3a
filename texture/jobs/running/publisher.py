"""Publishes events to the listener, each with the job's next sequence number."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from texture.errors import NotFound
from texture.jobs.domain.events import Changed, Deleted, Event, Framed, Listener, Stepped
from texture.jobs.domain.job import Job
from texture.jobs.scheduling.queue import Progress
from texture.jobs.store import Store

log = logging.getLogger(__name__)


class Publisher:
    """Between the worker and the listener. A listener that raises is a bug, but never fails a job."""

    def __init__(self, store: Store, listener: Listener) -> None:
        self._database, self._jobs, self._listener = store.database, store.jobs, listener

    def changes(self) -> None:
        """Publish every row that has changed since the last call, as it is now."""
        changed: dict[str, None] = {}
        while (job := self._next_changed()) is not None:
            changed[job] = None
        numbers: dict[str, int] = {}
        try:
            for job in changed:
                with suppress(NotFound):  # thrown away, and the world knows: whoever moved it then was late to say so
                    numbers[job] = self._database.sequence.next(job)
            # Looked up after they are numbered: a row is never older than another with a lower number.
            rows = self._jobs.some(numbers) if numbers else {}
        except Exception:  # the database is away: they are still to be told
            self._database.changes.extendleft(reversed(changed))
            raise
        for job, seq in numbers.items():
            self._row(job, seq, rows.get(job))

    def stepped(self, job: str, progress: Progress, wall: float) -> None:
        """Publish a job's progress, `wall` seconds after it was created."""
        event = Stepped(
            job=job,
            seq=self._database.sequence.next(job),
            number=progress.number,
            total=progress.total,
            done=progress.done,
            seconds=progress.seconds,
            wall=wall,
            eta=progress.eta,
            losses=progress.losses,
            metrics=progress.metrics,
        )
        self.publish(event)

    def frame(self, job: str, number: int, width: int, height: int) -> Callable[[bytes], Framed] | None:
        """What makes the next frame of a job from its JPEG, which takes a while; None where it is deleted."""
        with suppress(NotFound):
            return partial(Framed, job, self._database.sequence.next(job), number, width, height)
        return None

    def wants_frame(self, job: str) -> bool:
        """Whether anybody would look at a picture of this job now."""
        try:
            return self._listener.wants_frame(job)
        except Exception:
            log.exception("the listener failed")
            return False

    def _next_changed(self) -> str | None:
        try:
            return self._database.changes.popleft()
        except IndexError:  # another thread may publish as well, so that asking first would not do
            return None

    def _row(self, job: str, seq: int, row: Job | None) -> None:
        if row is None:
            self._database.sequence.forget(job)
            self.publish(Deleted(job, seq))
        else:
            self.publish(Changed(job, seq, row.model_copy(update={"seq": seq})))

    def publish(self, event: Event) -> None:
        """Publish an event. Safe to call from any thread."""
        try:
            self._listener.publish(event)
        except Exception:
            log.exception("the listener failed")
