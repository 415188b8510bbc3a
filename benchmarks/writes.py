"""How many writes a second go through the lock by which all writers of a database take turns.

    python -m benchmarks.writes [SECONDS]

With TEXTURE_DATABASE set it is that database's, else a new file's. A write is what a worker writes a few times a second
of each running job: its progress, and a point of its curves. One process is as good as several where the database is
on another machine; on the same one they share its cores.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time

from texture.jobs.domain.job import Point
from texture.jobs.scheduling.queue import JobQueue, Progress
from texture.jobs.store import Store
from texture.methods.registry import find_method
from texture.settings import Settings

WRITERS = (1, 2, 4, 8)


def main(seconds: float = 5.0) -> None:
    address = os.environ.get("TEXTURE_DATABASE")
    print("| writers | writes a second | the slowest, ms |\n|---|---|---|")
    for writers in WRITERS:
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings.model_validate({"data": folder, "database": address, "offline": True})
            Store(settings).close()  # made once, before the others
            context = multiprocessing.get_context("spawn")
            with context.Pool(writers) as pool:
                found = pool.starmap(write, [(settings, seconds)] * writers)
        print(f"| {writers} | {sum(count for count, _ in found) / seconds:.0f} | {max(ms for _, ms in found):.0f} |")


def write(settings: Settings, seconds: float) -> tuple[int, float]:
    """How many one writer has written in so many seconds, and how long the slowest took, in milliseconds."""
    store = Store(settings)
    job = store.jobs.add("writer", "counting", find_method("counting").parse({}), {"source": "sample:clay"}).id
    queue = JobQueue(store)
    queue.take(job)
    count, slowest, until = 0, 0.0, time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        point = Point(number=count % 500, seconds=count / 10, wall=count / 10, values={"style": 1 / (1 + count)})
        queue.note(job, Progress(number=count, total=10**6, losses=point.values), [point])
        count, slowest = count + 1, max(slowest, time.monotonic() - began)
    store.trash.put_job(job)
    store.close()
    return count, slowest * 1000


if __name__ == "__main__":
    main(*(float(argument) for argument in sys.argv[1:2]))
