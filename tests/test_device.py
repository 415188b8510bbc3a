"""Which device is chosen, and what becomes of freed memory."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from texture.device import choose
from texture.errors import SetupProblem

SCRIPT = """
import re, sys
from pathlib import Path
from texture.device import keep_freed_memory, return_freed_memory
resident = lambda: int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
if sys.argv[1] == "keep":
    keep_freed_memory()
import numpy
before = resident()
block = numpy.ones(100 * 2**20, numpy.uint8)
del block
kept = resident() - before
return_freed_memory()
print(kept > 90, resident() - before < 20)
"""


def test_the_cpu_is_always_there() -> None:
    assert choose("cpu").type == "cpu"


def test_a_device_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(SetupProblem, match=r"device 'tpu': not on this machine; there is .*cpu, or auto"):
        choose("tpu")


def test_openmp_is_told_before_torch_is_loaded_not_to_spin_for_long() -> None:
    code = "import os, sys, texture; assert 'torch' not in sys.modules; print(os.environ['GOMP_SPINCOUNT'])"
    clean = {name: value for name, value in os.environ.items() if name != "GOMP_SPINCOUNT"}
    assert subprocess.check_output([sys.executable, "-c", code], env=clean, text=True) == "1000\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc is told so")
def test_freed_memory_is_kept_for_the_next_step_and_returned_after_the_job() -> None:
    outcomes = {
        how: subprocess.check_output([sys.executable, "-c", SCRIPT, how], text=True).split() for how in ("keep", "not")
    }
    assert outcomes == {"keep": ["True", "True"], "not": ["False", "True"]}


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc is told so")
def test_what_is_long_held_is_returned_as_soon_as_it_is_freed() -> None:
    code = SCRIPT.replace("block = ", "with returned_once_freed():\n    block = ").replace(
        "import keep", "import returned_once_freed, keep"
    )
    assert subprocess.check_output([sys.executable, "-c", code, "keep"], text=True).split() == ["False", "True"]
