"""`gatys`: texture synthesis with the Gram matrices of VGG-19 (Gatys, Ecker & Bethge 2015, arXiv:1505.07376).

Where the default departs from the paper, and why (preset `paper` departs in nothing but the optimiser's line search):

- It begins with a picture that is given, or with the quick one of `match`, which has the forms in their places, and is
  then refined at full size, where pool4, which sees forms, has nothing left to say (docs/decisions/0014).
- From noise (preset `from-noise`): coarse to fine. The paper optimises all pixels at full size; large forms are then
  left to a few deep, weak gradients. Here a picture of 32 pixels comes first, with an exemplar reduced alike, and each
  result is enlarged to start the next.
- Pixels are bounded to what can be shown while they are optimised; cutting them off afterwards undoes part of the work.
- bfloat16 in the convolutions where the machine has units for it; Gram matrices, picture and optimiser stay float32.
- The result may live on a torus (`tile`): its convolutions wrap. The exemplar is no torus, so its statistics are taken
  from the inside of a mirrored copy: neither its wrap nor a frame of zeros enters them.
- The loss is divided by its value for a flat grey picture, so that 1 means "nothing alike" for every exemplar and
  choice of layers.

With `statistics` wasserstein features are compared by how they are distributed along random directions (Heitz et al.
2021, arXiv:2006.07229) instead of by Gram matrices. That paper draws new directions for each evaluation of the loss;
the line search of L-BFGS compares evaluations, so here they stay for some steps.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from texture.features.layers import LayerWeights, layers_of
from texture.methods.common.given_pictures import check_shape, check_start, unused_by
from texture.methods.common.kept_colours import are_grey
from texture.methods.common.multiscale import (
    MOST_SCALES,
    Place,
    RefiningParams,
    Scale,
    Schedule,
    extents_of,
    halved,
    optimiser,
    picture_of,
    scales_within,
    sized,
    state_of,
)
from texture.methods.common.network import LOSS_ERROR, NetworkParams, known_to_network, network_of
from texture.methods.common.starting import (
    in_pattern,
    matching,
    memory_of,
    pattern_of,
    room_of,
    scales_from,
    steps_after,
)
from texture.methods.contract import ExemplarParams, Outline, State, Step
from texture.methods.registry import method
from texture.methods.roles import Inputs
from texture.methods.sizes import LARGEST_SIDE, Extent, LargeSize, Sizes, looked_at

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from texture.features.vgg import VGG
    from texture.images.lattice import Lattice
    from texture.methods.match.patchmatch import Work
    from texture.optimisers import Optimiser

FROM_NOISE = "100 100 80 50"  # steps at each scale
FROM_PICTURE = 20  # steps: an enlarged one has no fine detail yet
COARSEST_SIDE = 32  # of the result: pool4 is left with 2×2 cells
MEMORY = 220 * 2**20, 1270  # bytes, and a pixel, without L-BFGS, in bfloat16; float32 takes up to twice as many
MEMORY_IN_STRIPS = 2**29, 200  # the same of a large one, with L-BFGS
WITH_FORMS = (None, "match", "picture")  # starts that have the large forms already
SMALLEST_EXEMPLAR = 32  # at full size; the coarsest scale may halve it once more


class GatysParams(RefiningParams, NetworkParams, ExemplarParams):
    """Everything that can be set; the defaults are the fastest way to a good picture, `paper` is the paper's own."""

    PRESETS: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "draft": {"steps": 3},
        "standard": {},
        "fine": {"steps": 60},
        "from-noise": {"start": "noise", "steps": FROM_NOISE},
        "paper": {
            "start": "noise",
            "scales": 1,
            "steps": 2000,
            "tile": "none",
            "precision": "float32",
            "start_noise": 1 / 255,
            "limits": "exemplar",
            "match_histogram": True,
        },
    }
    PRESET_WORDS: ClassVar[Mapping[str, str]] = {
        **ExemplarParams.PRESET_WORDS,
        "from-noise": "Starts from noise, so it copies less",
    }

    size: LargeSize = Field(
        Extent(256, 256),
        description="width and height of the result in pixels: 512 or 640x384; wasserstein: up to 2048",
        json_schema_extra={"simple": True},
    )
    statistics: Literal["gram", "wasserstein"] = Field(
        "gram",
        description="feature statistics that are matched: Gram matrices, or the distribution of the features "
        "along random directions (sliced Wasserstein distance, Heitz et al. 2021)",
    )
    layers: LayerWeights | None = Field(
        None,
        description="layers whose statistics are matched, with weights: relu1_1 pool1=0.5; empty: for gram relu1_1 and "
        "pool1 to pool4, or to pool3 after match and from a picture; for wasserstein all ReLU layers up to relu4_4",
    )
    directions: int = Field(32, ge=1, le=512, description="wasserstein: number of random projections per layer")
    redraw: int = Field(10, ge=1, le=1000, description="wasserstein: steps after which new projections are drawn")
    start: Literal["match", "lattice", "noise", "exemplar", "picture"] | None = Field(
        None,
        description="initialisation; empty: your own picture if there is one, else match. match: a quick PatchMatch "
        "synthesis; lattice: a regular source texture's pattern, its cells shuffled; exemplar: the source texture "
        f"itself, repeated or cropped to size. Steps default to {FROM_PICTURE} where start is picture, to "
        f"{FROM_NOISE} where it is lattice, noise or exemplar",
        json_schema_extra={"x-words": {"exemplar": "Source texture"}},
    )
    steps: Schedule = (8,)  # after match; see _more_without_match
    scales: int | None = Field(
        None,
        ge=1,
        le=MOST_SCALES,
        description="number of scales of the image pyramid; empty: down to 32 pixels, or just one after match and from "
        "your own picture",
    )
    start_noise: float = Field(
        0.2,
        ge=0,
        le=1,
        description="standard deviation of the noise added to the initial image, except after match and to your own "
        "picture",
    )
    limits: Literal["none", "unit", "exemplar"] = Field(
        "unit",
        description="bounds of the pixel values: none, 0 to 1, or the source texture's minimum and maximum",
        json_schema_extra={"x-words": {"exemplar": "Source texture"}},
    )
    match_histogram: bool = Field(
        False, description="match the result's histogram to the source texture's at the end, channel by channel"
    )

    @model_validator(mode="before")
    @classmethod
    def _more_without_match(cls, given: Any) -> Any:
        """Eight steps are enough for match's picture. One's own may lack fine detail, and all else is far from done."""
        if isinstance(given, dict) and given.get("start") not in (None, "match") and "steps" not in given:
            return {**given, "steps": FROM_PICTURE if given["start"] == "picture" else FROM_NOISE}
        return given

    @field_validator("statistics")
    @classmethod
    def _within_memory(cls, statistics: str, given: ValidationInfo) -> str:
        """Only Gram matrices are computed strip by strip."""
        size: Extent = given.data.get("size", Extent(1, 1))
        if statistics == "wasserstein" and max(size) > LARGEST_SIDE:
            raise ValueError(f"at {size} only gram is possible: wasserstein takes sizes up to {LARGEST_SIDE} pixels")
        return statistics

    _known_layers = field_validator("layers")(known_to_network)

    def outline(self, sizes: Sizes) -> Outline:
        """Its memory, where the layers are the usual ones; from a given picture Gram matrices lead to one result."""
        found = super().outline(sizes)
        if "initial" in sizes and self.statistics == "gram":
            found = replace(found, seed=None)
        memory = memory_of(math.prod(self.size), MEMORY, MEMORY_IN_STRIPS)
        return found if self.layers else replace(found, memory=memory)

    @property
    def unused(self) -> frozenset[str]:
        """No picture to start from, where something else was asked for."""
        return unused_by(self.start)

    def continuing(self, by: int) -> Mapping[str, Any]:
        """A scale for each time that the result is doubled."""
        return {"start": "picture", "scales": by // 2, "steps": FROM_PICTURE, "optimiser": "lbfgs"}

    @property
    def matched(self) -> dict[str, float]:
        """The layers whose statistics are matched, with weights: those that were chosen, or the statistics' own."""
        if self.layers is not None:
            return self.layers
        if self.statistics == "gram":
            deepest = 3 if self.start in WITH_FORMS else 4
            return dict.fromkeys(("relu1_1", *(f"pool{block}" for block in range(1, deepest + 1))), 1.0)
        return dict.fromkeys((name for name in layers_of(self.network) if name[:4] == "relu" and name < "relu5"), 1.0)


def plan(p: GatysParams, sizes: Sizes, lattice: Lattice | None = None) -> list[Scale]:
    """The scales from coarse to fine for pictures of these sizes.

    lattice: what the result begins with, in pixels of it.

    Raises:
        InvalidInput: the exemplar is too small to have statistics.
    """
    reduced = looked_at(sizes["source"], p.exemplar_size or min(p.size), SMALLEST_EXEMPLAR)
    room = min(min(p.size) / COARSEST_SIDE, 2 * min(reduced) / SMALLEST_EXEMPLAR, room_of(lattice))
    count = min(p.scales or scales_from(p.start in WITH_FORMS, room), scales_within(room))
    return halved(p.size, reduced, p.steps[-count:] if "initial" in sizes else p.steps, count)


def check_gatys(p: GatysParams, sizes: Sizes) -> None:
    """Raise InvalidInput where the exemplar is too small to have statistics, or the picture begun with does not fit."""
    check_start(p.start, sizes)
    check_shape(sizes, "initial", p.size, "the result")
    plan(p, sizes)


@method(
    "gatys",
    title="Neural statistics",
    purpose="organic textures",
    citation="Gatys 2015",
    paper="arXiv:1505.07376",
    params=GatysParams,
    images=("source", "initial"),
    network="vgg19",
    check=check_gatys,
    carries=True,
)
def gatys(p: GatysParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Changes pixels until a network trained on photographs sees the same statistics in them as in the source texture.

    Slow beside a trained generator, but faithful, and it needs nothing except one picture.
    """
    import torch

    sizes = extents_of(images)
    check_gatys(p, sizes)
    exemplar = images.source.to(device)
    lattice = pattern_of(p.start, images.lattice)
    scales = plan(p, sizes, lattice)
    network = cache(partial(network_of, p, p.matched, device))
    random, grey = torch.Generator().manual_seed(p.seed), are_grey(images)

    def begin(scale: Scale, exact: bool, image: Tensor | None, state: State | None) -> Optimiser:
        if image is None and images.initial is not None:
            image = sized(images.initial.to(device), scale.size, p.tile)
        search = partial(_search, p, scale, exemplar, network(exact), random, grey=grey)
        return search(lattice=lattice, image=image, state=state)

    def step(at: Place, search: Optimiser) -> Step:
        draw = partial(picture_of, search, exemplar if p.match_histogram and at.number == at.total else None)
        return Step(at.number, at.total, draw, {"style": search.loss}, partial(state_of, at, search), at.share)

    first = _first(p, scales[0], images, device)
    return steps_after(first, scales, begin, p.tile, step, state, taken=partial(_in_mean_colour, exemplar))


def _first(p: GatysParams, scale: Scale, images: Inputs, device: torch.device) -> Work | None:
    """The work of `match` before the first scale, where that begins with its picture."""
    if p.start not in (None, "match") or images.initial is not None:
        return None
    return matching(scale.size, scale.exemplar, images, device, tile=p.tile, seed=p.seed, whole=p.size)


def _in_mean_colour(exemplar: Tensor, picture: Tensor) -> Tensor:
    """match's picture, 3×H×W in 0..1, changed in place: its mean colour, which is a little off, is the exemplar's.

    The first steps would do little else.
    """
    shift = exemplar.mean((1, 2), keepdim=True) - picture.mean((1, 2), keepdim=True)
    return picture.add_(shift).clamp_(0, 1)


def _search(
    p: GatysParams,
    scale: Scale,
    source: Tensor,
    network: VGG,
    random: torch.Generator,
    *,
    grey: bool,
    lattice: Lattice | None,
    image: Tensor | None,
    state: State | None,
) -> Optimiser:
    """The optimiser for one scale: taken up from `state`, or going on from `image`, or from the very start."""
    from texture.losses.objective import GramObjective
    from texture.losses.sliced import SlicedObjective
    from texture.optimisers.recorded import recorded
    from texture.optimisers.redrawn import Redrawn

    exemplar = sized(source, scale.exemplar)
    start = _first_image(p, scale, exemplar, lattice) if image is None else image
    noise, bounds = LOSS_ERROR[str(network.dtype)], _bounds(p, exemplar)
    search = partial(optimiser, p, start=start, bounds=bounds, noise=noise, grey=grey)
    if p.statistics == "gram":
        objective = GramObjective(network, p.matched, exemplar, p.tile)
        return search(recorded(objective, start, scale.steps), state=state)
    sliced = SlicedObjective(network, p.matched, exemplar, p.tile, p.directions)
    return Redrawn(sliced, random, start, lambda state: search(sliced, state=state), every=p.redraw, state=state)


def _first_image(p: GatysParams, scale: Scale, exemplar: Tensor, lattice: Lattice | None) -> Tensor:
    """Where the coarsest scale begins: 3×H×W. Drawn on the CPU, so that a seed means the same on every device."""
    import torch

    width, height = scale.size
    noise = torch.randn(3, height, width, generator=torch.Generator().manual_seed(p.seed))
    base = exemplar.mean((1, 2), keepdim=True)
    if lattice is not None:
        base = in_pattern(exemplar, lattice, scale, p.size, p.seed)
    elif p.start == "exemplar":
        rows, columns = torch.arange(height) % exemplar.shape[1], torch.arange(width) % exemplar.shape[2]
        base = exemplar[:, rows.to(exemplar.device)][:, :, columns.to(exemplar.device)]
    return base + p.start_noise * noise.to(exemplar.device)


def _bounds(p: GatysParams, exemplar: Tensor) -> tuple[Tensor, Tensor] | None:
    """The lowest and highest value of each pixel, 3×1×1, or None for no limits."""
    if p.limits == "none":
        return None
    low, high = exemplar.amin((1, 2), keepdim=True), exemplar.amax((1, 2), keepdim=True)
    return (low, high) if p.limits == "exemplar" else (low * 0, high * 0 + 1)
