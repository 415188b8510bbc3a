"""What is known of this machine: its calibration and its latest runs, in a file that outlives the process."""

from __future__ import annotations

import logging
import os
import platform
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from texture.methods.contract import Method, Outline, Params
from texture.runs.forecast import Example, Positive

KEPT = 20  # runs of each method
FOLDER = "machines"

log = logging.getLogger(__name__)


class Known(BaseModel, frozen=True):
    """What the file says. runs: oldest first. calibration: seconds by kind; empty before the first."""

    machine: str = ""
    runs: tuple[Example, ...] = ()
    calibration: Mapping[str, Positive] = Field(default_factory=dict)


class Machine:
    """One machine as one device.

    Two processes that write at the same moment may lose one of the runs; the file stays whole. Where it cannot be
    written, what was learned is forgotten; where it is damaged, it is learned anew.
    """

    def __init__(self, cache: Path, device: str) -> None:
        """cache: the folder of `Settings.cache`. device: as the settings name it."""
        self.name = machine_name(device)
        self.path = cache / FOLDER / f"{sha256(self.name.encode()).hexdigest()[:16]}.json"

    def known(self) -> Known:
        """What is known now; another process may have added to it."""
        try:
            return Known.model_validate_json(self.path.read_bytes())
        except (OSError, ValidationError):  # not there, or damaged
            return Known(machine=self.name)

    def learn(
        self, method: Method, params: Params, outline: Outline, seconds: float, memory: int | None = None
    ) -> None:
        """Keep what a run took that went to its end, if its parameters, and no clock, decided how long that was."""
        if method.listed and not method.brief and outline.seconds is None:
            self.add_run(Example.of(method, params, outline, seconds, memory))

    def add_run(self, run: Example) -> None:
        """Keep a run, unless it took no time, and forget the oldest of its method where there are too many."""
        if min(run.seconds, run.work) <= 0:
            return
        known = self.known()
        own = [one for one in (*known.runs, run) if one.method == run.method]
        others = [one for one in known.runs if one.method != run.method]
        self._write(known.model_copy(update={"runs": (*others, *own[-KEPT:])}))

    def set_calibration(self, seconds: Mapping[str, float]) -> None:
        """Keep it."""
        self._write(self.known().model_copy(update={"calibration": dict(seconds)}))

    def _write(self, known: Known) -> None:
        draft = self.path.with_suffix(f".{os.getpid()}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(known.model_copy(update={"machine": self.name}).model_dump_json(), "utf-8")
            draft.replace(self.path)
        except OSError as error:
            log.info("what a run took could not be noted: %s", error.strerror)
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def machine_name(device: str) -> str:
    """What tells machines apart that are not equally fast: processor, cores, PyTorch, device."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    threads, torch = os.environ.get("OMP_NUM_THREADS", ""), version("torch")
    if device == "auto" and torch.endswith("+cpu"):
        device = "cpu"
    return f"{_processor()}, {cores} cores{threads and f' ({threads} threads)'}, torch {torch}, {device}"


@cache
def _processor() -> str:
    """Its model and what it can do; two with the same name may differ by that."""
    with suppress(OSError):
        told = Path("/proc/cpuinfo").read_text()
        model = re.search(r"^model name\s*:\s*(.+)$", told, re.MULTILINE)
        units = [unit for unit in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if re.search(rf"\b{unit}\b", told)]
        if model:
            return " ".join([model[1].strip(), *units])
    return platform.processor() or platform.machine()
