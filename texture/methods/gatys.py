"""`gatys`: texture synthesis with the Gram matrices of VGG-19 (Gatys, Ecker & Bethge 2015, arXiv:1505.07376).

Where the default departs from the paper, and why (preset `paper` departs in nothing but the optimiser's line search):

- Coarse to fine. The paper optimises all pixels from noise at full size; large forms are then left to a few deep, weak
  gradients. Here a picture of 32 pixels comes first, with an exemplar reduced alike, and each result is enlarged to
  start the next.
- Pixels are bounded to what can be shown while they are optimised; cutting them off afterwards undoes part of the work.
- bfloat16 in the convolutions where the machine has units for it; Gram matrices, picture and optimiser stay float32.
- The result may live on a torus (`tile`): its convolutions wrap. The exemplar is no torus, so its statistics are taken
  from the inside of a mirrored copy: neither its wrap nor a frame of zeros enters them.
- The loss is divided by its value for a flat grey picture, so that 1 means "nothing alike" for every exemplar and
  choice of layers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from texture.errors import InvalidInput
from texture.features.layers import LayerWeights
from texture.features.weights import load
from texture.methods.base import SIDE_STEP, Extent, Inputs, State, Step, SynthesisParams, method
from texture.settings import Settings

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from texture.features.vgg import VGG19
    from texture.optimisers import Optimiser

COARSEST_SIDE = 32  # of the result: pool4 is left with 2×2 cells
SMALLEST_EXEMPLAR = 32  # at full size; the coarsest scale may halve it once more
MOST_SCALES = 7  # 2048 pixels down to 32
STEP_OVERHEAD = 8000  # pixels that could be worked on in the time that a step takes for everything else
LOSS_ERROR = {"torch.float32": 1e-6, "torch.bfloat16": 1e-3}  # relative, of the Gram loss in that precision


def _parse_schedule(value: object) -> tuple[int, ...]:
    words = str(value).strip("()[] ").replace(",", " ").split() if not isinstance(value, tuple) else value
    try:
        steps = tuple(int(word) for word in words)
    except ValueError:
        raise ValueError("write whole numbers: 100, or 150 80 30 from the coarsest scale to the finest") from None
    if not 1 <= len(steps) <= MOST_SCALES:
        raise ValueError(f"write 1 to {MOST_SCALES} numbers, not {len(steps)}")
    for count in steps:
        if not 1 <= count <= 10_000:
            raise ValueError(f"{count} steps is not between 1 and 10000")
    return steps


Schedule = Annotated[
    tuple[int, ...],
    BeforeValidator(_parse_schedule),
    PlainSerializer(lambda steps: " ".join(map(str, steps)), return_type=str),
    WithJsonSchema({"type": "string", "format": "schedule", "pattern": r"^\d+([ ,]+\d+)*$"}),
]


class GatysParams(SynthesisParams):
    """Everything that can be set; the defaults are the fastest way to a good picture, `paper` is the paper's own."""

    PRESETS: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "draft": {"steps": "60 60 30 12"},
        "standard": {},
        "fine": {"steps": "300 200 150 100"},
        "paper": {
            "scales": 1,
            "steps": 2000,
            "tile": "none",
            "precision": "float32",
            "start_noise": 1 / 255,
            "limits": "exemplar",
            "match_histogram": True,
        },
    }

    steps: Schedule = Field(
        (100, 100, 80, 50),
        description="optimiser steps: one number for every scale, or one for each from coarse to fine; "
        "the last one holds for all finer scales",
    )
    scales: int | None = Field(
        None, ge=1, le=MOST_SCALES, description="how often the size is halved, plus one; empty: down to 32 pixels"
    )
    layers: LayerWeights = Field(
        dict.fromkeys(("relu1_1", "pool1", "pool2", "pool3", "pool4"), 1.0),
        description="layers whose Gram matrices are matched, with weights: relu1_1 pool1=0.5",
    )
    pooling: Literal["average", "max"] = Field("average", description="how the network's pooling layers reduce")
    rescale: bool = Field(True, description="use filters rescaled to a mean activation of 1, where the file has others")
    optimiser: Literal["lbfgs", "adam"] = Field("lbfgs", description="L-BFGS is faster; Adam is steadier")
    learning_rate: float = Field(0.05, gt=0, le=1, description="step size of Adam; L-BFGS finds its own")
    history: int = Field(20, ge=1, le=100, description="corrections that L-BFGS remembers")
    start: Literal["noise", "exemplar"] = Field(
        "noise", description="what to begin with; exemplar keeps its coarse layout, repeated or cut to the size"
    )
    start_noise: float = Field(0.2, ge=0, le=1, description="deviation of the noise that is added at the start")
    limits: Literal["none", "unit", "exemplar"] = Field(
        "unit", description="bounds of each pixel: none, 0 to 1, or the lowest and highest that the exemplar has"
    )
    exemplar_size: int | None = Field(
        None,
        ge=32,
        le=2048,
        description="shorter side to which the exemplar is reduced first; empty: that of the result. Smaller gives "
        "more and smaller features",
    )
    match_histogram: bool = Field(
        False, description="give the result the exemplar's histogram in each channel at the end"
    )
    precision: Literal["auto", "bfloat16", "float32"] = Field(
        "auto", description="of the convolutions; auto takes bfloat16 where the machine has units for it"
    )


@dataclass(frozen=True)
class Scale:
    """One stage of the work from coarse to fine: sides in pixels, and the steps spent on it."""

    size: Extent
    exemplar: Extent
    steps: int


@dataclass(frozen=True)
class Place:
    """How far the work has come: the scale, steps done at it, in all, and whether float32 has taken over at it."""

    total: int
    scale: int = 0
    done: int = 0
    number: int = 0
    exact: bool = False


def plan(p: GatysParams, exemplar: Extent) -> list[Scale]:
    """The scales from coarse to fine for an exemplar of that size.

    Raises:
        InvalidInput: the exemplar is too small to have statistics.
    """
    if min(exemplar) < SMALLEST_EXEMPLAR:
        message = f"the exemplar is {exemplar.width}x{exemplar.height} pixels: at least {SMALLEST_EXEMPLAR} each way"
        raise InvalidInput(message, field="source", value=str(exemplar))
    shorter = p.exemplar_size or min(p.size)
    reduced = _times(exemplar, min(1.0, shorter / min(exemplar)))
    room = min(min(p.size) / COARSEST_SIDE, 2 * min(reduced) / SMALLEST_EXEMPLAR)
    count = min(p.scales or MOST_SCALES, max(1, int(room).bit_length()))
    steps = p.steps[:count] + p.steps[-1:] * (count - len(p.steps))
    return [
        Scale(_whole(_times(p.size, 0.5**halvings)), _times(reduced, 0.5**halvings), steps[i])
        for i, halvings in enumerate(reversed(range(count)))
    ]


def share(scales: Sequence[Scale], at: Place) -> float:
    """How much of the work is done, 0..1: a step takes as long as its picture has pixels, and a little besides."""
    costs = [scale.size.width * scale.size.height + STEP_OVERHEAD for scale in scales]
    whole = sum(cost * scale.steps for cost, scale in zip(costs, scales, strict=True))
    before = sum(cost * scale.steps for cost, scale in zip(costs[: at.scale], scales[: at.scale], strict=True))
    return (before + costs[at.scale] * at.done) / whole


def _times(size: Extent, factor: float) -> Extent:
    return Extent(*(max(1, round(side * factor)) for side in size))


def _whole(size: Extent) -> Extent:
    """The nearest size that the network's poolings halve without a rest."""
    return Extent(*(max(2, round(side / SIDE_STEP)) * SIDE_STEP for side in size))


@method("gatys", title="Gatys et al. 2015", paper="arXiv:1505.07376", params=GatysParams, network="vgg19")
def gatys(p: GatysParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Changes pixels until a network trained on photographs sees the same statistics in them as in the exemplar.

    Slow beside a trained generator, but faithful, and it needs nothing except one picture.
    """
    from texture.images.tensors import resize

    exemplar = images.source.to(device)
    scales = plan(p, Extent(exemplar.shape[2], exemplar.shape[1]))
    at = Place(**state["place"]) if state else Place(total=sum(scale.steps for scale in scales))
    network = cache(partial(_network, p, device))
    search = _search(p, scales[at.scale], exemplar, network(at.exact), state=state and state["search"])
    while at.number < at.total:
        scale = scales[at.scale]
        if at.done == scale.steps:
            at, scale = replace(at, scale=at.scale + 1, done=0, exact=False), scales[at.scale + 1]
            search = _search(p, scale, exemplar, network(at.exact), image=resize(search.x, scale.size, p.tile))
        moved = search.step()
        if not moved and not at.exact:  # rounding noise may hide what is left to gain
            at = replace(at, exact=True)
            search = _search(p, scale, exemplar, network(at.exact), image=search.x)
            continue
        steps = 1 if moved else scale.steps - at.done  # converged: nothing is left to do at this scale
        at = replace(at, done=at.done + steps, number=at.number + steps)
        draw = partial(_picture, search, exemplar if p.match_histogram and at.number == at.total else None)
        now = partial(_state, at, search)
        yield Step(at.number, at.total, draw, {"style": search.loss}, now, share(scales, at))


def _picture(search: Optimiser, histogram: Tensor | None) -> Tensor:
    """The picture as it is, with the histogram of that exemplar where there is one."""
    from texture.images.tensors import match_histograms

    image = search.x.detach().clamp(0, 1)
    return image if histogram is None else match_histograms(image, histogram)


def _state(at: Place, search: Optimiser) -> State:
    return {"place": asdict(at), "search": search.state()}


def _network(p: GatysParams, device: torch.device, exact: bool) -> VGG19:
    import torch

    from texture.features.precision import fastest
    from texture.features.vgg import VGG19

    dtypes = {"auto": fastest(device), "bfloat16": torch.bfloat16, "float32": torch.float32}
    dtype = dtypes["float32" if exact else p.precision]
    weights = load(Settings.from_environment(), rescale=p.rescale)
    return VGG19(weights, p.layers, pooling=p.pooling, device=device, dtype=dtype)


def _search(
    p: GatysParams,
    scale: Scale,
    source: Tensor,
    network: VGG19,
    *,
    image: Tensor | None = None,
    state: State | None = None,
) -> Optimiser:
    """The optimiser for one scale: taken up from `state`, or going on from `image`, or from the very start."""
    from texture.images.tensors import resize
    from texture.losses.objective import GramObjective
    from texture.optimisers.adam import Adam
    from texture.optimisers.lbfgs import LBFGS

    exemplar = resize(source, scale.exemplar).clamp(0, 1)
    objective = GramObjective(network, p.layers, exemplar, p.tile)
    start = _first_image(p, scale, exemplar) if image is None else image
    bounds = _bounds(p, exemplar)
    if p.optimiser == "adam":
        return Adam(objective, start, rate=p.learning_rate, bounds=bounds, state=state)
    noise = LOSS_ERROR[str(network.dtype)]
    return LBFGS(objective, start, history=p.history, noise=noise, bounds=bounds, state=state)


def _first_image(p: GatysParams, scale: Scale, exemplar: Tensor) -> Tensor:
    """Where the coarsest scale begins: 3×H×W. Drawn on the CPU, so that a seed means the same on every device."""
    import torch

    width, height = scale.size
    noise = torch.randn(3, height, width, generator=torch.Generator().manual_seed(p.seed))
    if p.start == "noise":
        base = exemplar.mean((1, 2), keepdim=True)
    else:
        rows, columns = torch.arange(height) % exemplar.shape[1], torch.arange(width) % exemplar.shape[2]
        base = exemplar[:, rows.to(exemplar.device)][:, :, columns.to(exemplar.device)]
    return base + p.start_noise * noise.to(exemplar.device)


def _bounds(p: GatysParams, exemplar: Tensor) -> tuple[Tensor, Tensor] | None:
    """The lowest and highest value of each pixel, 3×1×1, or None for no limits."""
    if p.limits == "none":
        return None
    low, high = exemplar.amin((1, 2), keepdim=True), exemplar.amax((1, 2), keepdim=True)
    return (low, high) if p.limits == "exemplar" else (low * 0, high * 0 + 1)
