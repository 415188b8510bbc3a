"""What viewers cost: a comparison of four runs on the real server, with 0, 1 and 60 who watch it, in both async modes.

    python -m benchmarks.stream [--quick] [--seconds 20] [--rounds 3] [--viewers 60] [--threads N] [--mixed]
                                [--method gatys]

Needs what tests need (`make setup-dev`). The numbers of viewers take turns in each round, since machines drift: read
the ratios. The viewers are a process of their own, whose processor time is told apart; on a machine of few cores it is
taken from the server all the same, and a ratio below 1 is then not the server's doing alone. What the worker waits is
told apart too, by the system's scheduler: for a processor, which more cores would give it, and for the server, whose
threads share Python's lock with it.

Latency is the time from when the worker makes a frame to when the viewer has it. One of the many viewers reads no more
than 400 KB a second; its lag is the age of what it has just received. With --mixed, one more never acknowledges a
frame, and ten more connect, look and hang up all the time. The memory is the server's, before and after the last
round.

The runs are of `passing` (benchmarks.stamped), whose steps are many short calls, each of which may have to wait for
Python's lock; or of `gatys` at full size, from noise.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
MODES = ("eventlet", "threading")
RUNS, SIDE = 4, 256
SLOW = 400_000  # bytes a second
SILENT, PASSING = 1, 10  # more viewers of --mixed
SETTLE = 2.0  # seconds, before and between measurements
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Plan:
    """What is measured. work: matrix products of a step, as `counting` takes them."""

    seconds: float
    rounds: int
    viewers: tuple[int, ...]
    work: int
    threads: int | None
    mixed: bool = False
    method: str = "passing"


@dataclass
class Processor:
    """Processor time of the server, in seconds: the worker's thread with those that compute beside it, and the rest.

    own, queued: of the worker's thread alone, what it computed, and what it waited for a processor to be free.
    """

    worker: float
    rest: float
    own: float
    queued: float

    def __sub__(self, earlier: Processor) -> Processor:
        return Processor(*(getattr(self, part) - getattr(earlier, part) for part in vars(self)))


@dataclass
class Measured:
    """One number of viewers in one round. Processor times are seconds a second."""

    steps: float  # a second, of all runs
    seconds: float
    server: Processor
    clients: float
    memory: tuple[int, int]  # bytes of the server, before and after
    fast: list[float] = field(default_factory=list)  # seconds from making to arrival
    slow: list[float] = field(default_factory=list)
    slow_bytes: int = 0


class Server:
    """`benchmarks.stamped` in a child process, and the one session that talks to it."""

    def __init__(self, folder: Path, mode: str, threads: int | None) -> None:
        self.log = folder / "stamps"
        environment = surroundings(DATA=folder / "data", ASYNC=mode, OFFLINE=1, ACTIVE=RUNS)
        if threads:
            environment["OMP_NUM_THREADS"] = str(threads)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.stamped", str(self.log), "--port", str(free_port())],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        found = re.search(r"http://\S+", self.process.stdout.readline())
        assert found, "the server did not start"
        self.url = found[0].rstrip("/")
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        self._opener.open(self.url).close()

    def ask(self, path: str, body: Any = None) -> Any:
        """The JSON answer to GET, or to POST where there is a body."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})
        with self._opener.open(request, timeout=60) as answer:
            return json.load(answer)

    def start_comparison(self, method: str, work: int) -> str:
        """Four runs that take their time, for all to see; its id, once all of them are at it."""
        params: dict[str, Any] = {"steps": 10_000_000, "work": work}
        if method == "gatys":
            params = {"steps": "10000", "start": "noise", "scales": 1}
        runs = [{"method": method, "params": {**params, "size": str(SIDE), "seed": seed}} for seed in range(RUNS)]
        made = self.ask("/api/comparisons", {"images": {"source": "sample:pebbles"}, "runs": runs})
        self.ask(f"/api/comparisons/{made['id']}/share", {"shared": True})
        while any(steps == 0 for steps in self.steps(made["id"])):
            time.sleep(0.2)
        return str(made["id"])

    def steps(self, comparison: str) -> list[int]:
        """Of each run, so far."""
        return [job["number"] for job in self.ask(f"/api/comparisons/{comparison}")["jobs"]]

    def processor(self) -> Processor:
        """What the process has used so far. Threads that have ended count as the rest."""
        worker, known = self._threads()
        tasks = Path(f"/proc/{self.process.pid}/task")
        ids = {int(task.name) for task in tasks.iterdir()}
        computing = sum(_used(tasks / str(id)) for id in ids - known | {worker})
        own, queued = (int(field) / 1e9 for field in (tasks / str(worker) / "schedstat").read_text().split()[:2])
        return Processor(computing, _used(tasks.parent) - computing, own, queued)

    def memory(self) -> int:
        """Bytes that are resident."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def stamps(self) -> dict[tuple[str, int], float]:
        """When each frame was made, by job and number."""
        lines = (line.split() for line in self.log.read_text().splitlines() if line.startswith("frame"))
        return {(job, int(seq)): float(seconds) for _, job, seq, seconds in lines}

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(20)

    def _threads(self) -> tuple[int, set[int]]:
        """The worker's thread, and all others of which Python knows."""
        lines = [line.split() for line in self.log.read_text().splitlines() if line.startswith("threads")]
        return int(lines[-1][1]), {int(id) for line in lines for id in line[2:]}


def _used(process: Path) -> float:
    """Seconds of processor time of a process or a thread, by its folder under /proc; 0 of one that has gone."""
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def surroundings(**settings: object) -> dict[str, str]:
    """The environment of a server that has these settings and no others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TEXTURE_")}
    return kept | {f"TEXTURE_{name}": str(value) for name, value in settings.items()}


def free_port() -> int:
    """One that nobody listens on."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def watching(server: Server, comparison: str, count: int, slow: bool, mixed: bool) -> Iterator[dict[str, Any]]:
    """So many viewers while the block runs, the last of them a slow one if there is one; then what they received."""
    heard: dict[str, Any] = {"cpu": 0.0, "frames": []}
    if count == 0:
        yield heard
        return
    arguments = [server.url, comparison, str(count - slow), *([str(SLOW)] if slow else [])]
    arguments += [str(SILENT), str(PASSING)] if slow and mixed else []
    command = [sys.executable, "-m", "benchmarks.viewers", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as viewers:
        assert viewers.stdout
        assert viewers.stdout.readline() == "ready\n", "the viewers could not connect"
        before = _used(Path(f"/proc/{viewers.pid}"))
        yield heard
        heard.update(json.loads(viewers.communicate()[0]))
        heard["cpu"] -= before


def measure(server: Server, comparison: str, count: int, plan: Plan) -> Measured:
    """So many viewers for as long as is planned."""
    slow = count > 1
    with watching(server, comparison, count, slow, plan.mixed) as heard:
        time.sleep(SETTLE)
        memory = server.memory()
        steps, used, began = sum(server.steps(comparison)), server.processor(), time.monotonic()
        time.sleep(plan.seconds)
        steps, used = sum(server.steps(comparison)) - steps, server.processor() - used
        ended, after = time.monotonic(), server.memory()
    took = ended - began
    used = Processor(*(part / took for part in vars(used).values()))
    result = Measured(steps / took, took, used, heard["cpu"] / (took + SETTLE), (memory, after))
    stamps = server.stamps()
    for viewer, job, seq, arrived, size in heard["frames"]:
        if began <= arrived <= ended and (job, seq) in stamps:
            is_slow = slow and viewer == count - 1
            (result.slow if is_slow else result.fast).append(arrived - stamps[job, seq])
            result.slow_bytes += size * is_slow
    return result


def measured(mode: str, plan: Plan) -> dict[int, list[Measured]]:
    """By the number of viewers: what each round gave."""
    found: dict[int, list[Measured]] = {count: [] for count in plan.viewers}
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), mode, plan.threads)
        try:
            comparison = server.start_comparison(plan.method, plan.work)
            time.sleep(SETTLE)
            for turn in range(plan.rounds):
                for count in plan.viewers if turn % 2 == 0 else reversed(plan.viewers):
                    found[count].append(measure(server, comparison, count, plan))
        finally:
            server.close()
    return found


def print_table(mode: str, found: dict[int, list[Measured]]) -> None:
    heads = "steps/s", "of none", "frames/s each", "latency p50 / p95", "server: worker + rest", "viewers", "memory"
    waits = "worker waits for a processor + for the server"
    print(f"| {mode}: viewers | {' | '.join(heads)} | {waits} |\n{'|---' * 9}|")
    for count, rounds in found.items():
        ratios = [one.steps / max(none.steps, 1e-9) for one, none in zip(rounds, found[0], strict=True)]
        spread = f" ({min(ratios):.3f}–{max(ratios):.3f})" if len(ratios) > 1 and count else ""
        fast = count - (count > 1)
        frames = sum(len(one.fast) for one in rounds) / sum(one.seconds for one in rounds) / max(fast, 1)
        latency = _milliseconds([age for one in rounds for age in one.fast])
        worker, rest, clients = (
            statistics.mean(values)
            for values in zip(*((one.server.worker, one.server.rest, one.clients) for one in rounds), strict=True)
        )
        steps = statistics.median(one.steps for one in rounds)
        memory = " → ".join(f"{bytes / 1e6:.0f}" for bytes in rounds[-1].memory) + " MB"
        row = f"| {count} | {steps:.1f} | {statistics.median(ratios):.3f}{spread} | {frames:.1f} | {latency} "
        queued = statistics.mean(one.server.queued for one in rounds)
        held = 1 - queued - statistics.mean(one.server.own for one in rounds)
        row += f"| {worker:.2f} + {rest:.3f} s/s | {clients:.2f} s/s | {memory} "
        print(f"{row}| {queued:.1%} + {held:.1%} |", flush=True)
    _print_slow(max(found), found[max(found)])


def _print_slow(count: int, rounds: Sequence[Measured]) -> None:
    ages = [age for one in rounds for age in one.slow]
    if not ages:
        print(f"\nThe slow one of the {count} received nothing.\n")
        return
    seconds = sum(one.seconds for one in rounds)
    rate, frames = sum(one.slow_bytes for one in rounds) / seconds / 1000, len(ages) / seconds
    print(f"\nThe slow one of the {count}: {frames:.1f} frames/s, {rate:.0f} KB/s of {SLOW // 1000}, ", end="")
    print(f"lag {_milliseconds(ages)}, at most {max(ages):.2f} s\n", flush=True)


def _milliseconds(ages: Sequence[float]) -> str:
    """The median and the 95th percentile."""
    if len(ages) < 2:
        return "–"
    late = statistics.quantiles(ages, n=20, method="inclusive")[-1]
    return f"{statistics.median(ages) * 1000:.0f} / {late * 1000:.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few viewers for three seconds: to see that it works")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each measurement (20)")
    parser.add_argument("--rounds", type=int, default=3, help="of 0, 1 and all viewers in turn (3)")
    parser.add_argument("--viewers", type=int, default=60, help="how many (60)")
    parser.add_argument("--work", type=int, default=20, help="matrix products of side 256 in each step (20)")
    parser.add_argument("--threads", type=int, help="of the server's worker; torch's own choice unless given")
    parser.add_argument("--mixed", action="store_true", help="one more who is silent, and ten who come and go")
    parser.add_argument("--mode", choices=MODES, help="only this one")
    parser.add_argument("--method", choices=("passing", "gatys"), default="passing", help="of the runs (passing)")
    given = parser.parse_args()
    more = (given.threads, given.mixed, given.method)
    plan = Plan(given.seconds, given.rounds, (0, 1, given.viewers), given.work, *more)
    if given.quick:
        plan = Plan(3.0, 1, (0, 1, 5), 1, *more)
    print(f"{RUNS} runs of {SIDE}², {os.cpu_count()} processors, {plan.rounds} rounds of {plan.seconds:g} s\n")
    for mode in MODES if given.mode is None else (given.mode,):
        print_table(mode, measured(mode, plan))


if __name__ == "__main__":
    main()
