"""What is known of this machine: its calibration and its latest runs, in a file that outlives the process."""

from __future__ import annotations

import json
import logging
import os
import platform
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from texture.runs.forecast import Example

KEPT = 20  # runs of each method
FOLDER = "machines"

log = logging.getLogger(__name__)


class Machine:
    """One machine as one device. It reads the file anew each time: another process may have written it.

    Two that write at the same moment may lose one of the runs; the file stays whole. Where it cannot be written, what
    was learned is forgotten.
    """

    def __init__(self, cache: Path, device: str) -> None:
        """cache: the folder of `Settings.cache`. device: as the settings name it."""
        self.name = machine_name(device)
        self.path = cache / FOLDER / f"{sha256(self.name.encode()).hexdigest()[:16]}.json"

    @property
    def runs(self) -> list[Example]:
        """Oldest first."""
        with suppress(TypeError):
            return [Example(**one) for one in self._read().get("runs", ())]
        return []

    @property
    def calibration(self) -> Mapping[str, float]:
        """Seconds by kind; {} before the first."""
        found = self._read().get("calibration", {})
        return found if isinstance(found, dict) else {}

    def add_run(self, run: Example) -> None:
        """Keep a run, and forget the oldest of its method where there are too many."""
        runs = [*self.runs, run]
        own = [one for one in runs if one.method == run.method]
        runs = [one for one in runs if one not in own[:-KEPT]]
        self._write(runs=[asdict(one) for one in runs])

    def set_calibration(self, seconds: Mapping[str, float]) -> None:
        """Keep it."""
        self._write(calibration=dict(seconds))

    def _read(self) -> dict[str, Any]:
        try:
            told = json.loads(self.path.read_text("utf-8"))
        except (OSError, ValueError):  # not there, or damaged: it is learned anew
            return {}
        return told if isinstance(told, dict) else {}

    def _write(self, **changed: Any) -> None:
        told = {"machine": self.name, **self._read(), **changed}
        draft = self.path.with_suffix(f".{os.getpid()}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(told), "utf-8")
            draft.replace(self.path)
        except OSError as error:
            log.info("what a run took could not be noted: %s", error.strerror)
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def machine_name(device: str) -> str:
    """What tells machines apart that are not equally fast: processor, cores, PyTorch, device."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    threads = os.environ.get("OMP_NUM_THREADS", "")
    return f"{_processor()}, {cores} cores{threads and f' ({threads} threads)'}, torch {version('torch')}, {device}"


def _processor() -> str:
    """Its model and what it can do; two with the same name may differ by that."""
    with suppress(OSError):
        told = Path("/proc/cpuinfo").read_text()
        model = re.search(r"^model name\s*:\s*(.+)$", told, re.MULTILINE)
        units = [unit for unit in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if re.search(rf"\b{unit}\b", told)]
        if model:
            return " ".join([model[1].strip(), *units])
    return platform.processor() or platform.machine()
