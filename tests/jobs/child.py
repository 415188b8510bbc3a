"""A process that runs a folder's jobs until it is stopped or killed, and says each step and state on a line.

python -m tests.jobs.child DATA [SECONDS BETWEEN CHECKPOINTS]
"""

from __future__ import annotations

import signal
import sys
import threading

import torch

from texture.jobs.domain.events import Changed, Event, Stepped
from texture.jobs.engines.protocol import open_engine
from texture.jobs.running import run_files
from texture.jobs.store import Store
from texture.settings import Settings


class Printer:
    """Tells it all on standard output."""

    def publish(self, event: Event) -> None:
        if isinstance(event, Stepped):
            print("step", event.number, flush=True)
        if isinstance(event, Changed):
            print("state", event.row.state, flush=True)

    def wants_frame(self, job: str) -> bool:
        return False


def main(data: str, every: str | None = None) -> None:
    torch.set_num_threads(1)  # on a busy machine threads wait for each other
    if every:
        run_files.SAVED_EVERY = run_files.SAVED_AT_LEAST = float(every)
    settings = Settings(data=data, device="cpu")
    engine = open_engine(settings, Store(settings), Printer())
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: told.set())
    engine.start()
    told.wait()
    engine.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
