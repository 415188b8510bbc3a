"""The queue as the worker sees it: which job is next, why a job has to wait, and until when."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from texture.errors import NotFound, TextureError
from texture.features import weights
from texture.jobs.domain.job import Job
from texture.jobs.domain.throttle import Throttle
from texture.jobs.scheduling.aside import Aside
from texture.jobs.scheduling.forecast import Claim, finish_times, has_place, need
from texture.jobs.scheduling.queue import JobQueue
from texture.jobs.store import Store
from texture.methods.contract import Outline
from texture.methods.registry import find_method
from texture.settings import Settings

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0  # seconds between checks of a queue in which a job waits
LOOKING = 0.01  # of the time, at most, goes into that
FORESEEN = 50  # jobs at the front of the queue that are told when they will be done
SWEPT = 5  # jobs behind them whose places are told again with each look
ALONE = "waits until nothing else runs, as the program crashed twice while it was running"
SUSPECT = 2  # a job that crashed the process so often runs alone, to spare the others


class Active(Protocol):
    """A job that is active on the device, as far as the scheduler must know: see `Claim`."""

    @property
    def entry(self) -> str:
        """The comparison that it belongs to, or itself."""

    @property
    def need(self) -> float | None:
        """Device time in seconds that it still needs."""

    @property
    def brief(self) -> bool:
        """Whether it needs no place of its own."""

    @property
    def alone(self) -> bool:
        """Whether it must not share the device."""


class Scheduler:
    """Who waits for the device. What it costs to look does not grow with the queue."""

    def __init__(self, settings: Settings, store: Store, queue: JobQueue) -> None:
        self._settings, self._database, self._queue = settings, store.database, queue
        self._aside = Aside()
        self._front: list[Job] = []
        self._places: dict[str, int | None] = {}  # that were told of those at the front
        self._scanned: str | None = None  # behind the front, how far it has been looked through for one that can start
        self._swept: str | None = None  # how far the places behind the front have been told again
        self._blocked: set[str] = set()  # those that wait for something other than their turn
        self._claims: list[Claim] = []
        self._waited_for = False  # somebody waits, or nobody has looked whether
        self._next_look, self._looking = 0.0, Throttle(0.0, LOOKING)

    @property
    def due(self) -> bool:
        """Whether the queue should be checked again, without anybody having asked."""
        return self._waited_for and time.monotonic() >= self._next_look and self._looking.due

    @property
    def pause(self) -> float | None:
        """Seconds after which to check again when the device is idle; None: when woken."""
        return LOOK_EVERY if self._waited_for else None

    def alone(self, job: Job) -> bool:
        """Whether it must have the device to itself."""
        return job.crashes >= SUSPECT or self.needs_all(job.id)

    def needs_all(self, job: str) -> bool:
        """Whether it keeps running out of memory beside others."""
        return self._aside.keeps_failing(job)

    def forget(self, job: str) -> None:
        """Forget a job that has ended."""
        self._aside.forget(job)

    def set_aside(self, job: str, message: str, *, full_disk: bool = False) -> None:
        """Release a job for which there is not enough memory or disk space: it waits, and its row says why."""
        self._aside.put(job, full_disk)
        self._queue.put_down(job, message=message)

    def next(self, runs: Sequence[Active]) -> Job | None:
        """The next job that may start beside the running ones."""
        if any(other.alone for other in runs):
            return None
        active = [_claim_of(other) for other in runs]
        for job in self._candidates(active):
            if self._aside.waits(job.id, bool(runs)):
                if self._aside.keeps_failing(job.id) and runs:
                    return None  # others that start before it would keep it waiting
                continue
            if runs and job.crashes >= SUSPECT:
                self._queue.say(job.id, ALONE)  # the others must not wait for it
                continue
            if has_place(_claim(job), active, self._settings.active) and not self._must_wait(job):
                return job
        return None

    def look(self, runs: Sequence[Active], tell: Callable[[], None]) -> None:
        """Update the places and times of waiting jobs: those at the front, and a few behind it by turns.

        tell: publishes all rows that have changed, which is part of what a look costs.
        """
        if not self._looking.due:
            self._waited_for, self._next_look = True, 0.0
            return
        with self._looking.taken():
            self._next_look = time.monotonic() + LOOK_EVERY
            self._front = self._queue.front(FORESEEN)
            self._waited_for = bool(self._front)
            self._tell_places()
            self._claims = self._foresee(self._front)
            etas = list(zip(self._front, self._times(runs)[len(runs) :], strict=True))
            if any(_differ(job.eta, eta) for job, eta in etas):  # then all: one behind must not seem to be done before
                self._queue.expect({job.id: eta for job, eta in etas})
            tell()

    def _candidates(self, active: Sequence[Claim]) -> Iterator[Job]:
        """Who may be able to start, in order: as many as a look may cost."""
        yield from self._queue.beside({claim.entry for claim in active})
        if has_place(Claim("", brief=True), active, self._settings.active):
            yield from self._queue.front(FORESEEN, brief=True)
        if has_place(Claim(""), active, self._settings.active):
            front = self._queue.front(FORESEEN, brief=False)
            yield from front
            if len(front) == FORESEEN:
                page = self._queue.front(FORESEEN, brief=False, after=self._scanned or front[-1].id)
                self._scanned = page[-1].id if page else None
                yield from page

    def _tell_places(self) -> None:
        full = len(self._places) >= FORESEEN  # then whoever is new at the front comes from behind it
        unseen = {job.id: None if full else job.place for job in self._front}
        changed = [job.id for job in self._front if {**unseen, **self._places}[job.id] != job.place]
        self._places = {job.id: job.place for job in self._front}
        self._database.changes.extend(changed)
        if len(self._front) == FORESEEN:
            page = self._queue.front(SWEPT, after=self._swept or self._front[-1].id)
            self._swept = page[-1].id if page else None
            self._database.changes.extend(job.id for job in page)

    def eta(self, job: Active, runs: Sequence[Active]) -> float | None:
        """Estimated seconds until a running job is done, with the others taking their turns."""
        return self._times(runs)[list(runs).index(job)]

    def _foresee(self, waiting: Sequence[Job]) -> list[Claim]:
        examples = {method: self._example(method) for method in {job.method for job in waiting}}
        return [_claim(job, self._need(job, examples[job.method])) for job in waiting]

    def _need(self, job: Job, example: tuple[Job, Outline] | None) -> float | None:
        outline = outline_of(job)
        return None if outline is None or job.id in self._blocked else need(job, outline, example)

    def _example(self, method: str) -> tuple[Job, Outline] | None:
        """The latest job of a method whose duration is known and was not set by a time budget."""
        for job in self._queue.latest(method):
            outline = outline_of(job)
            if outline is not None and outline.seconds is None:
                return job, outline
        return None

    def _times(self, runs: Sequence[Active]) -> list[float | None]:
        return finish_times([_claim_of(job) for job in runs], self._claims, self._settings.active)

    def _must_wait(self, job: Job) -> bool:
        """Whether it waits for a network's weights, which its row then says."""
        outline = outline_of(job)
        network = outline and outline.network
        status = weights.status(self._settings, network) if network else None
        if status is None or status.state == "ready":
            self._blocked.discard(job.id)
            return False
        self._blocked.add(job.id)
        self._queue.say(job.id, f"waiting for the network's weights: {status.message}")
        return True


def _claim_of(run: Active) -> Claim:
    """The claim of a running job."""
    return Claim(run.entry, run.need, run.brief)


def _claim(job: Job, need: float | None = None) -> Claim:
    """The claim of a waiting job."""
    return Claim(job.comparison or job.id, need, _is_brief(job.method))


def outline_of(job: Job) -> Outline | None:
    """What its run comes to, but for what its pictures decide; None where starting it will say what is wrong."""
    try:
        method = find_method(job.method)
        return method.outline(method.parse(job.params), {})
    except TextureError:
        return None
    except Exception:  # a bug in a method of another package: it must not keep the others waiting
        log.warning("method %s cannot outline job %s", job.method, job.id, exc_info=True)
        return None


def _is_brief(method: str) -> bool:
    try:
        return find_method(method).brief
    except NotFound:  # starting the job will say so
        return False


def _differ(told: float | None, now: float | None) -> bool:
    """Whether an estimate has changed enough to be recorded: small jumps are neither worth showing nor writing."""
    if told is None or now is None:
        return told is not now
    return abs(now - told) > max(1.0, 0.05 * told)
