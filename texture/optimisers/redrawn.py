"""Minimising a stochastic objective that is resampled every few steps: new projections, new matches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor

from texture.optimisers.adam import Adam
from texture.optimisers.lbfgs import LBFGS


class Drawn(Protocol):
    """An objective that stays fixed from one draw to the next."""

    def draw(self, picture: Tensor, random: torch.Generator) -> None:
        """Resample for a picture, 3×H×W; random: on the CPU."""

    def drawn(self) -> dict[str, Any]:
        """What was sampled, for `lay`."""

    def lay(self, drawn: dict[str, Any]) -> None:
        """Restore an earlier sample."""


class Redrawn:
    """An `Optimiser` of an objective that is resampled now and then; L-BFGS keeps its corrections across draws.

    A line search compares losses, so the objective must not change within one; and the curvature depends on the network
    more than on the draw. objective: drawn at once, for `start`, and after each `every` steps. search: makes the
    optimiser on it, at `start` or from what that one's `state()` gave. state: where to go on from, instead of `start`.
    """

    def __init__(
        self,
        objective: Drawn,
        random: torch.Generator,
        start: Tensor,
        search: Callable[[dict[str, Any] | None], LBFGS | Adam],
        *,
        every: int,
        state: dict[str, Any] | None = None,
    ) -> None:
        self.objective, self.random, self.every = objective, random, every
        self.since: int = state["since"] if state else 0
        if state:
            random.set_state(state["random"])
            objective.lay(state["drawn"])
        else:
            objective.draw(start, random)
        self.search = search(state and state["search"])

    @property
    def x(self) -> Tensor:
        """The picture."""
        return self.search.x

    @property
    def loss(self) -> Tensor:
        """Its loss under the current draw."""
        return self.search.loss

    def step(self) -> bool:
        """One step. False where nothing was left to gain even right after a draw."""
        fresh, moved = self.since == 0, self.search.step()
        self.since += 1
        if not moved or self.since == self.every:
            self.objective.draw(self.x, self.random)
            self.since = 0
            self.search.judge()
        return moved or not fresh

    def state(self) -> dict[str, Any]:
        """All that is needed to go on bit for bit."""
        drawn, random = self.objective.drawn(), self.random.get_state()
        return {"search": self.search.state(), "drawn": drawn, "random": random, "since": self.since}
