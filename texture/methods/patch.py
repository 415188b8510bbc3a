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
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from texture.methods.base import ExemplarParams, Extent, State, Step, method
from texture.methods.inputs import Inputs
from texture.methods.refining import (
    Scale,
    Schedule,
    extent_of,
    halved,
    looked_at,
    refine,
    scales_within,
    share,
    sized,
    state_of,
)

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from texture.losses.colours import Colours
    from texture.losses.wasserstein import PatchDistance
    from texture.optimisers import Optimiser

LAST_RATE = 0.1  # what is left of the learning rate at the end of each scale


class PatchParams(ExemplarParams):
    """Everything that can be set; the defaults are a good picture in seconds, `paper` is the paper's own."""

    PRESETS: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "draft": {"steps": "150 150 80 40"},
        "standard": {},
        "fine": {"steps": "1000 1000 800 600"},
        "paper": {
            "steps": 500,
            "tile": "none",
            "patches": 1 << 22,
            "colours": "rgb",
            "noise": 0.0,
        },
    }

    steps: Schedule = (400, 400, 300, 250)
    coarsest: int = Field(32, ge=32, le=512, description="shorter side of the result at the coarsest scale, in pixels")
    patch: int = Field(7, ge=3, le=15, description="side of the patches in pixels; larger ones keep larger forms")
    projections: int = Field(64, ge=1, le=1024, description="random directions along which patches are compared a step")
    patches: int = Field(
        1 << 14, ge=1 << 10, le=1 << 22, description="patches of a picture that are looked at in each step, about"
    )
    learning_rate: float = Field(0.1, gt=0, le=1, description="step size of Adam, in deviations of the colours")
    colours: Literal["principal", "rgb"] = Field(
        "principal",
        description="what is optimised: colours along the exemplar's principal axes, or red, green and blue",
    )
    start: Literal["noise", "shuffled"] = Field(
        "noise", description="what to begin with; shuffled: pixels of the exemplar in any order"
    )
    noise: float = Field(
        0.5, ge=0, le=2, description="noise that is added where a finer scale begins, in deviations of the colours"
    )


def plan(p: PatchParams, exemplar: Extent) -> list[Scale]:
    """The scales from coarse to fine for an exemplar of that size.

    Raises:
        InvalidInput: the exemplar is too small to have patches that differ.
    """
    smallest = 2 * p.patch
    reduced = looked_at(exemplar, p.exemplar_size or min(p.size), smallest)
    room = min(min(p.size) / p.coarsest, min(reduced) / smallest)
    return halved(p.size, reduced, p.steps, scales_within(room))


@method("patch", title="Patches, Elnekave & Weiss 2022", paper="arXiv:2203.11862", params=PatchParams)
def patch(p: PatchParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Changes pixels until the small patches of the picture are distributed as the exemplar's are.

    It needs no network, and so nothing has to be fetched first.
    """
    import torch

    from texture.losses.colours import Colours

    source = images.source.to(device)
    scales = plan(p, extent_of(source))
    colours = Colours(source, principal=p.colours == "principal")
    random = torch.Generator().manual_seed(p.seed)

    def begin(scale: Scale, exact: bool, image: Tensor | None, state: State | None) -> Search:
        distance = _distance(p, scale, source, colours, random)
        start = source if state else _start(p, scale, colours.of(distance.exemplar), image, random)
        return Search(distance, start, colours.shown, rate=p.learning_rate, steps=scale.steps, state=state)

    for at, search in refine(scales, begin, p.tile, state):
        draw = partial(_picture, search, colours)
        now = partial(state_of, at, search)
        yield Step(at.number, at.total, draw, {"patches": search.loss}, now, share(scales, at))


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


def _start(p: PatchParams, scale: Scale, exemplar: Tensor, image: Tensor | None, random: torch.Generator) -> Tensor:
    """Where a scale begins: 3×H×W. Drawn on the CPU, so that a seed means the same on every device."""
    import torch

    width, height = scale.size
    if image is None and p.start == "shuffled":
        pixels = exemplar.flatten(1)
        chosen = torch.randint(pixels.shape[1], (height * width,), generator=random)
        return pixels[:, chosen.to(exemplar.device)].view(3, height, width)
    noise = torch.randn(3, height, width, generator=random).to(exemplar.device)
    return noise if image is None else image + p.noise * noise


def _picture(search: Optimiser, colours: Colours) -> Tensor:
    """The picture as it is: 3×H×W in 0..1."""
    return colours.to_rgb(search.x.detach()).clamp(0, 1)
