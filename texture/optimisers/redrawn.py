"""A search for the minimum of an objective that is drawn anew now and then, as one along random directions is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor

from texture.optimisers.adam import Adam
from texture.optimisers.lbfgs import LBFGS


class Drawn(Protocol):
    """An objective with something random in it, which stays what it is from one draw to the next."""

    def draw(self, random: torch.Generator) -> None:
        """Become another one."""


class Redrawn:
    """An `Optimiser` between two draws of its objective, which then goes on with what it knows of the curvature.

    A line search compares losses, so the objective must not change under it; and the curvature is the network's more
    than the draw's. objective: drawn from `random`, on the CPU, at once and after each `every` steps. search: makes the
    optimiser on it, from nothing or from what that one's `state()` gave. state: where to go on from.
    """

    def __init__(
        self,
        objective: Drawn,
        random: torch.Generator,
        search: Callable[[dict[str, Any] | None], LBFGS | Adam],
        *,
        every: int,
        state: dict[str, Any] | None = None,
    ) -> None:
        self.objective, self.random, self.every = objective, random, every
        if state:
            random.set_state(state["drawn_from"])
        self._draw()
        self.since: int = state["since"] if state else 0
        self.search = search(state and state["search"])

    def _draw(self) -> None:
        self.drawn_from, self.since = self.random.get_state(), 0
        self.objective.draw(self.random)

    @property
    def x(self) -> Tensor:
        """The picture."""
        return self.search.x

    @property
    def loss(self) -> Tensor:
        """Its loss by the draw that the next step goes by."""
        return self.search.loss

    def step(self) -> bool:
        """One step. False where nothing was left to gain even right after a draw."""
        fresh, moved = self.since == 0, self.search.step()
        self.since += 1
        if not moved or self.since == self.every:
            self._draw()
            self.search.judge()
        return moved or not fresh

    def state(self) -> dict[str, Any]:
        """All that is needed to go on bit for bit."""
        return {"search": self.search.state(), "drawn_from": self.drawn_from, "since": self.since}
