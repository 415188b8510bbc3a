"""3×3 convolutions with a quarter of the multiplications, on the CPU in float32 (Lavin & Gray 2016, arXiv:1509.09308).

F(4×4, 3×3): each tile of 4×4 pixels comes from 6×6 pixels of the input, by 36 multiplications instead of 144. The
kernels are transformed once. Compiled loops transform the input, a block of tiles at a time, in the processor's
cache; 36 matrix products follow, and loops that transform back. On a torus the tiles at the border read their pixels
from the other side, so nothing needs padding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from texture.compiled import spread

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CHANNELS, TILES = 192, 16  # at least, in and out together, of what it is used for: with less the plain way is as fast
BLOCK = 8 * 2**20  # bytes of transformed tiles that are worked on at a time
FEWEST = 256  # tiles of a block: the transformed kernels are read once for each
PIECE = 32  # tiles that a thread takes at a time


def pays(x: Tensor, weight: Tensor) -> bool:
    """Whether x, N×C×H×W, is convolved faster this way with this weight, O×I×3×3 (`python -m benchmarks.winograd`)."""
    tiles = x.shape[0] * (x.shape[2] // 4) * (x.shape[3] // 4)
    plain = x.device.type == "cpu" and x.dtype == weight.dtype == torch.float32
    return plain and tiles >= TILES and sum(weight.shape[:2]) >= CHANNELS


def transformed(weight: Tensor) -> Tensor:
    """The kernels G g Gᵀ, 36×I×O float32, of a convolution's weight O×I×3×3."""
    rows = [[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]
    g = torch.tensor(rows, dtype=torch.float64) / 24
    both = torch.einsum("ia,jb->ijab", g, g).reshape(36, 9)
    return (
        (both @ weight.double().permute(2, 3, 1, 0).reshape(9, -1)).float().view(36, weight.shape[1], weight.shape[0])
    )


def convolve(
    x: Tensor, kernels: Tensor, wraps: tuple[bool, bool], *, gate: Tensor | None = None, bias: Tensor | None = None
) -> Tensor:
    """x ∗ w, N×O×H×W channels last, for x, N×I×H×W, and the transformed kernels of w, 36×I×O. Has no gradient.

    wraps: whether x is periodic down and across; otherwise zeros pad it. gate: shaped like x, which counts as
    0 where this is not positive. bias: of O values; with it the result is max(0, x ∗ w + bias).
    """
    from texture.features import winograd_kernels as loops

    pixels, gates = _as_it_lies(x), None if gate is None else _as_it_lies(gate)
    n, _, height, width = x.shape
    y = x.new_empty((n, height, width, kernels.shape[2]))
    count = n * -(-height // 4) * -(-width // 4)
    block = min(count, max(FEWEST, BLOCK // (4 * 36 * sum(kernels.shape[1:]))))
    tiles, products = x.new_empty((36, block, kernels.shape[1])), x.new_empty((36, block, kernels.shape[2]))
    biases = None if bias is None else bias.numpy()
    for start in range(0, count, block):
        here = min(block, count - start)
        spread(loops.to_tiles, here, PIECE, start, pixels, gates, wraps, tiles.numpy())
        torch.bmm(tiles[:, :here], kernels, out=products[:, :here])
        spread(loops.from_tiles, here, PIECE, start, products.numpy(), biases, y.numpy())
    return y.permute(0, 3, 1, 2)


def compile_loops() -> None:
    """Have the loops compiled, where they are not yet: the first convolution would wait for some seconds."""
    x = torch.zeros(1, 8, 4, 4)
    kernels = transformed(torch.zeros(8, 8, 3, 3))
    convolve(x, kernels, (True, True), bias=x[0, :, 0, 0])
    convolve(x, kernels, (True, True), gate=x)
    convolve(x, kernels, (True, True), gate=x > 0)


def _as_it_lies(x: Tensor) -> NDArray[np.float32]:
    """N×H×W×C, without a copy where the channels are last already."""
    return x.contiguous(memory_format=torch.channels_last).permute(0, 2, 3, 1).numpy()
