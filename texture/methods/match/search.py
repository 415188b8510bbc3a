"""Matching and laying at one scale, in turn: the `Optimiser` that `refine` steps through.

A round: for each patch of the result the likest one of the exemplar is sought by PatchMatch (Barnes et al. 2009,
section 3), at a distance to which the use that has been made of it is added; then the patches are laid over each other
(Kwatra et al. 2005, section 4), the likelier ones counting for more, and colours of which there is too much for less
(Kopf et al. 2007, section 4.2). A patch's price rises with each round in which it is used more than the others, and
falls otherwise: that is the ascent by which semi-discrete optimal transport has all of them used alike (Galerne et al.
2018, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from texture.methods.contract import State
from texture.methods.match.ground import Ground, histogram
from texture.methods.match.loops import BAND, Matches, Problem, bell, loops_for
from texture.methods.match.params import MatchParams
from texture.methods.sizes import Extent

SWEEPS = 2  # of PatchMatch in a round
USE, PRICE, KEPT = 0.03, 0.012, 0.9  # of the patches' spread: what use costs now, how prices rise; what stays of them
KEPT_AT_LAST = 0.7  # of prices at the finest scale, where none rises any more
MOST_USE = 2.0  # times too much, beyond which a price rises no faster
PHASE = 60.0  # of the patches' spread: what it costs to be off by a whole period
CROWDING = 12.0  # by what share less a colour counts of which there is twice too much
ANYWHERE, NEARBY = 1 << 30, 32  # pixels: how far random guesses go, and at finer scales where a part is resynthesised
SOFT, SHARP = 1.6, 0.35  # deviations in pixels of what counts of a patch
SHARP_ROUNDS = 2  # the last ones at the finest scale: hardly any overlap
LEAST_TRUST, LEAST_SHARE = 1e-3, 1e-3


@dataclass(frozen=True)
class Canvas:
    """What is fixed of the result at one scale.

    size: in pixels. tile: the axes along which it is a torus. guides: H×W×G, the values that are sought in the atlas'
    further channels; G may be 0. kept: H×W×3, the picture of which all but `painted`, H×W, stays; None: nothing does.
    basis: 2×2, the lattice in rows (down, right), or None. ties: H·W, the number of the pixel that each is to be like,
    row by row; None: each is as it will.
    """

    size: Extent
    tile: str
    guides: Tensor
    kept: Tensor | None
    painted: Tensor
    basis: Tensor | None
    ties: Tensor | None = None


class Search:
    """One scale's rounds. source: 2×H×W int32, the upper left pixel in the atlas of each pixel's patch."""

    image: Tensor  # H×W×3

    def __init__(
        self,
        p: MatchParams,
        ground: Ground,
        canvas: Canvas,
        *,
        rounds: int,
        first: bool,
        last: bool,
        source: Tensor,
        image: Tensor | None = None,
        state: State | None = None,
    ) -> None:
        """first, last: whether this is the coarsest scale, the finest. image: H×W×3, to begin with instead of what the
        source comes to. state: where to go on from."""
        self.p, self.ground, self.canvas, self.rounds = p, ground, canvas, rounds
        self.first, self.last = first, last
        self.wraps = (canvas.tile in ("y", "both"), canvas.tile in ("x", "both"))
        device = ground.atlas.device
        self.loops = loops_for(self._problem())
        self.kernels = {sharp: bell(p.patch, SHARP if sharp else SOFT).to(device) for sharp in (False, True)}
        self.done, self.turn, self.loss = 0, 0, torch.zeros((), device=device)
        self.source, self.price = source, torch.zeros(ground.allowed.shape, device=device)
        if state is not None:
            self.done, self.turn = state["done"], state["turn"]
            self.loss, self.source = state["loss"].to(device), state["source"].to(device)
            self.price, self.image = state["price"].to(device), state["image"].to(device)
            return
        alike = torch.ones(canvas.painted.shape, device=device)
        self.image = self._laid(alike, torch.ones_like(self.price), sharp=False) if image is None else image

    @property
    def x(self) -> Tensor:
        """The picture: 3×H×W."""
        return self.image.permute(2, 0, 1)

    def step(self) -> bool:
        """One round; always True, since the next one may find something likelier."""
        seen = self._seen()
        found = Matches(self.source.clone(), self.loops.measure(seen, self.source))
        for _ in range(SWEEPS):
            used = self._use(found.source)
            self.price = self._risen(used)
            found = self.loops.improve(seen, self._cost(used), found, self.p.seed, self.turn)
            self.turn += 1
        del seen
        found = Matches(self._tied(found.source, 1), self._tied(found.distance))
        self.source, sought = found.source, self._of_painted(found.distance)
        self.loss, usual = sought.mean() / max(self.ground.spread, 1e-9), sought.median() + 1e-9
        trust = found.distance.neg_().div_(usual).exp_().clamp_min_(LEAST_TRUST)
        self.done += 1
        self.image = self._laid(trust, self._worth(), sharp=self.last and self.done > self.rounds - SHARP_ROUNDS)
        return True

    def seek(self, sweeps: int) -> None:
        """Better sources for the picture as it is: it stays."""
        seen, free = self._seen(), torch.zeros_like(self.price)
        found = Matches(self.source.clone(), self.loops.measure(seen, self.source))
        for _ in range(sweeps):
            found = self.loops.improve(seen, free, found, self.p.seed, self.turn)
            self.turn += 1
        self.source = found.source

    def state(self) -> State:
        """All that a new one needs to go on bit for bit."""
        names = ("done", "turn", "loss", "source", "price", "image")
        return {name: getattr(self, name) for name in names}

    def enlarged(self, scale: Extent, ground: Ground) -> Tensor:
        """The source for the next finer scale: each pixel's place in its patch goes on within it."""
        bands = torch.split(torch.arange(scale.height, device=self.source.device), BAND)
        return torch.cat([self._enlarged(band, scale, ground) for band in bands], 1)

    def _enlarged(self, band: Tensor, scale: Extent, ground: Ground) -> Tensor:
        """Of these rows."""
        height, width = self.canvas.painted.shape
        rows = (band + 0.5) * height / scale.height
        columns = (torch.arange(scale.width, device=self.source.device) + 0.5) * width / scale.width
        y, x = rows.long().clamp_max(height - 1), columns.long().clamp_max(width - 1)
        coarse = self.source[:, y[:, None], x]
        tops = torch.tensor(self.ground.tops, device=coarse.device)
        number = torch.searchsorted(tops, coarse[0].contiguous().long(), right=True) - 1
        ours, theirs = (torch.tensor(one.sides, device=coarse.device)[number] for one in (self.ground, ground))
        half = self.p.patch // 2
        down = (coarse[0] - tops[number] + half + (rows - y)[:, None]) * theirs[..., 0] / ours[..., 0]
        right = (coarse[1] + half + (columns - x)[None, :]) * theirs[..., 1] / ours[..., 1]
        room = (theirs - self.p.patch).clamp_min(0)
        row = (down.floor().long() - half).clamp_min(0).minimum(room[..., 0])
        column = (right.floor().long() - half).clamp_min(0).minimum(room[..., 1])
        return torch.stack([row + torch.tensor(ground.tops, device=row.device)[number], column]).int()

    def _problem(self) -> Problem:
        painted, basis, device = self.canvas.painted, self.canvas.basis, self.ground.atlas.device
        weight = 0.0
        if basis is not None:
            shortest = float(basis.square().sum(1).min())
            weight = self.p.phase * PHASE * self.ground.spread / shortest
        return Problem(
            self.ground.atlas,
            self.ground.allowed,
            self.p.patch,
            self.wraps,
            _touched(painted, self.p.patch, self.wraps),
            painted,
            torch.zeros(2, 2, device=device) if basis is None else basis,
            weight,
            ANYWHERE if self.first or self.canvas.kept is None else NEARBY,
        )

    def _seen(self) -> Tensor:
        """The result with its guides, beyond its edges: (H+p-1)×(W+p-1)×C. What is beyond one that is no torus is not
        looked at."""
        picture = torch.cat([self.image, self.canvas.guides], 2)
        half = self.p.patch // 2
        rows, columns = (torch.arange(-half, side + half, device=picture.device) % side for side in picture.shape[:2])
        return picture[rows[:, None], columns].contiguous()

    def _of_painted(self, values: Tensor) -> Tensor:
        """Those of H×W that lie where it is painted, in a line."""
        painted = self.canvas.painted
        return values.flatten() if bool(painted.all()) else values[painted]

    def _use(self, source: Tensor) -> Tensor:
        """How often each patch is used, h×w, in shares of what would be fair: smoothed, about 1."""
        high, wide = self.ground.allowed.shape
        used = torch.zeros(high * wide, dtype=torch.int64, device=source.device)
        for rows, painted in zip(torch.split(source, BAND, 1), torch.split(self.canvas.painted, BAND), strict=True):
            names = rows[0].long() * wide + rows[1].long()
            used += torch.bincount(names[painted], minlength=high * wide)
        smoothed = F.avg_pool2d(used.float().view(1, 1, high, wide), 3, 1, 1, count_include_pad=False)[0, 0]
        return smoothed * (self.ground.count / int(self.canvas.painted.sum()))

    def _risen(self, used: Tensor) -> Tensor:
        """The prices, h×w, a sweep later: higher where a patch is used more than is fair, lower where less."""
        rise = 0.0 if self.last else PRICE
        kept = KEPT_AT_LAST if self.last else KEPT
        return self.price * kept + (used - 1).clamp_max(MOST_USE) * (rise * self.p.variety * self.ground.spread)

    def _cost(self, used: Tensor) -> Tensor:
        """What each patch costs, h×w, by its price and its use; the cheapest costs nothing."""
        cost = self.price + used * (USE * self.p.variety * self.ground.spread)
        return cost - cost[self.ground.allowed].min()

    def _laid(self, trust: Tensor, worth: Tensor, sharp: bool) -> Tensor:
        """What the patches come to, H×W×3. trust: H×W, in each of them; worth: h×w, of each pixel of the atlas."""
        blank = torch.zeros(*self.canvas.painted.shape, 3, device=trust.device)
        given = blank if self.canvas.kept is None else self.canvas.kept
        return self._tied(self.loops.vote(self.kernels[sharp], trust, worth, self.source, given))

    def _tied(self, values: Tensor, first: int = 0) -> Tensor:
        """Of each pixel what the one has that it is to be like. first: the dimension of the rows; the next: columns."""
        ties = self.canvas.ties
        return values if ties is None else values.flatten(first, first + 1).index_select(first, ties).view_as(values)

    def _worth(self) -> Tensor:
        """What each pixel of the atlas counts for, h×w: less where the result has too much of its colour already."""
        excess = histogram(self.image) / self.ground.histogram.clamp_min(LEAST_SHARE) - 1
        crowding = excess.clamp_min(0) * (CROWDING * self.p.colours)
        bins = self.ground.bins
        return 1 / (1 + crowding[0][bins[..., 0]] + crowding[1][bins[..., 1]] + crowding[2][bins[..., 2]])


def _touched(painted: Tensor, patch: int, wraps: tuple[bool, bool]) -> Tensor:
    """The pixels whose patches have a painted pixel in them."""
    half, near = patch // 2, painted.float()[None]
    for dim, wrap in ((1, wraps[0]), (2, wraps[1])):
        sides = (0, 0, half, half) if dim == 1 else (half, half, 0, 0)
        near = F.pad(near[None], sides, mode="circular" if wrap and half <= near.shape[dim] else "constant")[0]
        near = F.max_pool2d(near, (patch, 1) if dim == 1 else (1, patch), 1)
    return near[0] > 0
