"""Where to compute: the accelerator that is there, or the processor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from texture.errors import SetupProblem

if TYPE_CHECKING:
    import torch


def choose(name: str = "auto") -> torch.device:
    """The device of that name; `auto` takes CUDA, then MPS, then the CPU.

    Raises:
        SetupProblem: this machine, or this build of PyTorch, has no such device.
    """
    import torch

    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        name = next(device for device, there in available.items() if there)
    if not available.get(name):
        there = ", ".join(device for device, there in available.items() if there)
        raise SetupProblem(f"device {name!r}: not on this machine; there is {there}, or auto")
    return torch.device(name)
