"""What a long queue costs the worker: the share of its time that goes into the queue, and the steps that it makes.

    python -m benchmarks.queue [QUEUED] [SECONDS]

Two jobs run beside so many queued ones, a thousand to an owner, and beside none. Time is the thread's own, so that
what else the machine does counts little.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import insert, select

from texture.jobs.domain.events import Silence
from texture.jobs.running.worker import Worker
from texture.jobs.store import Store
from texture.jobs.store.queries import TURN
from texture.jobs.store.schema import JobRow
from texture.methods.registry import find_method
from texture.settings import Settings

AN_OWNER = 1000


def main(queued: int = 10_000, seconds: float = 20.0) -> None:
    print("| queued | steps for each second of the worker | share of its time for the queue |\n|---|---|---|")
    paces = []
    for count in (0, queued):
        with tempfile.TemporaryDirectory() as folder:
            pace, share = measure(Path(folder), count, seconds)
        paces.append(pace)
        print(f"| {count:,} | {pace:.1f} | {share:.2%} |")
    print(f"\n{paces[1] / paces[0]:.1%} of the pace beside an empty queue")


def measure(data: Path, queued: int, seconds: float) -> tuple[float, float]:
    settings = Settings(data=data, device="cpu", offline=True)
    store = Store(settings)
    running = [add(store, f"runner {i}", steps=10_000_000, work=3) for i in range(2)]
    fill(store, queued)
    worker = Timed(settings, store, Silence())
    worker.begin()
    run_for(worker, 5)  # torch is imported, the jobs have begun
    before, worker.queueing, began = numbers(store, running), 0.0, time.thread_time()
    run_for(worker, seconds)
    passed = time.thread_time() - began
    made = numbers(store, running) - before
    worker.put_all_down()
    store.close()
    return made / passed, worker.queueing / passed


class Timed(Worker):
    """Knows how long it has been busy with the queue."""

    queueing = 0.0

    def _fill(self) -> None:
        began = time.thread_time()
        super()._fill()
        self.queueing += time.thread_time() - began


def run_for(worker: Worker, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        worker.round()


def add(store: Store, owner: str, **params: int) -> str:
    return store.jobs.add(owner, "counting", find_method("counting").parse(params), {"source": "sample:clay"}).id


def fill(store: Store, queued: int) -> None:
    """Copies of one queued job, straight into the table."""
    if not queued:
        return
    model = add(store, "owner 0", steps=100)
    with store.database.writing() as session:
        row = session.execute(select(JobRow.__table__).where(JobRow.id == model)).mappings().one()
        turns = ((number // AN_OWNER, 2 + number % AN_OWNER) for number in range(queued - 1))
        session.execute(
            insert(JobRow),
            [
                {**row, "baselines": {}, "id": f"{i:032x}", "owner": f"owner {owner}", "position": turn * TURN + owner}
                for i, (owner, turn) in enumerate(turns)
            ],
        )


def numbers(store: Store, jobs: list[str]) -> int:
    return sum(store.jobs.get(job).number for job in jobs)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]), *(float(argument) for argument in sys.argv[2:3]))
