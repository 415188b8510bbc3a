"""Which precision the convolutions run in: bfloat16 where the machine has units for it, float32 elsewhere."""

from __future__ import annotations

import functools

import torch


def precision(name: str, device: torch.device) -> torch.dtype:
    """The precision that a parameter names: bfloat16, float32, or auto for the fastest that the device has."""
    return {"auto": fastest(device), "bfloat16": torch.bfloat16, "float32": torch.float32}[name]


@functools.cache
def fastest(device: torch.device) -> torch.dtype:
    """bfloat16 on a CPU with avx512_bf16 or AMX units and on a CUDA device that has it, float32 elsewhere.

    The processor's own flags are asked: bfloat16 runs on every machine, but without the units it is emulated,
    and several times slower than float32.
    """
    if device.type == "cpu":
        has = torch.ops.mkldnn._is_mkldnn_bf16_supported() and (
            torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
        )
    else:
        has = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if has else torch.float32
