"""When jobs will be done: those on the device share it equally, and the next in the queue comes in as one leaves."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from texture.jobs.job import Job


def finish_times(active: Sequence[float | None], queued: Sequence[float | None], slots: int) -> list[float | None]:
    """Seconds from now until each is done, the active ones first; None where nobody can know.

    active, queued: device time that each still needs, in seconds, None where it is unknown; `slots` run at a time.
    """
    needs = [math.inf if need is None else max(need, 0.0) for need in (*active, *queued)]
    times = [math.inf] * len(needs)
    on_device, waiting = list(range(len(active))), list(range(len(active), len(needs)))
    now = 0.0
    while True:
        joining = max(0, slots - len(on_device))
        on_device, waiting = on_device + waiting[:joining], waiting[joining:]
        least = min((needs[job] for job in on_device), default=math.inf)
        if math.isinf(least):
            return [None if math.isinf(time) else time for time in times]
        now += least * len(on_device)
        for job in on_device:
            needs[job] -= least
            times[job] = now if needs[job] <= 0 else math.inf
        on_device = [job for job in on_device if needs[job] > 0]


def need(job: Job, example: Job | None) -> float | None:
    """Device time in seconds that a waiting job still needs, by its own past or by another one of its method."""
    if job.number and job.total:
        return job.seconds / job.number * (job.total - job.number)
    if example is None or not (example.number and example.total):
        return None
    step = example.seconds / example.number * _area(job) / _area(example)
    return step * example.total * _steps(job) / _steps(example)


def _steps(job: Job) -> float:
    """Steps that were asked for; a schedule ("150 80 30", one number for each scale) by its sum."""
    return sum(map(float, re.findall(r"\d+", str(job.params.get("steps", ""))))) or 1.0


def _area(job: Job) -> float:
    width, _, height = str(job.params.get("size", 1)).partition("x")
    return float(width) * float(height or width)
