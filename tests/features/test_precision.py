"""bfloat16 only where the processor says that it has units for it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from texture.features.precision import fastest


@pytest.mark.skipif(not Path("/proc/cpuinfo").exists(), reason="only Linux tells the processor's flags in a file")
def test_the_choice_on_a_cpu_is_what_the_kernel_says_of_its_flags() -> None:
    flags = Path("/proc/cpuinfo").read_text().split()
    has = "avx512_bf16" in flags or "amx_bf16" in flags
    assert fastest(torch.device("cpu")) == (torch.bfloat16 if has else torch.float32)
