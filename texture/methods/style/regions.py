"""Masks: which style goes where, said by colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from texture.errors import InvalidInput
from texture.palette import REGIONS

if TYPE_CHECKING:
    from torch import Tensor

STYLES = ("source", "style2", "style3", "style4")
ORDINALS = dict(zip(STYLES, ("first", "second", "third", "fourth"), strict=True))


def regions(mask: Tensor, styles: Sequence[str]) -> Tensor:
    """Where each of `styles` is wanted, of those in STYLES: len(styles)×H×W of 0 and 1.

    mask: 3×H×W; each pixel is taken for the nearest of REGIONS. Where its style is not among `styles` all are 0.

    Raises:
        InvalidInput: a style has no pixel of its colour.
    """
    import torch

    levels = [list(bytes.fromhex(colour.removeprefix("#"))) for colour in REGIONS.values()]
    colours = torch.tensor(levels, device=mask.device) / 255
    nearest = torch.stack([(mask - colour[:, None, None]).square().sum(0) for colour in colours]).argmin(0)
    planes = torch.stack([nearest == STYLES.index(style) for style in styles]).float()
    for style, plane in zip(styles, planes, strict=True):
        if not plane.any():
            colour = list(REGIONS)[STYLES.index(style)]
            message = f"nothing in the mask is {colour}, the colour of the {ORDINALS[style]} style"
            raise InvalidInput(message, field="mask", value=colour)
    return planes
