"""Where in the exemplar each pixel of a result comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from texture.methods.common.exemplar_copies import Copy


@dataclass(frozen=True)
class Sources:
    """Each H×W, whole numbers: which copy of the exemplar, and the row and the column of the pixel in it."""

    copy: Tensor
    row: Tensor
    column: Tensor
    copies: Sequence[Copy]
