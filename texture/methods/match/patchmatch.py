"""One run of `match`: its pictures, its scales, and the search from one to the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from texture.errors import InvalidInput
from texture.images.lattice import Floats, Lattice
from texture.methods.artifacts import ORIGINS
from texture.methods.common.exemplar_copies import copies
from texture.methods.common.luminance import luminance, matched
from texture.methods.common.multiscale import (
    Place,
    WithExemplar,
    extent_of,
    extents_of,
    refine,
    scales_within,
    sized,
    state_of,
)
from texture.methods.common.sources import Sources
from texture.methods.common.starting import pattern_of
from texture.methods.contract import State, Step
from texture.methods.match.ground import Ground, Planes, free, ground, in_place, origins, sources
from texture.methods.match.labels import check_guides, colour_of, label_of, wanted_of
from texture.methods.match.params import MatchParams, MendParams, SeamlessParams
from texture.methods.match.plan import (
    EXEMPLARS,
    NARROWEST_PART,
    Scale,
    check_match,
    check_mend,
    check_seamless,
    exemplars,
    plan,
    shown_exemplar,
    strip_width,
)
from texture.methods.match.search import Canvas, Search
from texture.methods.roles import Inputs
from texture.methods.sizes import Extent, Tile, times
from texture.optimisers import Optimiser

MOST_MOVES = 40  # periods in each direction by which a cell may be moved
FEWEST_PATCHES = 64  # that a picture with a hole has at the coarsest scale; finer ones have more


class Work:
    """What all scales share. `search` is that of the scale that `begin` was last called for."""

    search: Search

    def __init__(
        self, p: MatchParams, images: Inputs, device: torch.device, strip: int | None = None, mends: bool = False
    ) -> None:
        """strip: the width in pixels of what is resynthesised, where that is a strip. mends: whether the exemplar is
        itself what is resynthesised, and no patch is taken from where it is painted.

        Raises:
            InvalidInput: pictures and parameters do not fit each other.
        """
        check_match(p, extents_of(images))
        self.p = p
        given = {
            name: getattr(images, name)
            for name in (*EXEMPLARS, "content", "mask", "guide", "exemplar_guide", "initial")
        }
        self.given = {name: picture.to(device) for name, picture in given.items() if picture is not None}
        self.tile: Tile = p.tile if images.content is None else "none"
        self.size = self._size()
        self.lattice = self._lattice(images.lattice)
        self.painted = self._painted()
        self.exemplars = self._shares()
        self.keeps_own = images.initial is images.source  # a part of another picture comes from nobody knows where
        self.in_place = mends or strip is not None
        self.shown = self._shown(images.source)
        if len(self.exemplars) > 1 and images.maps:
            message = "maps follow one source texture, and there are several"
            raise InvalidInput(message, field=next(iter(images.maps)))
        room = None if strip is None else strip / NARROWEST_PART
        self.mends = mends
        smallest = min((self._shown(self.given[role]) for role in self.exemplars), key=min)
        self.scales = plan(p, self.size, smallest, self.lattice, self._room_to_mend() if mends else room)

    def _shown(self, exemplar: Tensor) -> Extent:
        """An exemplar's size in the result's scale; one that is itself resynthesised is as large as that."""
        return self.size if self.in_place else shown_exemplar(self.p, extent_of(exemplar))

    def _size(self) -> Extent:
        content = self.given.get("content")
        return self.p.result_size(None if content is None else extent_of(content))

    def _painted(self) -> Tensor:
        """What is resynthesised in the result: H×W."""
        if "mask" not in self.given:
            return torch.ones(self.size.height, self.size.width, dtype=torch.bool, device=self.given["source"].device)
        light = sized(self.given["mask"].mean(0, keepdim=True), self.size, self.tile)[0] > 0.5
        if not light.any():
            raise InvalidInput("the mask is entirely dark: white marks what is resynthesised", field="mask")
        return light

    def _room_to_mend(self) -> float:
        """How much smaller the coarsest scale may be: the hole is still to be seen there, and patches beside it."""
        wanted = scales_within(max(1.0, _width(self.painted) / NARROWEST_PART))
        count = next((number for number in range(wanted) if self._left(number) < FEWEST_PATCHES), wanted)
        if count == 0:
            message = f"the mask leaves fewer than {FEWEST_PATCHES} patches of {self.p.patch} pixels to fill it from"
            raise InvalidInput(f"{message}: paint less of it white, or take smaller patches", field="mask")
        return 2.0 ** (count - 1)

    def _left(self, halvings: int) -> int:
        """How many patches there are at that scale that touch nothing of what is painted."""
        size = times(self.size, 0.5**halvings)
        return int(free(_covering(self.painted, size), self.p.patch).sum()) if min(size) >= self.p.patch else 0

    def _lattice(self, found: Lattice | None) -> Lattice | None:
        """What the result begins with and keeps to, if anything."""
        pattern_of(self.p.start, found)
        free = self.p.start in (None, "lattice") and not self.given.keys() & {"initial", "content", "guide"}
        return found if free and self.p.plain else None

    def steps(self, state: State | None) -> Iterator[Step]:
        """All rounds, from the start or from where `state` was taken."""
        for at, search in refine(self.scales, self.begin, self.tile, state):
            yield self.step(at, search)

    def begin(self, scale: Scale, exact: bool, image: Tensor | None, state: State | None) -> Optimiser:
        """The search at a scale, for `refine`."""
        here, canvas = self._ground(scale), self._canvas(scale)
        if image is None:
            source, start = self._start(scale, here, canvas)
        else:
            source, start = self.search.enlarged(scale.size, here), None
        self.search = Search(
            self.p,
            here,
            canvas,
            rounds=scale.steps,
            first=scale is self.scales[0],
            last=scale.last,
            source=source,
            image=start,
            state=state,
        )
        return self.search

    def forget(self) -> None:
        """Let go of the search: nothing but its picture is needed any more."""
        if hasattr(self, "search"):
            del self.search

    def step(self, at: Place, search: Optimiser) -> Step:
        """What is yielded where it has come to."""
        return Step(
            at.number,
            at.total,
            partial(_picture, search),
            {"distance": search.loss},
            partial(state_of, at, search),
            at.share,
            artifacts={ORIGINS: self._origins},
            sources=self._sources if self.keeps_own or "mask" not in self.given else None,
        )

    def _origins(self) -> Tensor:
        """Where in the exemplar each pixel comes from, as colours; what was kept of another picture is black."""
        found = origins(self.search.source, self.search.ground)
        if bool(self.search.canvas.painted.all()):
            return found
        unmoved = in_place(found) if self.keeps_own else torch.zeros_like(found)
        return torch.where(self.search.canvas.painted, found, unmoved)

    def _sources(self) -> Sources:
        """Where each pixel comes from; what was kept of the exemplar itself, from its own place."""
        found, painted = sources(self.search.source, self.search.ground), self.search.canvas.painted
        if bool(painted.all()):
            return found
        row, column = torch.meshgrid(*(torch.arange(side) for side in painted.shape), indexing="ij")

        def kept(moved: Tensor, unmoved: Tensor) -> Tensor:
            return torch.where(painted, moved, unmoved.to(moved.device))

        copy = kept(found.copy, torch.zeros_like(row))
        return Sources(copy, kept(found.row, row), kept(found.column, column), found.copies)

    def _ground(self, scale: Scale) -> Ground:
        found = [self._planes(role, share, scale) for role, share in self.exemplars.items()]
        worth = [1.0] * 3
        if "guide" in self.given:
            worth += [self.p.guide_weight**0.5] * 3
        if "content" in self.given:
            worth += [self.p.content_weight**0.5]
        hole = _covering(self.painted, scale.exemplar) if self.mends else None
        return ground(found, torch.tensor(worth, device=found[0].planes.device), self.p.patch, hole)

    def _planes(self, role: str, share: float, scale: Scale) -> Planes:
        """A source texture at a scale, with what it is guided by."""
        picture = self.given[role]
        size = times(self._shown(picture), 0.5**scale.halvings)
        planes = [sized(picture, size)]
        if "exemplar_guide" in self.given:
            planes.append(sized(self.given["exemplar_guide"], size))
        elif "guide" in self.given:
            planes.append(colour_of(label_of(role)).to(picture.device).expand_as(planes[0]))
        if "content" in self.given:
            planes.append(luminance(planes[0]))
        return Planes(torch.cat(planes), copies(self.p, size), share)

    def _shares(self) -> dict[str, float]:
        """The source textures, by role, and how much of the result each is wanted in."""
        roles = exemplars(self.given)
        if "exemplar_guide" in self.given:
            check_guides(self.given["guide"], self.given["exemplar_guide"])
        return dict(zip(roles, wanted_of(self.given["guide"], roles) if len(roles) > 1 else [1.0], strict=True))

    def _canvas(self, scale: Scale) -> Canvas:
        height, width = scale.size.height, scale.size.width
        device = self.given["source"].device
        guides = []
        if "guide" in self.given:
            guides.append(sized(self.given["guide"], scale.size) * self.p.guide_weight**0.5)
        if "content" in self.given:
            grey = matched(luminance(sized(self.given["content"], scale.size)), luminance(self.given["source"]))
            guides.append(grey.clamp(0, 1) * self.p.content_weight**0.5)
        planes = torch.cat(guides) if guides else torch.zeros(0, height, width, device=device)
        painted, kept = _covering(self.painted, scale.size), None
        if "mask" in self.given:
            kept = sized(self.given["initial"], scale.size, self.tile).permute(1, 2, 0).contiguous()
        return Canvas(scale.size, self.tile, planes.permute(1, 2, 0), kept, painted, self._basis(scale))

    def _basis(self, scale: Scale) -> Tensor | None:
        if self.lattice is None:
            return None
        down, right = scale.size.height / self.size.height, scale.size.width / self.size.width
        return torch.tensor(self.lattice.scaled(down, right).matrix, dtype=torch.float32).to(
            self.given["source"].device
        )

    def _start(self, scale: Scale, here: Ground, canvas: Canvas) -> tuple[Tensor, Tensor | None]:
        """Where the coarsest scale begins. Drawn on the CPU, so that a seed means the same on every device."""
        height, width = scale.size.height, scale.size.width
        random = np.random.default_rng(self.p.seed)
        image = None
        if "initial" in self.given and canvas.kept is None:
            image = sized(self.given["initial"], scale.size, self.tile).permute(1, 2, 0).contiguous()
        if self.lattice is not None and canvas.basis is not None:
            source = in_phase(canvas.basis.cpu().double().numpy(), scale, self.p.patch, random)
        else:
            places = here.places.cpu().numpy()
            source = places[random.integers(len(places), size=(height, width))].transpose(2, 0, 1)
        return torch.from_numpy(np.ascontiguousarray(source, np.int32)).to(here.atlas.device), image


def in_phase(basis: Floats, scale: WithExemplar, patch: int, random: np.random.Generator) -> NDArray[np.int32]:
    """A source for each pixel at its own place in the pattern, each cell moved by a lattice vector at random: 2×H×W.

    basis: 2×2 in rows (down, right), in pixels of this scale.
    """
    height, width = scale.size.height, scale.size.width
    room = np.array([scale.exemplar.height, scale.exemplar.width]) - patch
    pixels = np.indices((height, width)).reshape(2, -1).T
    periods = pixels @ np.linalg.inv(basis)
    cells = np.floor(periods + 1e-6)
    within = (periods - cells) @ basis - patch // 2
    names, number = np.unique(cells, axis=0, return_inverse=True)
    moves = np.array(list(product(range(-MOST_MOVES, MOST_MOVES + 1), repeat=2))) @ basis
    sources = np.empty_like(within)
    for cell in range(len(names)):
        members = within[number.reshape(-1) == cell]
        low, high = members.min(0), members.max(0)
        outside = np.maximum(-(moves + low), 0).sum(1) + np.maximum(moves + high - room, 0).sum(1)
        fitting = np.flatnonzero(outside <= outside.min() + 1)
        sources[number.reshape(-1) == cell] = members + moves[random.choice(fitting)]
    inside: NDArray[np.int32] = np.clip(np.rint(sources), 0, room).astype(np.int32)
    return inside.T.reshape(2, height, width)


def seamless_work(p: SeamlessParams, images: Inputs, device: torch.device) -> Work:
    """The work that makes a picture tile: itself, with a strip over each seam to be resynthesised.

    Raises:
        InvalidInput: it is too small or too large, or the strip too narrow for a patch.
    """
    check_seamless(p, extents_of(images))
    size, strip = extent_of(images.source), strip_width(p, extent_of(images.source))
    matching = p.matching.model_copy(update={"size": size, "exemplar_size": min(size)})
    mask = strip_mask(size, strip, p.tile).expand(3, -1, -1)
    return Work(matching, replace(images, initial=images.source, mask=mask), device, strip)


def mending_work(p: MendParams, images: Inputs, device: torch.device) -> Work:
    """The work that fills the white part of the mask from the rest of the picture.

    Raises:
        InvalidInput: it is too small or too large, or the mask of another shape, all dark, or leaves no patch.
    """
    check_mend(p, extents_of(images))
    size = extent_of(images.source)
    matching = p.matching.model_copy(update={"size": size, "exemplar_size": min(size)})
    return Work(matching, replace(images, initial=images.source), device, mends=True)


def strip_mask(size: Extent, width: int, tile: str) -> Tensor:
    """White where a strip of so many pixels lies over each seam, half of it on either side: 1×H×W."""
    mask, near, far = torch.zeros(1, size.height, size.width), width // 2, width - width // 2
    if tile in ("x", "both"):
        mask[:, :, :near] = mask[:, :, size.width - far :] = 1
    if tile in ("y", "both"):
        mask[:, :near] = mask[:, size.height - far :] = 1
    return mask


def _width(painted: Tensor) -> float:
    """How wide in pixels what is painted is, as if it were a strip: twice its area over its outline."""
    padded = F.pad(painted, (1, 1, 1, 1))
    outline = sum(int((padded.roll(1, axis) != padded).sum()) for axis in (0, 1))
    return 2 * int(painted.sum()) / outline


def _covering(painted: Tensor, size: Extent) -> Tensor:
    """The pixels at a coarser scale that have a painted one in them: H×W."""
    return F.adaptive_max_pool2d(painted.float()[None], (size.height, size.width))[0] > 0


def _picture(search: Optimiser) -> Tensor:
    """The picture as it is: 3×H×W in 0..1."""
    return search.x.clamp(0, 1)
