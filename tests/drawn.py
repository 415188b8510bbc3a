"""Pictures that tests draw."""

from __future__ import annotations

import numpy as np

from texture.images.decoding import Pixels


def wall(side: int, period: int) -> Pixels:
    """Dark joints between light stones, side×side×3, each stone as high and wide as the period."""
    joints = np.arange(side) % period < max(2, period // 5)
    light = np.where(joints[:, None] | joints[None, :], 40, 200).astype(np.uint8)
    return np.stack([light, light, light], 2)
