"""Minimisers of a function of one picture: they take one step at a time and can be written down between any two."""

from __future__ import annotations

from typing import Any, Protocol

from torch import Tensor


class Optimiser(Protocol):
    """What `LBFGS` and `Adam` have in common: the picture now, its loss, a step further, and a way to write it down."""

    @property
    def x(self) -> Tensor:
        """The picture."""

    @property
    def loss(self) -> Tensor:
        """Its loss, a scalar."""

    def step(self) -> bool:
        """One step. False, with x as it was, where nothing is left to gain."""
        ...

    def state(self) -> dict[str, Any]:
        """All that a new one of the class, given it as `state`, needs to go on bit for bit."""
        ...
