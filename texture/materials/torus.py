"""Filters by FFT on a torus.

Along the axes in which a picture does not wrap, its mirror image is put beside it first: that wraps, and has no step at
the border.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from texture.images.tensors import Wrap

Transfer = Callable[[Tensor, Tensor], Tensor]
"""From angular frequencies, radians per pixel down (H×1) and across (1×W), to what each is multiplied by."""


def unfolded(field: Tensor, tile: Wrap, odd: tuple[int, ...] = ()) -> Tensor:
    """…×H×W beside its mirror image, in each direction in which it does not wrap: up to …×2H×2W.

    odd: the dimensions (-2, -1) in whose mirror image the sign changes, as the slopes in that direction do.
    """
    for dim, wraps in ((-2, tile in ("y", "both")), (-1, tile in ("x", "both"))):
        if not wraps:
            mirrored = field.flip(dim)
            field = torch.cat([field, -mirrored if dim in odd else mirrored], dim)
    return field


def filtered(field: Tensor, tile: Wrap, *transfers: Transfer) -> list[Tensor]:
    """…×H×W filtered by each transfer function."""
    whole = unfolded(field, tile)
    down, across = frequencies(whole)
    spectrum = torch.fft.rfft2(whole)
    return [folded(torch.fft.irfft2(spectrum * one(down, across), s=whole.shape[-2:]), field) for one in transfers]


def blurred(field: Tensor, tile: Wrap, sigma: float) -> Tensor:
    """…×H×W under a Gaussian of that standard deviation, in pixels."""
    return filtered(field, tile, gaussian(sigma))[0]


def gaussian(sigma: float) -> Transfer:
    """The transfer function of a Gaussian."""
    return lambda down, across: torch.exp(-0.5 * sigma * sigma * (down * down + across * across))


def gradient(field: Tensor, tile: Wrap) -> tuple[Tensor, Tensor]:
    """The derivatives of …×H×W across (to the right) and down, per pixel."""
    across, down = filtered(field, tile, lambda _, x: 1j * x, lambda y, _: 1j * y)
    return across, down


def integrated(across: Tensor, down: Tensor, tile: Wrap) -> Tensor:
    """The heights, of mean 0, whose slopes come nearest to these: …×H×W each (Frankot & Chellappa 1988)."""
    p = torch.fft.rfft2(unfolded(across, tile, odd=(-1,)))
    q = torch.fft.rfft2(whole := unfolded(down, tile, odd=(-2,)))
    y, x = frequencies(whole)
    power = x * x + y * y
    power[..., 0, 0] = 1  # where both slopes are 0 too
    return folded(torch.fft.irfft2(-1j * (x * p + y * q) / power, s=whole.shape[-2:]), across)


def frequencies(whole: Tensor) -> tuple[Tensor, Tensor]:
    """Those of an unfolded field's spectrum, in radians per pixel: down, H×1, and across, 1×(W/2+1)."""
    height, width = whole.shape[-2:]
    down = torch.fft.fftfreq(height, device=whole.device)
    across = torch.fft.rfftfreq(width, device=whole.device)
    return 2 * math.pi * down[:, None], 2 * math.pi * across[None]


def folded(whole: Tensor, field: Tensor) -> Tensor:
    """The part of an unfolded field that is the picture itself."""
    height, width = field.shape[-2:]
    return whole[..., :height, :width]
