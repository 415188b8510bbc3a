"""Colours as light: sRGB to linear and back, and how light they are."""

from __future__ import annotations

import torch
from torch import Tensor


def to_linear(srgb: Tensor) -> Tensor:
    """sRGB in 0..1 to linear light in 0..1 (IEC 61966-2-1)."""
    return torch.where(srgb <= 0.04045, srgb / 12.92, ((srgb.clamp_min(0) + 0.055) / 1.055) ** 2.4)


def to_srgb(linear: Tensor) -> Tensor:
    """Linear light in 0..1 to sRGB in 0..1."""
    return torch.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear.clamp_min(1e-9) ** (1 / 2.4) - 0.055)


def luminance(linear: Tensor) -> Tensor:
    """3×H×W in linear light to 1×H×W (ITU-R BT.709)."""
    red, green, blue = linear[:1], linear[1:2], linear[2:]
    return green + 0.2126 * (red - green) + 0.0722 * (blue - green)


def lightness(linear: Tensor) -> Tensor:
    """How light 3×H×W in linear light looks, 1×H×W in 0..1: the cube root of its luminance, as in CIELAB."""
    return luminance(linear).clamp_min(0) ** (1 / 3)
