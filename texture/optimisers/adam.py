"""Adam (Kingma & Ba 2014, algorithm 1) on one picture; a step that makes the loss explode is undone."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from texture.errors import Diverged
from texture.optimisers.lbfgs import Bounds, Evaluate

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
BLOW_UP = 10.0  # a step that makes the loss so many times larger is undone, and repeated at half the learning rate
RETRIES = 20


class Adam:
    """Minimises `evaluate` from `x`, one step a `step()`; the same shape as `LBFGS`.

    state: where to go on from, instead of `x`, whose device it is brought to.
    """

    def __init__(
        self,
        evaluate: Evaluate,
        x: Tensor,
        *,
        rate: float = 0.05,
        bounds: Bounds | None = None,
        state: dict[str, Any] | None = None,
    ) -> None:
        self.evaluate, self.bounds = evaluate, bounds
        self.mean: Tensor
        self.square: Tensor
        self.count: int
        if state is not None:
            for name, value in state.items():
                setattr(self, name, value.to(x.device) if isinstance(value, Tensor) else value)
            return
        self.x = x if bounds is None else torch.clamp(x, *bounds)
        self.loss, self.gradient = evaluate(self.x)
        self.rate = rate
        self._forget()

    def state(self) -> dict[str, Any]:
        """All that a new one, given it as `state`, needs to go on bit for bit."""
        names = ("x", "loss", "gradient", "mean", "square", "count", "rate")
        return {name: getattr(self, name) for name in names}

    def judge(self) -> None:
        """Evaluate x again, the objective being another now; the running means are kept."""
        self.loss, self.gradient = self.evaluate(self.x)

    def step(self) -> bool:
        """One step; always True, since Adam has no test of convergence.

        Raises:
            Diverged: the loss is not finite, or explodes, however small the learning rate.
        """
        before = float(self.loss)
        for _ in range(RETRIES):
            x = self._ahead()
            loss, gradient = self.evaluate(x)
            if math.isfinite(float(loss)) and float(loss) <= BLOW_UP * before:
                self.x, self.loss, self.gradient = x, loss, gradient
                return True
            self._forget()
            self.rate /= 2
        raise Diverged(
            f"the loss went from {before:.3g} to {float(loss):.3g} even at a learning rate of {self.rate:.1g}"
        )

    def _ahead(self) -> Tensor:
        """Update the moment estimates with the gradient; where the step leads."""
        self.count += 1
        self.mean = torch.lerp(self.gradient, self.mean, BETA1)
        self.square = torch.lerp(self.gradient.square(), self.square, BETA2)
        mean, square = self.mean / (1 - BETA1**self.count), self.square / (1 - BETA2**self.count)
        x = self.x - self.rate * mean / (square.sqrt() + EPSILON)
        return x if self.bounds is None else torch.clamp(x, *self.bounds)

    def _forget(self) -> None:
        """Reset the moment estimates: they are what overshot."""
        self.mean = torch.zeros_like(self.x)
        self.square = torch.zeros_like(self.x)
        self.count = 0
