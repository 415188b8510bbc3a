"""Poolings and the way back through them are those of autograd to the bit."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from texture.features.pooling import average, maximum, packed


def as_seen(height: int, width: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Channels last, and with many equal values, as behind a ReLU."""
    values = torch.randint(-3, 4, (2, 5, height, width), generator=torch.Generator().manual_seed(1)).relu()
    return values.to(dtype).contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("size", [(8, 6), (7, 6), (8, 5), (9, 7), (1, 3), (3, 1)])
@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(("pool", "known"), [(average, F.avg_pool2d), (maximum, F.max_pool2d)])
def test_result_and_gradient_are_autograds(pool, known, dtype, small, size):
    y = as_seen(*size, dtype).requires_grad_()
    theirs = known(y, 2, ceil_mode=True)
    ours, unpool = pool(y.detach(), small)
    g = torch.randn(ours.shape).to(dtype).contiguous(memory_format=torch.channels_last)
    assert torch.equal(ours, theirs)
    assert torch.equal(unpool(g), torch.autograd.grad(theirs, y, g)[0])


def test_booleans_come_back_from_their_bits() -> None:
    true = as_seen(7, 5) > 1
    kept = packed(true)
    assert torch.equal(kept(), true)
    assert kept.args[0].nbytes == -(-true.numel() // 8)
