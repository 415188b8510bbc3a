"""The memory that this process may still take: what the machine, its control groups and its own limits leave."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from texture.device import return_freed_memory
from texture.errors import NotEnoughMemory

ROOT = Path("/")
GROUPS = {  # of Linux, by version: where they are, the limit, what is used
    2: ("sys/fs/cgroup", "memory.max", "memory.current"),
    1: ("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
}
LIMITS = {"Max address space": "VmSize", "Max data size": "VmData"}  # of /proc/self/limits -> what counts for it
COUNTED = re.compile(r"^(\w+):?\s+(\d+)( kB)?$", re.MULTILINE)


def free_memory(root: Path = ROOT) -> int | None:
    """Bytes: the least of what the machine has, its control groups allow and the process's limits (ulimit) allow.

    None where the system does not tell (macOS, Windows). root: where /proc and /sys are.
    """
    least = min([*_of_machine(root), *_of_groups(root), *_of_limits(root)], default=None)
    return least if least is None else max(0, least)


def check_memory(needed: int | None, size: object, device: str) -> None:
    """Raise NotEnoughMemory where a result of that size needs more bytes than are free.

    needed: None where nobody knows. device: its type; only the processor's memory is known.
    """
    if needed is None or device != "cpu" or _fits(needed):
        return
    return_freed_memory()  # what this process keeps for its next run counts as taken
    if _fits(needed):
        return
    free = free_memory() or 0
    raise NotEnoughMemory(
        f"a result of {size} takes at least {_gigabytes(needed)} of memory, and {_gigabytes(free)} are free: choose a "
        "smaller size",
        field="size",
        value=str(size),
    )


@contextmanager
def no_more_than_free() -> Iterator[None]:
    """Let allocations fail that are beyond what is free: that can be told, where else the system kills the process.

    Without effect where `free_memory` is None.
    """
    free = free_memory()
    if free is None or sys.platform != "linux":
        yield
        return
    import resource

    before, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = _numbers(ROOT / "proc/self/status")["VmData"] + free
    resource.setrlimit(resource.RLIMIT_DATA, (most if before == resource.RLIM_INFINITY else min(most, before), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (before, hard))


def _of_machine(root: Path) -> Iterator[int]:
    known = _numbers(root / "proc/meminfo")
    if "MemAvailable" in known:
        yield known["MemAvailable"] + known.get("SwapFree", 0)


def _of_groups(root: Path) -> Iterator[int]:
    """Of our group and of those that it is in."""
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        version = 1 if "memory" in controllers.split(",") else 0 if controllers else 2
        if version:
            place, limit, used = GROUPS[version]
            group = root / place / path.lstrip("/")
            for folder in [group, *group.parents]:
                yield from _of_group(folder, limit, used)
                if folder == root / place:  # in a container the top may be its own group
                    break


def _of_group(folder: Path, limit: str, used: str) -> Iterator[int]:
    with suppress(ValueError):  # "max", or no such file
        cached = _numbers(folder / "memory.stat").get("inactive_file", 0)  # of files, which is given back when needed
        yield int(_text(folder / limit)) - int(_text(folder / used)) + cached


def _of_limits(root: Path) -> Iterator[int]:
    limits, taken = _text(root / "proc/self/limits"), _numbers(root / "proc/self/status")
    for name, counted in LIMITS.items():
        found = re.search(rf"^{name} +(\d+)", limits, re.MULTILINE)
        if found:
            yield int(found[1]) - taken.get(counted, 0)


def _numbers(path: Path) -> dict[str, int]:
    """The lines of a file that are a name and a count, in bytes."""
    return {name: int(count) * (1024 if kilo else 1) for name, count, kilo in COUNTED.findall(_text(path))}


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _fits(needed: int) -> bool:
    free = free_memory()
    return free is None or needed <= free


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
