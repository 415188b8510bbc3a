"""Which jobs are active, and when jobs will be done: active ones share the device equally.

A place belongs to a single job, or to a whole comparison, whose runs are to be seen side by side. Brief jobs need none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from texture.jobs.domain.job import Job
from texture.methods.contract import Outline

MOST_BRIEF = 2  # of them at one time, beside the others


@dataclass(frozen=True)
class Claim:
    """A job that is active on the device or waits for it.

    entry: its comparison or itself, which takes one place in all; need: device time in seconds, None if unknown.
    """

    entry: str
    need: float | None = None
    brief: bool = False


def has_place(claim: Claim, active: Sequence[Claim], slots: int) -> bool:
    """Whether it may join those that are active, where there are so many places."""
    if claim.brief:
        return sum(other.brief for other in active) < MOST_BRIEF
    entries = {other.entry for other in active if not other.brief}
    return claim.entry in entries or len(entries) < slots


def finish_times(active: Sequence[Claim], queued: Sequence[Claim], slots: int) -> list[float | None]:
    """Seconds from now until each is done, the active ones first; None if unknown."""
    left = {i: _known(claim.need) for i, claim in enumerate((*active, *queued))}
    times = dict.fromkeys(left, math.inf)
    on_device, waiting = dict(enumerate(active)), dict(enumerate(queued, len(active)))
    now = 0.0
    while True:
        _admit(on_device, waiting, slots)
        least = min((left[i] for i in on_device), default=math.inf)
        if math.isinf(least):
            return [None if math.isinf(time) else time for time in times.values()]
        now += least * len(on_device)
        for i in tuple(on_device):
            left[i] -= least
            if left[i] <= 0:
                times[i] = now
                del on_device[i]


def _admit(on_device: dict[int, Claim], waiting: dict[int, Claim], slots: int) -> None:
    """Move those who find a place, in their order."""
    for i, claim in tuple(waiting.items()):
        if has_place(claim, list(on_device.values()), slots):
            on_device[i] = waiting.pop(i)


def need(job: Job, outline: Outline, example: tuple[Job, Outline] | None) -> float | None:
    """Device time in seconds that a waiting job still needs, going by its own past or a job like it."""
    if job.done and job.seconds:
        return job.seconds / job.done * (1 - job.done)
    if outline.seconds is not None:
        return outline.seconds
    if example is None or not (example[0].done and example[0].seconds and example[1].work):
        return None
    whole = example[0].seconds / example[0].done
    return whole * outline.work / example[1].work


def _known(need: float | None) -> float:
    return math.inf if need is None else max(need, 0.0)
