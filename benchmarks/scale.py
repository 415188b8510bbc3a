"""What the design for several machines comes to with many: a simulation, since nobody here has a thousand GPUs.

    python -m benchmarks.scale [--workers 1000] [--viewers 100000] [--hold 4.6] [--commit-hold 2.0] …

Nothing is started. Every cost is an argument, whose help says where its default comes from: measured on the two busy
cores of our development machine, taken from the code, or assumed. The writer's lock of the database and the queue are
simulated event by event; bandwidths and counts are multiplied out. It prints Markdown, for docs/scale-out.md.
"""

from __future__ import annotations

import argparse
import heapq
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

MINUTE = 60.0
EXPIRED = "a lease expires while its worker lives"
NUMBERS_LATE = "numbers come half as often as they should"


def given(default: float, unit: str, source: str) -> Any:
    """An assumption, with its unit and where it comes from."""
    return field(default=default, metadata={"unit": unit, "source": source})


@dataclass(frozen=True)
class Design:
    """What is assumed of the design, of its parts and of the people."""

    workers: float = given(1000, "", "asked for: GPUs, each with a worker")
    viewers: float = given(100_000, "", "asked for: open pages that look at a job")
    hold: float = given(4.6, "ms", "measured: pgbench, a transaction like the store's with PostgreSQL's lock, one host")
    locks: float = given(1, "", "the design: one advisory lock for all writers")
    heartbeats_lock: float = given(0, "", "the design: 0, heartbeats do without the lock; 1: every write takes it")
    numbers: float = given(4, "1/s", "the code: Throttle(0.25) of a run's numbers")
    share: float = given(0.05, "", "the code: SHARE, of a worker's time, that writing numbers may take")
    heartbeat: float = given(2, "s", "the design: a lease is renewed so often")
    expiry: float = given(8, "s", "the design: a lease that was not renewed for so long is lost")
    checkpoint: float = given(5, "s", "the code: every four to six seconds; assumed: with a row in the database")
    checkpoint_size: float = given(12, "MB", "computed: gatys at 512², its picture and one pair of L-BFGS's memory")
    checkpoint_files: float = given(4, "", "computed: three tensors and the manifest")
    look: float = given(2, "s", "assumed: somebody looks for expired leases so often")
    restart: float = given(3, "s", "assumed: to read the checkpoint and the weights onto another GPU")
    length: float = given(40, "s", "assumed: median of what an entry takes; log-normal")
    spread: float = given(1.2, "", "assumed: sigma of its logarithm; the mean is then twice the median")
    load: float = given(0.9, "", "assumed: of all workers' time that is asked for")
    event_size: float = given(400, "bytes", "estimated: a `step` with two losses and two metrics as JSON, and its key")
    frame_size: float = given(
        68, "KB", "measured: the samples at 512², JPEG at quality 80: 29 to 102, this is the median"
    )
    frames: float = given(2.4, "1/s", "measured: docs/performance.md, to each of sixty viewers")
    per_process: float = given(200, "", "aimed at: viewers of one web process")
    popularity: float = given(0.6, "", "assumed: exponent of Zipf's law, by which viewers choose among running jobs")
    redis_bytes: float = given(600, "MB/s", "measured: redis-benchmark, GET of 45 KB, one thread")
    redis_commands: float = given(22_000, "1/s", "measured: redis-benchmark, XADD of 400 bytes")
    bucket_bytes: float = given(5_000, "MB/s", "assumed: of one bucket, written")


# The lock


@dataclass(frozen=True)
class Lock:
    """What writers met.

    busy: share of the time that it was held; pause: seconds between two numbers of a run, the median;
    waits: seconds from asking to being done, each; expired: leases lost though their workers lived, in a minute.
    """

    busy: float
    pause: float
    waits: np.ndarray[Any, Any]
    expired: int


def lock(design: Design, seconds: float = MINUTE, seed: int = 0) -> Lock:
    """One lock and the workers that share it: first come, first served, as PostgreSQL grants it."""
    draw = np.random.default_rng(seed)
    hold, workers = design.hold / 1000, max(1, round(design.workers / design.locks))
    asked = [(float(draw.uniform(0, 1 / design.numbers)), worker, "numbers") for worker in range(workers)]
    asked += [(float(draw.uniform(0, design.checkpoint)), worker, "checkpoint") for worker in range(workers)]
    if design.heartbeats_lock:
        asked += [(float(draw.uniform(0, design.heartbeat)), worker, "heartbeat") for worker in range(workers)]
    turns = workers * design.load / mean_length(design) * 3  # an entry is made, taken and ended
    asked.append((float(draw.exponential(1 / turns)), -1, "entry"))
    heapq.heapify(asked)
    free = held = 0.0
    seen, last_numbers = dict.fromkeys(range(workers), 0.0), dict.fromkeys(range(workers), 0.0)
    waits, pauses, expired = [], [], 0
    while asked and asked[0][0] < seconds:
        at, worker, what = heapq.heappop(asked)
        free = max(at, free) + hold
        held += hold
        wait = free - at
        waits.append(wait)
        if what == "numbers":
            pauses.append(free - last_numbers[worker])
            last_numbers[worker] = free
            again = at + max(1 / design.numbers, wait / design.share)  # as texture/jobs/domain/throttle.py has it
        elif what == "heartbeat":
            expired += free - seen[worker] > design.expiry
            seen[worker] = free
            again = max(at + design.heartbeat, free)
        elif what == "checkpoint":
            again = max(at + draw.uniform(0.8, 1.2) * design.checkpoint, free)
        else:
            again = at + draw.exponential(1 / turns)
        heapq.heappush(asked, (float(again), worker, what))
    late = [pause for pause in pauses[workers:] if pause > 0] or [seconds]
    return Lock(held / max(seconds, free), float(np.median(late)), np.array(waits or [0.0]), expired)


def first(fails: Callable[[Design], bool], design: Design, most: int = 2**17) -> int | None:
    """The smallest number of workers with which it fails, to 3 %, if it fails with more as well; None: with none."""
    high = 1
    while not fails(replace(design, workers=high)):
        high *= 2
        if high > most:
            return None
    low = high // 2
    while high - low > max(1, low * 0.03):
        middle = (low + high) // 2
        low, high = (low, middle) if fails(replace(design, workers=middle)) else (middle, high)
    return high


def numbers_are_late(design: Design) -> bool:
    return lock(design, MINUTE / 3).pause > 2 / design.numbers


def leases_expire(design: Design) -> bool:
    return lock(design).expired > 0


def late_from(design: Design) -> int | None:
    """So many workers make numbers late. Locks have nothing to do with each other: two of them carry twice as many."""
    one = first(numbers_are_late, replace(design, locks=1))
    return None if one is None else round(one * design.locks)


def lost_from(design: Design) -> int | None:
    """So many workers lose leases that they hold."""
    if not design.heartbeats_lock:
        return None
    one = first(leases_expire, replace(design, locks=1))
    return None if one is None else round(one * design.locks)


# The queue, and a worker that is lost


def mean_length(design: Design) -> float:
    """Seconds that an entry takes, on average."""
    return design.length * math.exp(design.spread**2 / 2)


def queue_waits(design: Design, entries: int = 40_000, seed: int = 0) -> np.ndarray[Any, Any]:
    """Seconds that each entry waits for a worker, first come, first served; the first half fills the house."""
    draw = np.random.default_rng(seed)
    workers = round(design.workers)
    comes = np.cumsum(draw.exponential(mean_length(design) / (workers * design.load), entries))
    takes = draw.lognormal(math.log(design.length), design.spread, entries)
    free = [0.0] * workers
    waits = np.empty(entries)
    for number, (at, length) in enumerate(zip(comes.tolist(), takes.tolist(), strict=True)):
        begins = max(at, heapq.heappop(free))
        waits[number] = begins - at
        heapq.heappush(free, begins + length)
    return waits[entries // 2 :]


def pick_ups(design: Design, written: Lock, samples: int = 10_000, seed: int = 0) -> np.ndarray[Any, Any]:
    """Seconds from a worker's death until its entry goes on.

    The lease runs out, somebody looks, and the entry, which is older than what waits, gets the next free worker.
    """
    draw = np.random.default_rng(seed)
    beat = draw.uniform(0, design.heartbeat, samples)  # how old its last heartbeat was
    looked = draw.uniform(0, design.look, samples)
    all_are_busy = draw.random(samples) < np.mean(queue_waits(design) > 0)
    freed = all_are_busy * draw.exponential(mean_length(design) / design.workers, samples)
    return design.expiry - beat + looked + freed + draw.choice(written.waits, samples) + design.restart


# What is multiplied out


@dataclass(frozen=True)
class Needs:
    """Of Redis, the bucket and the web processes, a second."""

    processes: int
    events: float  # written, 1/s
    events_read: float  # MB/s: every process reads all of them
    frames_written: float  # MB/s
    frames_read: float  # MB/s: each process reads those of the jobs that its viewers look at
    frames_by_job: float  # MB/s, if all who look at a job were at one process
    to_viewers: float  # MB/s
    checkpoints: float  # MB/s
    puts: float  # 1/s


def needs(design: Design, pause: float) -> Needs:
    """pause: seconds between two numbers of a run."""
    processes = math.ceil(design.viewers / design.per_process)
    events = design.workers / max(pause, 1 / design.numbers)
    rank = np.arange(1, round(design.workers) + 1) ** -design.popularity
    chosen = rank / rank.sum()
    here = min(design.viewers, design.per_process)
    watched_by_one = float((1 - (1 - chosen) ** here).sum())  # different jobs, of one process
    watched = float((1 - (1 - chosen) ** design.viewers).sum())
    frame = design.frames * design.frame_size / 1000  # MB/s
    return Needs(
        processes,
        events,
        events * design.event_size / 1e6 * processes,
        watched * frame,
        processes * watched_by_one * frame,
        watched * frame,
        design.viewers * frame,
        design.workers * design.checkpoint_size / design.checkpoint,
        design.workers * design.checkpoint_files / design.checkpoint,
    )


def shards(design: Design, needed: Needs) -> int:
    """Redis processes for all that."""
    read = needed.events_read + needed.frames_read + needed.frames_written
    reads = needed.frames_read / design.frame_size * 1000
    return max(1, math.ceil(max(read / design.redis_bytes, (needed.events + reads) / design.redis_commands)))


def redis_is_full(design: Design) -> bool:
    """Whether one Redis is too few, if each worker has its share of the viewers and numbers come as they should."""
    return shards(design, needs(design, 1 / design.numbers)) > 1


def bucket_is_full(design: Design) -> bool:
    return design.workers * design.checkpoint_size / design.checkpoint > design.bucket_bytes


# Words


def table(head: list[str], rows: list[list[str]], words: int = 1) -> str:
    """Markdown; so many columns are words, and those after them to the right."""
    lines = [head, ["---"] * words + ["--:"] * (len(head) - words), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def percent(value: float) -> str:
    return f"{value:.0%}"


def time(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else f"{seconds:.1f} s"


def rate(megabytes: float) -> str:
    return f"{megabytes / 1000:.1f} GB/s" if megabytes >= 1000 else f"{megabytes:.3g} MB/s"


def count(workers: int | None) -> str:
    return "–" if workers is None else f"{float(f'{workers:.2g}'):,.0f}"  # as exact as it is


def lock_table(design: Design) -> str:
    sizes = sorted({10, 25, 50, 100, 200, 400, round(design.workers)})
    rows = []
    for workers in sizes:
        met = lock(replace(design, workers=workers))
        middle, most = np.percentile(met.waits, (50, 99))
        rows.append(
            [f"{workers:,}", percent(met.busy), time(met.pause), f"{time(middle)}, {time(most)}", str(met.expired)]
        )
    return table(
        ["workers", "lock held", "numbers every", "a write takes (median, 99 %)", "leases lost a minute"], rows
    )


def remedies(design: Design, commit_hold: float) -> Iterator[tuple[str, Design]]:
    """One after the other, each with those before it."""
    yield "as designed", design
    design = replace(design, hold=commit_hold)
    yield "commits that do not wait for the disk", design
    yield "and 16 locks, by owner", replace(design, locks=16)
    yield "and 64 of them", replace(design, locks=64)


def remedy_table(design: Design, commit_hold: float) -> str:
    rows = [
        [name, count(late_from(remedied)), count(lost_from(remedied))]
        for name, remedied in remedies(design, commit_hold)
    ]
    return table(["the lock", f"{NUMBERS_LATE}, from", f"{EXPIRED}, from"], rows)


def needs_table(design: Design, met: Lock) -> str:
    slow, due = needs(design, met.pause), needs(design, 1 / design.numbers)
    rows = [
        ["web processes", f"{slow.processes:,}", f"{due.processes:,}"],
        ["events written", f"{slow.events:,.0f}/s", f"{due.events:,.0f}/s"],
        ["events read, by every web process", rate(slow.events_read), rate(due.events_read)],
        ["frames written", rate(slow.frames_written), rate(due.frames_written)],
        ["frames read, by each process for its own viewers", rate(slow.frames_read), rate(due.frames_read)],
        ["the same, with all viewers of a job at one process", rate(slow.frames_by_job), rate(due.frames_by_job)],
        ["Redis processes for that", f"{shards(design, slow):,}", f"{shards(design, due):,}"],
        ["pictures sent to viewers", rate(slow.to_viewers), rate(due.to_viewers)],
        ["checkpoints to the bucket", rate(slow.checkpoints), rate(due.checkpoints)],
        ["objects put", f"{slow.puts:,.0f}/s", f"{due.puts:,.0f}/s"],
    ]
    return table(["", "as the lock lets numbers come", "as they should come"], rows)


def wait_table(design: Design) -> str:
    rows = []
    for workers in (10, 100, 400, round(design.workers)):
        some = replace(design, workers=workers)
        queued, lost = queue_waits(some), pick_ups(some, lock(some))
        quantiles = [*np.percentile(queued, (50, 95)), *np.percentile(lost, (50, 95, 100))]
        rows.append([f"{workers:,}", *(time(float(value)) for value in quantiles)])
    return table(
        ["workers", "in the queue: half of them", "95 %", "after a lost worker: half of them", "95 %", "at most"], rows
    )


def break_table(design: Design) -> str:
    """Sorted by the number of workers, viewers in the same proportion."""
    each = design.viewers / design.workers

    def full(design: Design) -> bool:
        return redis_is_full(replace(design, viewers=design.workers * each))

    broken = {
        f"the lock: {NUMBERS_LATE}": late_from(design),
        f"the lock: {EXPIRED}": lost_from(design),
        f"one Redis, with {each:,.0f} viewers for each worker": first(full, design),
        "one bucket": first(bucket_is_full, design),
    }
    ordered = sorted(broken.items(), key=lambda one: math.inf if one[1] is None else one[1])
    return table(["what gives way", "from so many workers"], [[name, count(workers)] for name, workers in ordered])


def assumption_table(design: Design) -> str:
    rows = []
    for one in fields(design):
        value = f"{getattr(design, one.name):,g} {one.metadata['unit']}".strip()
        rows.append([f"`--{one.name.replace('_', '-')}`", one.metadata["source"], value])
    return table(["assumption", "from", "value"], rows, words=2)


def report(design: Design, commit_hold: float) -> str:
    """All of it, as Markdown."""
    met = lock(design)
    parts = [
        ("What gives way first", break_table(design)),
        ("The lock of the database", lock_table(design)),
        ("What would lift it", remedy_table(design, commit_hold)),
        (f"What {design.workers:,.0f} workers and {design.viewers:,.0f} viewers need", needs_table(design, met)),
        (f"Waiting, {percent(design.load)} of the workers' time asked for", wait_table(design)),
        ("Assumptions", assumption_table(design)),
    ]
    return "\n\n".join(f"### {title}\n\n{text}" for title, text in parts)


def parse(arguments: list[str] | None = None) -> tuple[Design, float]:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=(__doc__ or "").split("\n\n")[0])
    for one in fields(Design):
        named = f"--{one.name.replace('_', '-')}"
        told = f"{one.metadata['source']} (%(default)g {one.metadata['unit']})".replace(" )", ")").replace("% ", "%% ")
        parser.add_argument(named, type=float, default=one.default, help=told, metavar="N")
    told = "measured: the same transaction with synchronous_commit=off (%(default)g ms)"
    parser.add_argument("--commit-hold", type=float, default=2.0, help=told, metavar="N")
    options = vars(parser.parse_args(arguments))
    commit_hold = options.pop("commit_hold")
    for name, value in options.items():
        if not (value > 0 or (name == "heartbeats_lock" and value == 0)):
            parser.error(f"--{name.replace('_', '-')} {value:g}: it must be greater than 0")
    return Design(**options), commit_hold


if __name__ == "__main__":
    print(report(*parse()))
