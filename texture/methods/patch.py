"""`patch`: direct patch distribution matching (Elnekave & Weiss 2022, arXiv:2203.11862). No network, no weights.

Where the default departs from the paper, and why (preset `paper` takes back all but the first):

- Each scale is twice as large as the one before; the paper's are about 1.4 times as large.
- The result may live on a torus (`tile`): its patches reach across its edge. The exemplar's do not.
- What is optimised are colours along the principal axes of the exemplar's own, each in units of its deviation. In RGB a
  step changes hue as readily as brightness, and leaves coloured specks behind, in a grey exemplar too.
- Some noise is added where a scale begins: an enlarged picture has no fine detail for the work to begin with.
- Of a large picture a part of the patches is looked at in each step, on a lattice that moves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from texture.methods.common.given_pictures import check_shape, check_start, unused_by
from texture.methods.common.multiscale import (
    Place,
    Scale,
    Schedule,
    extents_of,
    halved,
    scales_within,
    sized,
    state_of,
    work_of,
)
from texture.methods.common.starting import (
    check_matching,
    in_pattern,
    matching,
    pattern_of,
    room_of,
    scales_from,
    steps_after,
)
from texture.methods.contract import ExemplarParams, Outline, State, Step
from texture.methods.registry import method
from texture.methods.roles import Inputs
from texture.methods.sizes import Sizes, looked_at

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from texture.images.lattice import Lattice
    from texture.losses.colours import Colours
    from texture.losses.wasserstein import PatchDistance
    from texture.optimisers import Optimiser

COARSEST_SIDE = 32  # of the result, where nobody asks for another
FROM_PICTURE = 60  # steps, as after match
RATE = 0.1  # of learning, where nobody asks for another
GENTLY = 0.2  # of the learning rate, where the picture has its forms already: more would leave grain behind
COARSEST = 1024  # pixels: the largest coarsest scale
LAST_RATE = 0.1  # what is left of the learning rate at the end of each scale


class PatchParams(ExemplarParams):
    """Everything that can be set; the defaults are a good picture in seconds, `paper` is the paper's own."""

    PRESETS: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "draft": {"steps": "150 150 80 40"},
        "standard": {},
        "fine": {"steps": "1000 1000 800 600"},
        "from-match": {"start": "match", "steps": 60, "learning_rate": 0.02},
        "paper": {
            "steps": 500,
            "tile": "none",
            "patches": 1 << 22,
            "colours": "rgb",
            "noise": 0.0,
        },
    }
    PRESET_WORDS: ClassVar[Mapping[str, str]] = {
        **ExemplarParams.PRESET_WORDS,
        "from-match": "Refines a picture by Match",
    }

    steps: Schedule = (400, 400, 300, 250)
    coarsest: int | None = Field(
        None,
        ge=32,
        le=COARSEST,
        description="shorter side of the result at the coarsest scale, in pixels; empty: 32, or full size after match "
        "and from your own picture",
    )
    patch: int = Field(7, ge=3, le=15, description="patch size in pixels; larger patches preserve larger structures")
    projections: int = Field(
        64, ge=1, le=1024, description="random projections per step along which patches are compared"
    )
    patches: int = Field(
        1 << 14, ge=1 << 10, le=1 << 22, description="number of patches sampled per step, approximately"
    )
    learning_rate: float = Field(
        RATE,
        gt=0,
        le=1,
        description="learning rate of Adam, in standard deviations of the colours; a fifth of it from your own picture",
    )
    colours: Literal["principal", "rgb"] = Field(
        "principal",
        description="colour space of the optimisation: the source texture's principal colour axes, or RGB",
    )
    start: Literal["match", "lattice", "noise", "shuffled", "picture"] | None = Field(
        None,
        description="initialisation; empty: your own picture if there is one, else noise. match: a quick PatchMatch "
        "synthesis; lattice: a regular source texture's pattern, its cells shuffled; shuffled: the source texture's "
        "pixels in random order",
    )
    noise: float = Field(
        0.5,
        ge=0,
        le=2,
        description="noise added at the start of each finer scale, in standard deviations of the colours",
    )

    @property
    def unused(self) -> frozenset[str]:
        """No picture to start from, where something else was asked for."""
        return unused_by(self.start)

    def continuing(self, by: int) -> Mapping[str, Any]:
        """A scale for each time that the result is doubled."""
        coarsest = None if by == 2 else min(COARSEST, 2 * min(self.size))
        return {"start": "picture", "coarsest": coarsest, "steps": FROM_PICTURE, "learning_rate": RATE}

    def outline(self, sizes: Sizes) -> Outline:
        """Its steps, as work: at one scale where it begins with a picture that is given."""
        found = super().outline(sizes)
        if "initial" in sizes and self.coarsest is None:
            return replace(found, work=work_of(found.work, self.steps[-1:], 1))
        return replace(found, work=work_of(found.work, self.steps))


def plan(p: PatchParams, sizes: Sizes, lattice: Lattice | None = None) -> list[Scale]:
    """The scales from coarse to fine for pictures of these sizes.

    lattice: what the result begins with, in pixels of it.

    Raises:
        InvalidInput: the exemplar is too small to have patches that differ.
    """
    smallest = 2 * p.patch
    reduced = looked_at(sizes["source"], p.exemplar_size or min(p.size), smallest)
    room = min(min(p.size) / (p.coarsest or COARSEST_SIDE), min(reduced) / smallest, room_of(lattice))
    is_given = "initial" in sizes
    count = scales_within(room) if p.coarsest else scales_from(is_given or p.start == "match", room)
    return halved(p.size, reduced, p.steps[-count:] if is_given else p.steps, count)


def check_patch(p: PatchParams, sizes: Sizes) -> None:
    """Raise InvalidInput where the exemplar is too small for its patches, or for those of `match`, or the picture to
    start from does not fit."""
    check_start(p.start, sizes)
    check_shape(sizes, "initial", p.size, "the result")
    scales = plan(p, sizes)
    if p.start == "match":
        check_matching(scales[0].size, scales[0].exemplar)


@method(
    "patch",
    title="Patch statistics",
    purpose="small details newly arranged, without a network",
    citation="Elnekave 2022",
    paper="arXiv:2203.11862",
    params=PatchParams,
    images=("source", "initial"),
    check=check_patch,
    carries=True,
)
def patch(p: PatchParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Changes pixels until the small patches of the picture are distributed as the source texture's are.

    It needs no network, and so nothing has to be fetched first.
    """
    import torch

    from texture.losses.colours import Colours

    check_patch(p, extents_of(images))
    source = images.source.to(device)
    lattice = pattern_of(p.start, images.lattice)
    scales = plan(p, extents_of(images), lattice)
    colours = Colours(source, principal=p.colours == "principal")
    random = torch.Generator().manual_seed(p.seed)

    def begin(scale: Scale, exact: bool, image: Tensor | None, state: State | None) -> Search:
        distance = _distance(p, scale, source, colours, random)
        rate = p.learning_rate * (GENTLY if images.initial is not None and scale is scales[0] else 1)
        if state:
            start = source
        elif image is not None:  # match's picture has fine detail, an enlarged one none
            start = image if scale is scales[0] else image + p.noise * _noise(scale, random).to(image)
        elif images.initial is not None:
            start = colours.of(sized(images.initial.to(device), scale.size, p.tile))
        else:
            start = _first_image(p, scale, colours.of(distance.exemplar), random, lattice)
        return Search(distance, start, colours.shown, rate=rate, steps=scale.steps, state=state)

    def step(at: Place, search: Optimiser) -> Step:
        draw, now = partial(_picture, search, colours), partial(state_of, at, search)
        return Step(at.number, at.total, draw, {"patches": search.loss}, now, at.share)

    first = None
    if p.start == "match":
        first = matching(scales[0].size, scales[0].exemplar, images, device, tile=p.tile, seed=p.seed, whole=p.size)
    return steps_after(first, scales, begin, p.tile, step, state, colours.of)


class Search:
    """Adam on a distance that goes by other directions each time, at a rate that falls; an `Optimiser`.

    shown: brings a picture to the nearest one that can be shown. state: where to go on from, instead of `start`, whose
    device it is brought to.
    """

    def __init__(
        self,
        distance: PatchDistance,
        start: Tensor,
        shown: Callable[[Tensor], Tensor],
        *,
        rate: float,
        steps: int,
        state: State | None = None,
    ) -> None:
        from texture.optimisers.adam import Adam

        self.random, self.shown, self.fall = distance.random, shown, LAST_RATE ** (1 / steps)
        if state:
            self.random.set_state(state["random"])
        self.adam = Adam(distance, start, rate=rate, state=state and state["adam"])

    @property
    def x(self) -> Tensor:
        """What is optimised: 3×H×W."""
        return self.adam.x

    @property
    def loss(self) -> Tensor:
        """Its distance."""
        return self.adam.loss

    def step(self) -> bool:
        """One step; always True, since new directions always leave something to gain."""
        moved = self.adam.step()
        self.adam.x = self.shown(self.adam.x)
        self.adam.rate *= self.fall
        return moved

    def state(self) -> State:
        """All that a new one, given it as `state`, needs to go on bit for bit."""
        return {"adam": self.adam.state(), "random": self.random.get_state()}


def _distance(p: PatchParams, scale: Scale, source: Tensor, colours: Colours, random: torch.Generator) -> PatchDistance:
    """What is minimised at one scale."""
    from texture.losses.wasserstein import PatchDistance

    return PatchDistance(
        sized(source, scale.exemplar),
        size=p.patch,
        count=p.projections,
        patches=p.patches,
        tile=p.tile,
        to_rgb=colours.to_rgb,
        random=random,
    )


def _first_image(
    p: PatchParams, scale: Scale, exemplar: Tensor, random: torch.Generator, lattice: Lattice | None
) -> Tensor:
    """Where the coarsest scale begins: 3×H×W."""
    import torch

    width, height = scale.size
    if lattice is not None:
        return in_pattern(exemplar, lattice, scale, p.size, p.seed)
    if p.start == "shuffled":
        pixels = exemplar.flatten(1)
        chosen = torch.randint(pixels.shape[1], (height * width,), generator=random)
        return pixels[:, chosen.to(exemplar.device)].view(3, height, width)
    return _noise(scale, random).to(exemplar.device)


def _noise(scale: Scale, random: torch.Generator) -> Tensor:
    """3×H×W, drawn on the CPU, so that a seed means the same on every device."""
    import torch

    return torch.randn(3, scale.size.height, scale.size.width, generator=random)


def _picture(search: Optimiser, colours: Colours) -> Tensor:
    """The picture as it is: 3×H×W in 0..1."""
    return colours.to_rgb(search.x.detach()).clamp(0, 1)
