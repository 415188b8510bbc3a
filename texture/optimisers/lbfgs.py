"""L-BFGS, one iteration at a time, with a state that can be saved and restored, and optional bounds.

The two-loop recursion and the strong Wolfe search are those of Nocedal & Wright, *Numerical Optimization*, algorithms
7.4, 3.5 and 3.6. `torch.optim.LBFGS` re-evaluates the loss at every call, so that stepping it one iteration at a time
costs two evaluations each; here the last evaluation of one iteration is the first of the next. Four departures:

- The search forgives a rise of the loss within `noise`, a relative error of the loss itself: in bfloat16 the loss is
  only known to about 1e-3, and a strict search gives up long before the picture is done.
- With `bounds` the path is projected onto the box, and variables at an active bound are left out of the direction.
- The first step, which no curvature is known for yet, goes no farther than to where the loss would be 0 if it were
  linear: from a picture that is nearly right a fixed length overshoots, and costs two or three evaluations.
- Corrections may be kept in a coarser precision than x, which is all that large pictures leave room for.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from texture.device import returned_once_freed
from texture.errors import Diverged

ARMIJO, CURVATURE = 1e-4, 0.9
EVALUATIONS = 12  # at most so many in one line search
FIRST_MOVE = 0.05  # root mean square of the first step at most, in units of x
BLOCK = 1 << 20  # values of a correction that are brought to x's precision at a time

Evaluate = Callable[[Tensor], tuple[Tensor, Tensor]]  # x -> the loss, a scalar, and its gradient, of x's shape
Bounds = tuple[Tensor, Tensor]  # the lowest and the highest value, each broadcastable to x


@dataclass(frozen=True, slots=True)
class _Point:
    """One point of a line search: how far, the loss there, and its slope along the path."""

    t: float
    loss: float
    slope: float


@dataclass(frozen=True, slots=True)
class _Trial(_Point):
    """All that belongs to it."""

    x: Tensor
    gradient: Tensor

    @property
    def point(self) -> _Point:
        """Without its pictures."""
        return _Point(self.t, self.loss, self.slope)


class LBFGS:
    """Minimises `evaluate` from `x`, one iteration a `step()`.

    history: number of corrections; kept: their precision. noise: the relative error of the loss itself. state: where to
    go on from, instead of `x`, whose device it is brought to.
    `x`, `loss` and `gradient` are new tensors after each step, never changed in place.
    """

    def __init__(
        self,
        evaluate: Evaluate,
        x: Tensor,
        *,
        history: int = 20,
        kept: torch.dtype | None = None,
        bounds: Bounds | None = None,
        noise: float = 1e-7,
        state: dict[str, Any] | None = None,
    ) -> None:
        self.evaluate, self.history, self.bounds, self.noise = evaluate, history, bounds, noise
        self.kept = kept or x.dtype
        self.pairs: list[tuple[Tensor, Tensor]] = []  # (s, y), oldest first, never changed in place
        if state is not None:
            self.x, self.loss, self.gradient = (state[name].to(x.device) for name in ("x", "loss", "gradient"))
            self.pairs = [(s.to(x.device), y.to(x.device)) for s, y in zip(state["s"], state["y"], strict=True)]
            return
        self.x = self._project(x)
        self.loss, self.gradient = evaluate(self.x)
        if not math.isfinite(float(self.loss)):
            raise Diverged(f"the loss is {float(self.loss)} at the very start")

    def state(self) -> dict[str, Any]:
        """All that a new one, given it as `state`, needs to go on bit for bit."""
        steps, changes = [s for s, _ in self.pairs], [y for _, y in self.pairs]
        return {"x": self.x, "loss": self.loss, "gradient": self.gradient, "s": steps, "y": changes}

    def judge(self) -> None:
        """Evaluate x again, the objective being another now; the corrections, which tell its curvature, are kept."""
        self.loss, self.gradient = self.evaluate(self.x)

    def step(self) -> bool:
        """One iteration. False, with x as it was, where no step however small lowers the loss: x is converged.

        Raises:
            Diverged: the loss is not finite however small the step.
        """
        found = self._search(self._direction())
        if found is None and self.pairs:
            self.pairs.clear()  # no descent direction: restart from steepest descent
            found = self._search(self._direction())
        if found is None:
            return False
        with returned_once_freed():
            self._remember(found.x - self.x, found.gradient - self.gradient)
        self.x, self.gradient = found.x, found.gradient
        self.loss = torch.as_tensor(found.loss, dtype=self.loss.dtype, device=self.loss.device)
        return True

    def _remember(self, s: Tensor, y: Tensor) -> None:
        s, y = s.to(self.kept), y.to(self.kept)
        if float(_dot(s, y, self.x)) > 1e-10 * float(_dot(y, y, self.x)):
            self.pairs = [*self.pairs[-(self.history - 1) :], (s, y)] if self.history > 1 else [(s, y)]

    @returned_once_freed()
    def _direction(self) -> Tensor:
        """−H·g by the two-loop recursion (algorithm 7.4), over the variables that are free to move."""
        free = self._free()
        q: Tensor = self.gradient.clone() if free is None else self.gradient * free
        q = q.contiguous()
        if not self.pairs:
            length = max(float(torch.linalg.vector_norm(q)), 1e-30)
            to_nothing = max(float(self.loss), 0.0) / length or math.inf  # a loss below 0 says nothing about that
            return q.mul_(-min(FIRST_MOVE * math.sqrt(q.numel()), to_nothing) / length)
        weights = []
        for s, y in reversed(self.pairs):
            rho = 1 / _dot(y, s, q)
            weights.append((rho, rho * _dot(s, q, q)))
            _add(q, y, -weights[-1][1])
        s, y = self.pairs[-1]
        q.mul_(_dot(s, y, q) / _dot(y, y, q))
        for (s, y), (rho, alpha) in zip(self.pairs, reversed(weights), strict=True):
            _add(q, s, alpha - rho * _dot(y, q, q))
        return -q if free is None else -q * free

    def _free(self) -> Tensor | None:
        """1 for free variables, 0 for those at an active bound; None without bounds."""
        if self.bounds is None:
            return None
        low, high = self.bounds
        pressed = ((self.x <= low) & (self.gradient > 0)) | ((self.x >= high) & (self.gradient < 0))
        free: Tensor = (~pressed).to(self.x.dtype)
        return free

    def _project(self, x: Tensor) -> Tensor:
        return x if self.bounds is None else torch.clamp(x, *self.bounds)

    def _try(self, direction: Tensor, t: float) -> _Trial:
        with returned_once_freed():
            ahead = self.x + t * direction
            x = self._project(ahead)
            inside = None if self.bounds is None else x == ahead
            del ahead
        loss, gradient = self.evaluate(x)
        moving = direction if inside is None else direction * inside
        slope = torch.dot(gradient.flatten(), moving.flatten())
        values = torch.stack([loss.double(), slope.double()]).tolist()  # one wait for the device, not two
        return _Trial(t, values[0], values[1], x, gradient)

    def _search(self, direction: Tensor) -> _Trial | None:
        """A step that satisfies the strong Wolfe conditions (algorithms 3.5 and 3.6), or at least lowers the loss."""
        slope = float(torch.dot(self.gradient.flatten(), direction.flatten()))
        if not slope < 0:
            return None
        low = _Trial(0.0, float(self.loss), slope, self.x, self.gradient)
        high: _Point | None = None  # the far end of the bracket, once there is one
        start, limit = low.loss, low.loss + self.noise * abs(low.loss)
        t, finite = 1.0, False
        for _ in range(EVALUATIONS):
            trial = self._try(direction, t)
            ok = math.isfinite(trial.loss) and math.isfinite(trial.slope)
            finite |= ok
            if not ok or trial.loss > limit + ARMIJO * t * slope or (low.t and trial.loss >= low.loss):
                high = trial.point
            elif abs(trial.slope) <= -CURVATURE * slope:
                return trial
            else:
                if trial.slope * (high.t - low.t if high else 1.0) >= 0:
                    high = low.point
                low = trial
            del trial  # its pictures, while the next one is evaluated
            t = _between(low, high) if high else 2 * t
        if not finite:
            raise Diverged(f"the loss is not finite even {t:.1g} of a step away from {start:.3g}")
        return low if low.t else None


def _dot(a: Tensor, b: Tensor, like: Tensor) -> Tensor:
    """a·b in the precision of `like`, of tensors in it or in a coarser one."""
    if a.dtype == b.dtype == like.dtype:
        return torch.dot(a.flatten(), b.flatten())
    blocks = zip(torch.split(a.flatten(), BLOCK), torch.split(b.flatten(), BLOCK), strict=True)
    return torch.stack([torch.dot(one.to(like.dtype), other.to(like.dtype)) for one, other in blocks]).sum()


def _add(total: Tensor, s: Tensor, factor: Tensor) -> None:
    """total += factor·s, of which s may be in a coarser precision."""
    if s.dtype == total.dtype:
        total.addcmul_(s, factor)
        return
    for part, block in zip(torch.split(total.view(-1), BLOCK), torch.split(s.flatten(), BLOCK), strict=True):
        part.addcmul_(block.to(total.dtype), factor)


def _between(low: _Point, high: _Point) -> float:
    """Where to look next inside a bracket: the minimum of the cubic through both ends (equation 3.59), kept inside."""
    width = high.t - low.t
    if not (math.isfinite(high.loss) and math.isfinite(high.slope)):
        return low.t + 0.1 * width
    a = low.slope + high.slope - 3 * (low.loss - high.loss) / (low.t - high.t)
    square = a * a - low.slope * high.slope
    if square >= 0:
        b = math.copysign(math.sqrt(square), width)
        bottom = high.slope - low.slope + 2 * b
        share = (high.slope + b - a) / bottom if bottom else 0.5
        return low.t + width * min(0.9, max(0.1, 1 - share))
    return low.t + 0.5 * width
