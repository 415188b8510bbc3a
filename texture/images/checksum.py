"""Checksums of pixels."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray


def checksum(pixels: NDArray[Any]) -> str:
    """SHA-256 over the shape and the pixels (H×W×3 uint8), in hexadecimal: the same however the file was written."""
    digest = hashlib.sha256("x".join(map(str, pixels.shape)).encode())
    digest.update(np.ascontiguousarray(pixels).tobytes())
    return digest.hexdigest()
