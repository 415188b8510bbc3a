"""Where the inner loops of PatchMatch run: on the processor, compiled, or as torch calls on any other device.

Both do the same: the same candidates in the same order, with the same random numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from texture.compiled import spread

JUMPS = (1, 3)  # pixels; odd, so that one colour of a chequerboard learns from the other
ROWS = 16  # that a thread takes at a time
BAND = 256  # rows that are worked on at a time where numbers on the way take far more memory than what they come to


@dataclass(frozen=True)
class Problem:
    """What is matched at one scale, all on one device.

    atlas: h×w×C float32, what patches are taken from, RGB first; allowed: h×w, where the upper left pixel of one may
    lie. patch: its side, odd. wraps: whether the result is a torus down and across. active: H×W, the pixels of the
    result whose patches are sought; painted: H×W, those that are made of them. basis: 2×2, the lattice in rows
    (down, right); weight: what a squared pixel counts for by which a source is off its phase, 0 where there is none.
    farthest: how far from a source, in pixels of the atlas, random ones are sought.
    """

    atlas: Tensor
    allowed: Tensor
    patch: int
    wraps: tuple[bool, bool]
    active: Tensor
    painted: Tensor
    basis: Tensor
    weight: float
    farthest: int = 1 << 30

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the result."""
        height, width = self.active.shape
        return height, width


class Matches(NamedTuple):
    """The source of each pixel's patch, 2×H×W int32, and how far it is from that, H×W."""

    source: Tensor
    distance: Tensor


class Loops(Protocol):
    """The inner loops. seen: (H+p-1)×(W+p-1)×C, the result beyond its edges; source: 2×H×W int32."""

    def measure(self, seen: Tensor, source: Tensor) -> Tensor:
        """How far each patch is from its source: H×W float32; 0 where none is sought."""

    def improve(self, seen: Tensor, cost: Tensor, found: Matches, seed: int, turn: int) -> Matches:
        """A better source for each patch, where there is one at a distance to which its cost, h×w, is added.

        Takes what is given as found for itself.
        """

    def vote(self, kernel: Tensor, trust: Tensor, worth: Tensor, source: Tensor, image: Tensor) -> Tensor:
        """The picture that the sources' patches come to, H×W×3; `image` where it is not painted."""


def loops_for(problem: Problem) -> Loops:
    """Those of the device that the problem lies on."""
    return OnProcessor(problem) if problem.atlas.device.type == "cpu" else OnDevice(problem)


class OnProcessor:
    """Compiled loops, in as many threads as torch takes."""

    def __init__(self, problem: Problem) -> None:
        import numpy as np

        self.problem, self.height = problem, problem.size[0]
        self.atlas = problem.atlas.flatten(1).numpy()
        self.wraps = np.array(problem.wraps)
        self.active, self.painted = problem.active.numpy(), problem.painted.numpy()
        self.lattice = (problem.basis.numpy(), _whole(problem).numpy(), np.float32(problem.weight))

    def measure(self, seen: Tensor, source: Tensor) -> Tensor:
        """See `Loops`."""
        from texture.methods.match import kernels

        found = torch.zeros(self.problem.size)
        given = (seen.flatten(1).numpy(), self.atlas, self.problem.patch, self.wraps, self.problem.allowed.numpy())
        where = (self.active, *self.lattice, source.numpy())
        spread(kernels.measure, self.height, ROWS, *given, *where, found.numpy())
        return found

    def improve(self, seen: Tensor, cost: Tensor, found: Matches, seed: int, turn: int) -> Matches:
        """See `Loops`."""
        import numpy as np

        from texture.methods.match import kernels

        source, distance = found.source, found.distance
        _add_cost(distance, cost, source, 1)
        given = (seen.flatten(1).numpy(), self.atlas, self.problem.patch, self.wraps, cost.numpy())
        where = (self.problem.allowed.numpy(), self.active, *self.lattice, np.array(JUMPS), self.problem.farthest)
        changed = (source.numpy(), distance.numpy())
        for colour in (0, 1):
            random, known = (seed, 2 * turn + colour), source.numpy().copy()
            spread(kernels.improve, self.height, ROWS, colour, *given, *where, *random, known, *changed)
        _add_cost(distance, cost, source, -1)
        return found

    def vote(self, kernel: Tensor, trust: Tensor, worth: Tensor, source: Tensor, image: Tensor) -> Tensor:
        """See `Loops`."""
        from texture.methods.match import kernels

        image = image.clone()
        given = (self.atlas, worth.numpy(), self.problem.patch, self.wraps, kernel.numpy(), trust.numpy())
        spread(kernels.vote, self.height, ROWS, *given, self.painted, source.numpy(), image.numpy())
        return image


class OnDevice:
    """The same as torch calls, on all pixels at once."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        device, (height, width) = problem.atlas.device, problem.size
        rows, columns = torch.arange(height, device=device), torch.arange(width, device=device)
        self.rows, self.columns = rows[:, None], columns[None, :]
        self.whole = _whole(problem)
        half = problem.patch // 2
        self.inside = [
            [_inside(self.rows + down - half, height, problem.wraps[0])
             & _inside(self.columns + right - half, width, problem.wraps[1]) for right in range(problem.patch)]
            for down in range(problem.patch)
        ]  # fmt: skip
        self.cells = torch.stack([inside for line in self.inside for inside in line]).sum(0)

    def measure(self, seen: Tensor, source: Tensor) -> Tensor:
        """See `Loops`."""
        return self._distance(seen, source[0].long(), source[1].long()) * self.problem.active

    def improve(self, seen: Tensor, cost: Tensor, found: Matches, seed: int, turn: int) -> Matches:
        """See `Loops`."""
        source, distance = found.source.long(), found.distance + _of(cost, found.source)
        for colour in (0, 1):
            mine = self.problem.active & ((self.rows + self.columns) % 2 == colour)
            for at, there in self._candidates(source, seed, 2 * turn + colour):
                high, wide = cost.shape
                b, a = at[0].clamp(0, high - 1), at[1].clamp(0, wide - 1)
                there = there & (at[0] == b) & (at[1] == a) & self.problem.allowed[b, a] & mine
                d = self._distance(seen, b, a) + cost[b, a]
                better = there & (d < distance)
                distance = torch.where(better, d, distance)
                source.copy_(torch.where(better, torch.stack([b, a]), source))
        return Matches(source.int(), distance - _of(cost, source))

    def _candidates(self, source: Tensor, seed: int, turn: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Places, 2×H×W, and whether there is one; `source` changes while they are asked for."""
        known = source.clone()
        (height, width), (down_wraps, across_wraps) = self.problem.size, self.problem.wraps
        for jump in JUMPS:
            for down, across in ((jump, 0), (-jump, 0), (0, jump), (0, -jump)):
                moved = known.roll((down, across), (1, 2))
                place = moved + torch.tensor([down, across], device=source.device)[:, None, None]
                there = _inside(self.rows - down, height, down_wraps)
                there = there & _inside(self.columns - across, width, across_wraps)
                yield place, there
        reach, draw, always = (
            min(self.problem.farthest, max(self.problem.allowed.shape)),
            0,
            torch.ones_like(self.problem.active),
        )
        while reach >= 1:
            number = _mixed(seed, turn, self.rows * width + self.columns, draw)
            moves = torch.stack([number & 0x7FFFFFFF, (number >> 31) & 0x7FFFFFFF])
            yield source + moves % (2 * reach + 1) - reach, always
            reach, draw = reach // 2, draw + 1

    def vote(self, kernel: Tensor, trust: Tensor, worth: Tensor, source: Tensor, image: Tensor) -> Tensor:
        """See `Loops`."""
        half = self.problem.patch // 2
        total, weights = torch.zeros_like(image), torch.zeros_like(trust)
        for down, line in enumerate(self.inside):
            for right, _ in enumerate(line):
                moved = (down - half, right - half)
                v, u = source[0].long() + down, source[1].long() + right
                colour = self.problem.atlas[v, u, :3].roll(moved, (0, 1))
                share = kernel[down, right] * (trust * worth[v, u]).roll(moved, (0, 1))
                share = share * self.inside[self.problem.patch - 1 - down][self.problem.patch - 1 - right]
                total += share[..., None] * colour
                weights += share
        return torch.where(self.problem.painted[..., None], total / weights[..., None], image)

    def _distance(self, seen: Tensor, v: Tensor, u: Tensor) -> Tensor:
        (height, width), (high, wide) = self.problem.size, self.problem.allowed.shape
        total = torch.zeros(height, width, device=v.device)
        for down, line in enumerate(self.inside):
            for right, inside in enumerate(line):
                here = seen[down : down + height, right : right + width]
                there = self.problem.atlas[(v + down).clamp_max(high - 1), (u + right).clamp_max(wide - 1)]
                total += inside * (here - there).square().sum(-1)
        return total * (self.problem.patch**2 / self.cells) + self._astray(v, u)

    def _astray(self, v: Tensor, u: Tensor) -> Tensor:
        half = self.problem.patch // 2
        moved = torch.stack([v + half - self.rows, u + half - self.columns], -1).float() @ self.whole
        return self.problem.weight * ((moved - moved.round()) @ self.problem.basis).square().sum(-1)


def _add_cost(distance: Tensor, cost: Tensor, source: Tensor, sign: int) -> None:
    """Add to the distances what each source costs, or take it away, some rows at a time."""
    for rows, names in zip(torch.split(distance, BAND), torch.split(source, BAND, 1), strict=True):
        rows.add_(_of(cost, names), alpha=sign)


def _of(cost: Tensor, source: Tensor) -> Tensor:
    """What each source costs: H×W."""
    return cost[source[0].long(), source[1].long()]


def _whole(problem: Problem) -> Tensor:
    """What brings a vector to periods of the lattice; 2×2, of zeros where there is none."""
    return torch.linalg.inv(problem.basis) if problem.weight else torch.zeros_like(problem.basis)


def _inside(lines: Tensor, length: int, wraps: bool) -> Tensor:
    """Which of these lines are those of a picture, or of the torus that it is."""
    return torch.ones_like(lines, dtype=torch.bool) if wraps else (lines >= 0) & (lines < length)


def _mixed(seed: int, turn: int, pixel: Tensor, draw: int) -> Tensor:
    """What `kernels.mixed` gives."""
    z = pixel * -7723592293110705685 + _wrapped(
        seed * -7046029254386353131 + turn * -4658895280553007687 + draw * 3202034522624059733
    )
    z = (z ^ ((z >> 30) & 0x3FFFFFFFF)) * -4658895280553007687
    z = (z ^ ((z >> 27) & 0x1FFFFFFFFF)) * -7723592293110705685
    return z ^ ((z >> 31) & 0x1FFFFFFFF)


def _wrapped(number: int) -> int:
    """A whole number as 64 bits keep it."""
    return (number + 2**63) % 2**64 - 2**63


def bell(side: int, deviation: float) -> Tensor:
    """side×side, falling off from the middle as a normal distribution does; 0 where it is next to nothing."""
    along = torch.arange(side) - side // 2
    line = torch.exp(-along.square() / (2 * deviation**2))
    kernel = line[:, None] * line
    return torch.where(kernel > math.exp(-9), kernel, 0.0).float()
