"""Patches of feature maps: the best match of each among an exemplar's, and what comes of laying them over each other.

A patch is size×size cells of a feature map with all their channels (Li & Wand 2016, section 3). Two things are computed
otherwise than they are written in the paper, without changing a number beyond rounding:

- The inner product of two patches is the sum, over their cells, of the inner products of cells. So the products of
  cells are taken once, as one matrix product, and summed along diagonals: size² times fewer multiplications than a
  convolution with all patches. The products are taken in the precision of the features, all sums in float32.
- Σ‖Pₚ(F) − Tₚ‖² over patches p that overlap is, cell by cell, the distance from the mean of what covers the cell plus
  the variance about that mean, times how many there are. So a step compares a map with a map, however many patches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from texture.compiled import spread

PRODUCTS = 1 << 22  # of cells with cells that are taken at one time: 16 MiB of float32 stay in the processor's cache
CELLS = 1 << 12  # of an exemplar that are matched at one time
CLOSEST = 1e-3  # distances below are rounding noise of features in bfloat16


@dataclass(frozen=True)
class Grid:
    """Where the patches of a map of height×width cells stand: every `stride` cells from its upper left corner.

    Along an axis of `wrap` (none, x, y or both) the map is a torus, and patches reach across its edge. Along the others
    all of them lie inside, and the last one touches the edge, so that no cell is left out while stride ≤ size.
    """

    height: int
    width: int
    size: int
    stride: int = 1
    wrap: str = "none"

    @cached_property
    def rows(self) -> Tensor:
        """The upper row of each row of patches."""
        return _starts(self.height, self.size, self.stride, self.wrap in ("y", "both"))

    @cached_property
    def columns(self) -> Tensor:
        """The left column of each column of patches."""
        return _starts(self.width, self.size, self.stride, self.wrap in ("x", "both"))

    def cells(self, down: int, across: int) -> tuple[Tensor, Tensor]:
        """Row and column indices, to index a map with, of the cell of each patch so far from its corner."""
        return ((self.rows + down) % self.height)[:, None], (self.columns + across) % self.width

    @cached_property
    def cover(self) -> Tensor:
        """How many patches cover each cell: height×width, float32."""
        count = torch.zeros(self.height, self.width)
        for offset in product(range(self.size), repeat=2):
            count[self.cells(*offset)] += 1
        return count

    def centred(self) -> tuple[Tensor, Tensor]:
        """For each row and each column of cells, the row and the column of patches whose centre is nearest."""
        return (
            nearest(self.rows + self.size // 2, self.height, self.wrap in ("y", "both")),
            nearest(self.columns + self.size // 2, self.width, self.wrap in ("x", "both")),
        )


def _starts(length: int, size: int, stride: int, wraps: bool) -> Tensor:
    if wraps:
        return torch.arange(0, length, stride)
    last = length - size
    starts = torch.arange(0, last + 1, stride)
    return starts if last % stride == 0 else torch.cat([starts, torch.tensor([last])])


def nearest(centres: Tensor, length: int, wraps: bool) -> Tensor:
    """For each of `length` cells in a line, the number of the nearest centre; round the edge where it wraps."""
    apart = (torch.arange(length)[:, None] - centres).abs()
    if wraps:
        apart = torch.minimum(apart % length, -apart % length)
    return apart.argmin(1)


class Position(NamedTuple):
    """Where patches lie: the number of the map, and the row and column of the upper left cell; int64, of one shape."""

    map: Tensor
    row: Tensor
    column: Tensor


class Patches:
    """All patches of one or several feature maps, every `stride` cells, none of them across an edge.

    A patch is named by its upper left cell, counted through all maps one after the other and each row by row.
    """

    def __init__(self, maps: Sequence[Tensor], size: int, stride: int = 1) -> None:
        """maps: C×h×w each, of the same channels and at least size×size cells, kept in the precision that they have."""
        self.size, self.stride = size, stride
        self.shapes = [(features.shape[1], features.shape[2]) for features in maps]
        self.cells = torch.cat([features.flatten(1).T for features in maps])  # one row a cell
        heights, widths = torch.tensor(self.shapes, device=self.cells.device).T
        self.ends, self.widths = (heights * widths).cumsum(0), widths.contiguous()

    def place(self, names: Tensor) -> Position:
        """Where the patches of those names lie."""
        number = torch.searchsorted(self.ends, names, right=True)
        width = self.widths[number]
        index = names - F.pad(self.ends, (1, 0))[number]
        return Position(number, index // width, index % width)

    def match(self, features: Tensor, grid: Grid, variety: float = 0.0) -> Tensor:
        """The name of the best match of each patch of `features`, C×H×W, on `grid`: rows×columns of it, int64.

        That is the patch at the least distance, 1 - normalised cross-correlation. With `variety` a distance is divided
        by that power of the least one at which any patch of `features` is from the same patch of the exemplar, so that
        what is not like any yet comes to be taken: 0 is the paper's matching, 1 would have everything taken alike.
        """
        cells = features.permute(1, 2, 0)
        best = torch.full((len(grid.rows), len(grid.columns)), torch.inf, device=cells.device)
        names = torch.zeros_like(best, dtype=torch.int64)
        for first, candidates in self._bands():
            closeness = self._closeness(cells, candidates, grid) if variety else None
            for rows, distances in self._distances(cells, candidates, grid):
                if closeness is not None:
                    distances /= closeness**variety
                found = distances.flatten(2).min(2)
                row, column = found.indices // distances.shape[3], found.indices % distances.shape[3]
                name = first + (row * candidates.shape[1] + column) * self.stride
                better = found.values < best[rows]
                names[rows] = name.where(better, names[rows])
                best[rows] = found.values.where(better, best[rows])
        return names

    def _closeness(self, cells: Tensor, candidates: Tensor, grid: Grid) -> Tensor:
        """The least distance at which anything is from each candidate: h'×w'."""
        least = [distances.amin((0, 1)) for _, distances in self._distances(cells, candidates, grid)]
        return torch.stack(least).amin(0).clamp(min=CLOSEST)

    def _distances(self, cells: Tensor, candidates: Tensor, grid: Grid) -> Iterator[tuple[slice, Tensor]]:
        """1 - normalised cross-correlation of the patches of some rows of the grid with candidates: rows×columns×h'×w'.

        cells: H×W×C; candidates: h×w×C.
        """
        theirs = _norms(candidates, self.size)[:: self.stride, :: self.stride]
        columns = _reach(grid.columns, self.size, grid.width)
        for rows in _row_blocks(grid, len(columns) * candidates[..., 0].numel()):
            starts = grid.rows[rows] - grid.rows[rows][0]
            block = cells[(grid.rows[rows][0] + torch.arange(int(starts[-1]) + self.size)) % grid.height][:, columns]
            products = _correlations(block, candidates, self.size)
            if grid.stride > 1:
                products = products[starts][:, grid.columns]
            products = products[:, :, :: self.stride, :: self.stride]
            products /= theirs
            products /= -_norms(block, self.size)[starts][:, grid.columns, None, None]
            products += 1
            yield rows, products

    def _bands(self) -> Iterator[tuple[int, Tensor]]:
        """The maps in bands of at most CELLS cells, where a row is no longer: the name of the first cell, and h×w×C.

        Neighbouring bands overlap, so that each patch lies in one of them.
        """
        first = 0
        for (height, width), cells in zip(
            self.shapes, torch.split(self.cells, [h * w for h, w in self.shapes]), strict=True
        ):
            rows = max(1, CELLS // width // self.stride) * self.stride
            cells = cells.view(height, width, -1)
            for top in range(0, height - self.size + 1, rows):
                yield first + top * width, cells[top : top + rows + self.size - 1]
            first += height * width

    def lay(self, names: Tensor, grid: Grid, first: int = 0, end: int | None = None) -> tuple[Tensor, Tensor]:
        """What patches come to that are laid on a grid: mean and variance of what covers each cell, C×rows×W both.

        names: rows×columns of the grid. first, end: the rows of cells that are asked for, all or some.
        """
        end = grid.height if end is None else end
        mean = torch.zeros(end - first, grid.width, self.cells.shape[1], device=names.device)
        square = torch.zeros_like(mean)
        for at, values in self._laid(names, grid, first, end):
            mean[at] += values
            square[at] += values.square_()
        count = grid.cover[first:end, :, None].to(mean.device)
        mean /= count
        variance = (square / count - mean.square()).clamp_(min=0)
        return mean.permute(2, 0, 1), variance.permute(2, 0, 1)

    def means(self, names: Tensor, grid: Grid) -> Callable[[int, int], Tensor]:
        """What gives the means alone, of some rows of cells at a time: first, end -> C×rows×W."""
        if self.cells.device.type != "cpu":
            return lambda first, end: self.lay(names, grid, first, end)[0]
        from texture.losses import laying

        patches = names.numpy(), self.widths[self.place(names).map].numpy()
        covering = [
            _covering(starts, self.size, length).numpy()
            for starts, length in ((grid.rows, grid.height), (grid.columns, grid.width))
        ]
        cells = self.cells.float().numpy()

        def rows(first: int, end: int) -> Tensor:
            if not 0 <= first <= end <= grid.height:  # compiled loops do not look
                raise IndexError(f"rows {first} to {end} of {grid.height}")
            mean = torch.empty(end - first, grid.width, cells.shape[1])
            spread(laying.lay, end - first, 1, first, *patches, *covering, cells, mean.numpy())
            return mean.permute(2, 0, 1)

        return rows

    def _laid(self, names: Tensor, grid: Grid, first: int, end: int) -> Iterator[tuple[tuple[Tensor, Tensor], Tensor]]:
        """Cells of the rows first … end - 1, and what a patch has there: rows and columns to index with, and values."""
        for down, across in product(range(self.size), repeat=2):
            rows, columns = grid.cells(down, across)
            reached = ((rows[:, 0] >= first) & (rows[:, 0] < end)).nonzero()[:, 0]
            here = names[reached]
            width = self.widths[self.place(here).map]
            yield (rows[reached] - first, columns), self.cells[here + down * width + across].float()


def _covering(starts: Tensor, size: int, length: int) -> Tensor:
    """Of each of `length` cells in a line, the number of the patch that has it so far from its start, length×size; -1
    where none has."""
    numbers = torch.full((length, size), -1)
    for step in range(size):
        numbers[(starts + step) % length, step] = torch.arange(len(starts))
    return numbers


def _reach(starts: Tensor, size: int, length: int) -> Tensor:
    """The cells from the first patch to the end of the last one, round the edge where it is beyond."""
    return torch.arange(int(starts[-1]) + size) % length


def _row_blocks(grid: Grid, products: int) -> Iterator[slice]:
    """Rows of patches that are matched at one time, given how many products one row of cells takes."""
    rows = max(1, PRODUCTS // products // grid.stride)
    for top in range(0, len(grid.rows), rows):
        yield slice(top, top + rows)


def _correlations(block: Tensor, candidates: Tensor, size: int) -> Tensor:
    """Inner products of all patches of r×W×C with all patches of h×w×C: four axes, each size - 1 shorter."""
    products = block.flatten(0, 1) @ candidates.flatten(0, 1).T
    products = products.float().view(*block.shape[:2], *candidates.shape[:2])
    return _along_diagonal(_along_diagonal(products, 0, size), 1, size)


def _along_diagonal(products: Tensor, axis: int, size: int) -> Tensor:
    """Sums over `size` steps that are taken in both maps at one time: along `axis` of one, axis + 2 of the other."""
    ours, theirs = (products.shape[dim] - size + 1 for dim in (axis, axis + 2))
    terms = [products.narrow(axis, step, ours).narrow(axis + 2, step, theirs) for step in range(size)]
    total = terms[0].clone()
    for term in terms[1:]:
        total += term
    return total


def _norms(cells: Tensor, size: int) -> Tensor:
    """The length of each patch of h×w×C."""
    squares = cells.float().square().sum(2)[None, None]
    return F.avg_pool2d(squares, size, 1, divisor_override=1)[0, 0].sqrt().clamp(min=1e-12)
