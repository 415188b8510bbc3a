"""`guided`: each patch close to one of the exemplar and to no other (Zhou et al., CVPR 2023, "guided correspondence").

Where it departs from the paper, and why:

- Only the texture itself: the terms that guide by orientation, progression or annotation are left out.
- Each patch is compared with the nearest few of the exemplar, found again every few steps, instead of with all of them
  in each step. Those far off hardly count, and a step costs little more than the network's.
- relu1_1 is matched at all scales, where the paper adds it in a fine-tuning at the end: without it noise stays.
- The result is given the exemplar's histogram at the end: a cosine does not see contrast.
- The result may live on a torus (`tile`), and so do its patches. The exemplar's all lie inside.
- bfloat16 in the convolutions where the machine has units for it; patches, picture and optimiser stay float32.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from texture.errors import InvalidInput
from texture.features.layers import LayerWeights, cell_side
from texture.methods.artifacts import ORIGINS, PICTURE
from texture.methods.common.kept_colours import are_grey
from texture.methods.common.multiscale import (
    Place,
    RefiningParams,
    Scale,
    Schedule,
    extent_of,
    optimiser,
    picture_of,
    sized,
    stage_steps,
    state_of,
    whole,
)
from texture.methods.common.network import LOSS_ERROR, NetworkParams, known_to_network, network_of
from texture.methods.common.starting import in_pattern, pattern_of, room_of, steps_after
from texture.methods.contract import ExemplarParams, State, Step
from texture.methods.registry import method
from texture.methods.roles import Inputs
from texture.methods.sizes import Sizes, looked_at, times

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from texture.features.vgg import VGG
    from texture.images.lattice import Lattice
    from texture.losses.correspondence import CorrespondenceObjective
    from texture.optimisers import Optimiser
    from texture.optimisers.redrawn import Redrawn

NOISE = 0.05  # deviation of what it begins with
MOST_SIZES = 8


class GuidedParams(RefiningParams, NetworkParams, ExemplarParams):
    """Everything that can be set; the defaults give a good picture in minutes, `paper` is the paper's own."""

    PRESETS: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "draft": {"steps": "100 60 40 25"},
        "standard": {},
        "fine": {"steps": 400, "rematch": 5},
        "paper": {
            "steps": 500,
            "rematch": 1,
            "candidates": 256,
            "tile": "none",
            "precision": "float32",
            "match_histogram": False,
            "layers": "relu2_1 relu3_1 relu4_1",
        },
    }

    layers: LayerWeights = Field(
        dict.fromkeys(("relu1_1", "relu2_1", "relu3_1", "relu4_1"), 1.0),
        description="layers whose patches are matched, with weights: relu4_1=2",
    )
    patch_size: int = Field(7, ge=1, le=9, description="patch size, in cells of the feature map")
    stride: int = Field(3, ge=1, le=9, description="stride between patches, in cells")
    most: int = Field(
        100,
        ge=2,
        le=200,
        title="Most patches",
        description="at most so many rows and columns of patches are sampled per layer, at random",
    )
    candidates: int = Field(
        16, ge=2, le=256, description="number of nearest source patches that each patch is compared with"
    )
    rematch: int = Field(10, ge=1, le=1000, description="steps between two nearest-neighbour searches")
    bandwidth: float = Field(
        0.5,
        gt=0,
        le=10,
        description="bandwidth h of the contextual similarity; the smaller, the more only the nearest patch counts",
    )
    uniformity: float = Field(
        0.05, ge=0, le=1, description="penalty on source patches that are used more often than others"
    )
    match_histogram: bool = Field(
        True, description="match the result's histogram to the source texture's at the end, channel by channel"
    )
    steps: Schedule = (200, 100, 60, 50)
    start: Literal["noise", "lattice"] = Field(
        "noise",
        description="initialisation: noise, or lattice: a regular source texture's pattern, its cells shuffled",
    )
    scales: int = Field(
        4, ge=1, le=MOST_SIZES, description="number of scales, evenly spaced: 4 are ¼, ½, ¾ and full size"
    )
    optimiser: Literal["lbfgs", "adam"] = Field(
        "adam", description="Adam is more robust; L-BFGS finds its step length by line search"
    )
    learning_rate: float = Field(0.01, gt=0, le=1, description="learning rate of Adam")

    _known_layers = field_validator("layers")(known_to_network)

    @field_validator("stride")
    @classmethod
    def _leaves_no_gap(cls, stride: int, given: ValidationInfo) -> int:
        if stride > given.data.get("patch_size", stride):
            raise ValueError(f"patches of {given.data['patch_size']} cells would leave gaps")
        return stride

    @property
    def smallest(self) -> int:
        """The shorter side, in pixels, of a picture with two patches in each direction at every layer."""
        return (self.patch_size + 1) * max(map(cell_side, self.layers))


def plan(p: GuidedParams, sizes: Sizes, lattice: Lattice | None = None) -> list[Scale]:
    """The scales from coarse to fine; those are left out at which there are no two patches to choose between.

    lattice: what the result begins with, in pixels of it. Scales at which it would be too fine are left out as well.

    Raises:
        InvalidInput: result or exemplar is too small for its patches; it names which, and what would do.
    """
    reduced = looked_at(sizes["source"], p.exemplar_size or min(p.size), p.smallest)
    needs = f"patches of {p.patch_size} cells of {max(p.layers, key=cell_side)} need {p.smallest} pixels each way"
    if min(p.size) < p.smallest:
        raise InvalidInput(f"size={p.size}: {needs}", field="size", value=str(p.size))
    if min(reduced) < p.smallest:
        message = f"the source texture, reduced to {reduced.width}x{reduced.height}: {needs}"
        raise InvalidInput(message, field="exemplar_size", value=p.exemplar_size)
    shares = [step / p.scales for step in range(1, p.scales + 1)]
    shares = [part for part in shares if part == 1 or part * room_of(lattice) >= 1]
    sides = [(whole(times(p.size, part)), times(reduced, part)) for part in shares]
    fitting = [(size, exemplar) for size, exemplar in sides if min(*size, *exemplar) >= p.smallest]
    return [Scale(*sizes, steps) for sizes, steps in zip(fitting, stage_steps(p.steps, len(fitting)), strict=True)]


@method(
    "guided",
    title="Guided correspondence",
    purpose="large forms that must fit together",
    citation="Zhou 2023",
    paper="CVPR 2023",
    params=GuidedParams,
    produces=(PICTURE, ORIGINS),
    network="vgg19",
    check=plan,
)
def guided(p: GuidedParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Changes pixels until each patch, as a network sees it, is close to one of the source texture and to no other.

    Sharper than an average of patches, and it takes all parts of the source texture in their turn.
    """
    import torch

    from texture.optimisers.redrawn import Redrawn

    source = images.source.to(device)
    lattice = pattern_of(p.start, images.lattice)
    scales = plan(p, {"source": extent_of(source)}, lattice)
    network = cache(partial(network_of, p, p.layers, device))
    objective_of = lru_cache(1)(lambda scale, exact: _objective(p, scale, source, network(exact)))
    random, grey = torch.Generator().manual_seed(p.seed), are_grey(images)

    def begin(scale: Scale, exact: bool, image: Tensor | None, state: State | None) -> Redrawn:
        objective = objective_of(scale, exact)
        start = _first_image(p, scale, source, lattice) if image is None else image
        bounds, noise = (start.new_zeros(()), start.new_ones(())), LOSS_ERROR[str(network(exact).dtype)]
        search = partial(optimiser, p, objective, start, bounds=bounds, noise=noise, grey=grey)
        return Redrawn(objective, random, start, lambda state: search(state=state), every=p.rematch, state=state)

    def step(at: Place, search: Optimiser) -> Step:
        scale = scales[at.stage]
        return Step(
            at.number,
            at.total,
            partial(picture_of, search, source if p.match_histogram and at.number == at.total else None),
            {"patches": search.loss},
            partial(state_of, at, search),
            at.share,
            artifacts={ORIGINS: partial(_origins, objective_of(scale, at.exact), scale)},
        )

    return steps_after(None, scales, begin, p.tile, step, state)


def _objective(p: GuidedParams, scale: Scale, source: Tensor, network: VGG) -> CorrespondenceObjective:
    """What is minimised at one scale."""
    from texture.losses.correspondence import Correspondence, CorrespondenceObjective
    from texture.losses.view import View

    view = View(network, {layer: cell_side(layer) for layer in p.layers}, (scale.size.height, scale.size.width), p.tile)
    how = Correspondence(p.patch_size, p.stride, p.most, p.candidates, p.bandwidth, p.uniformity)
    return CorrespondenceObjective(view, p.layers, sized(source, scale.exemplar), how)


def _first_image(p: GuidedParams, scale: Scale, source: Tensor, lattice: Lattice | None) -> Tensor:
    """Where the coarsest scale begins: 3×H×W. Drawn on the CPU, so that a seed means the same on every device."""
    import torch

    noise = torch.randn(3, scale.size.height, scale.size.width, generator=torch.Generator().manual_seed(p.seed))
    base = source.mean((1, 2), keepdim=True)
    if lattice is not None:
        base = in_pattern(sized(source, scale.exemplar), lattice, scale, p.size, p.seed)
    return base + NOISE * noise.to(source.device)


def _origins(objective: CorrespondenceObjective, scale: Scale) -> Tensor:
    """Where in the exemplar the nearest patch of each pixel comes from, as colours: 3×H×W in 0..1."""
    from texture.methods.common.exemplar_copies import Copy
    from texture.methods.common.origins import origins

    side = objective.view.sides[objective.shown]
    return origins(objective.origins(), objective.how.patch, side, objective.view.size, [Copy(scale.exemplar, 0, 1)])
