"""Keeping the content's colours: style is transferred in brightness alone.

Gatys, Bethge, Hertzmann & Shechtman 2016 (arXiv:1606.05897), section 3.2: brightness is the Y of YIQ, the styles'
is brought to the mean and deviation of the content's, and the result has the content's I and Q.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

RED, BLUE = 0.299, 0.114  # their shares in Y; the rest is green


def luminance(image: Tensor) -> Tensor:
    """3×H×W to 1×H×W; of grey, grey to the bit."""
    red, green, blue = image[:1], image[1:2], image[2:]
    return green + RED * (red - green) + BLUE * (blue - green)


def matched(style: Tensor, content: Tensor) -> Tensor:
    """The luminance of a style with the mean and deviation of the content's, within 0..1: both are 1×H×W."""
    contrast = content.std() / style.std().clamp_min(1e-6)
    return ((style - style.mean()) * contrast + content.mean()).clamp(0, 1)


def recoloured(brightness: Tensor, colours: Tensor) -> Tensor:
    """The picture of that luminance, 1×H×W, with the chroma of `colours`, 3×H×W in 0..1.

    Where no such colour can be shown the chroma is weakened until one can: luminance and hue stay.
    """
    chroma = colours - luminance(colours)
    room = (chroma > 0).to(chroma) - brightness  # up to 1 or down to 0, of the same sign as the chroma
    weakened = (room / chroma.where(chroma != 0, 1e-6)).where(chroma != 0, 1.0)
    return brightness + chroma * weakened.amin(0, keepdim=True).clamp(0, 1)
