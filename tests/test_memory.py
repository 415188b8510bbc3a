"""How much memory there is: the least of what the machine, its control groups and the process's limits leave."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from texture import memory
from texture.memory import free_memory, no_more_than_free

GIGABYTE = 2**30
MACHINE = {"proc/meminfo": "MemTotal: 9437184 kB\nMemAvailable: 8388608 kB\nSwapFree: 1048576 kB\nHugePages_Total: 0\n"}
STATUS = {"proc/self/status": "Name:\tpython\nVmSize:\t 2097152 kB\nVmData:\t 1048576 kB\n"}
UNBOUNDED = "Limit          Soft Limit  Hard Limit  Units\nMax data size  unlimited   unlimited   bytes\n"


def group(folder: str, limit: str, used: int, version: int = 2) -> dict[str, str]:
    names = ("memory.max", "memory.current") if version == 2 else ("memory.limit_in_bytes", "memory.usage_in_bytes")
    counts = {f"{folder}/{name}": f"{value}\n" for name, value in zip(names, (limit, used), strict=True)}
    return {**counts, f"{folder}/memory.stat": f"anon 1\ninactive_file {GIGABYTE}\n"}


@pytest.mark.parametrize(
    ("files", "gigabytes"),
    [
        ({}, None),
        (MACHINE, 9),
        ({**MACHINE, "proc/self/cgroup": "0::/\n", **group("sys/fs/cgroup", "max", GIGABYTE)}, 9),
        ({**MACHINE, "proc/self/cgroup": "0::/\n", **group("sys/fs/cgroup", str(4 * GIGABYTE), 2 * GIGABYTE)}, 3),
        (
            {
                **MACHINE,
                "proc/self/cgroup": "0::/batch/job\n",
                **group("sys/fs/cgroup/batch", str(6 * GIGABYTE), 2 * GIGABYTE),
                **group("sys/fs/cgroup/batch/job", str(8 * GIGABYTE), 2 * GIGABYTE),
            },
            5,
        ),
        (
            {
                **MACHINE,
                "proc/self/cgroup": "9:cpu:/\n4:memory:/docker/abc\n0::/\n",
                **group("sys/fs/cgroup/memory", str(3 * GIGABYTE), 2 * GIGABYTE, version=1),
            },
            2,
        ),
        ({**MACHINE, **STATUS, "proc/self/limits": UNBOUNDED}, 9),
        ({**MACHINE, **STATUS, "proc/self/limits": f"Max address space         {6 * GIGABYTE}  unlimited  bytes\n"}, 4),
        ({**MACHINE, **STATUS, "proc/self/limits": f"Max data size             {6 * GIGABYTE}  unlimited  bytes\n"}, 5),
        (
            {**MACHINE, **STATUS, "proc/self/limits": f"Max data size             {GIGABYTE // 2}  unlimited  bytes\n"},
            0,
        ),
    ],
    ids=["untold", "machine", "v2-max", "v2", "v2-nested", "v1-container", "unlimited", "address", "data", "overdrawn"],
)
def test_the_least_of_all_counts(tmp_path: Path, files: dict[str, str], gigabytes: int | None) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    free = free_memory(tmp_path)
    assert (free is None) is (gigabytes is None)
    if gigabytes is not None:
        assert free == pytest.approx(gigabytes * GIGABYTE)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing tells")
def test_beyond_what_is_free_an_allocation_fails_instead_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    assert free_memory() > 2**20
    monkeypatch.setattr(memory, "free_memory", lambda: 100 * 2**20)
    with no_more_than_free():
        np.ones(10 * 2**20, np.uint8)
        with pytest.raises(MemoryError):
            np.ones(GIGABYTE, np.uint8)
    np.ones(200 * 2**20, np.uint8)
