"""What a long queue costs the worker: steps a second beside so many queued jobs, against an empty queue.

    python -m benchmarks.queue [QUEUED] [SECONDS]

Two jobs run, an owner each of 1,000 queued ones; empty and full queues take turns, five times each.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from sqlalchemy import insert, select

from texture.jobs.domain.events import Silence
from texture.jobs.engines.embedded import Embedded
from texture.jobs.store import Store
from texture.jobs.store.queries import TURN
from texture.jobs.store.schema import JobRow
from texture.methods.registry import find_method
from texture.settings import Settings

ROUNDS, AN_OWNER = 5, 1000


def main(queued: int = 10_000, seconds: float = 10.0) -> None:
    with tempfile.TemporaryDirectory() as folder:
        empty, full = (pace_of(Path(folder, name), count) for name, count in (("empty", 0), ("full", queued)))
        paces = [(next(empty)(seconds), next(full)(seconds)) for _ in range(ROUNDS)]
    alone, beside = (median(column) for column in zip(*paces, strict=True))
    print(f"| queued | steps a second | of an empty queue's |\n|---|---|---|\n| 0 | {alone:.1f} | |")
    print(f"| {queued:,} | {beside:.1f} | {median(two / one for one, two in paces):.1%} |")


def pace_of(data: Path, queued: int):
    """Yields, over and over, what measures the steps a second of a server with so many queued jobs."""
    settings = Settings(data=data, device="cpu", offline=True)
    store = Store(settings)
    running = [add(store, f"runner {i}", steps=10_000_000, work=3) for i in range(2)]
    fill(store, queued)

    def measure(seconds: float) -> float:
        engine = Embedded(settings, store, Silence())
        engine.start()
        time.sleep(3)  # torch is imported, the jobs have begun
        before, began = numbers(store, running), time.monotonic()
        time.sleep(seconds)
        pace = (numbers(store, running) - before) / (time.monotonic() - began)
        engine.stop()
        return pace

    while True:
        yield measure


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
