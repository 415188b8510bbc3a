"""Coarse to fine: a small picture is optimised first, and each result is enlarged to start the next stage.

What every method does that optimises pixels: the parameters, the stages, and the loop over them, which can be written
down between any two steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Annotated, Literal, Protocol, TypeVar

from pydantic import BeforeValidator, Field, WithJsonSchema

from texture.features.layers import WHOLE
from texture.methods.common import number_lists
from texture.methods.contract import Outline, Params, State
from texture.methods.roles import PICTURES, Inputs
from texture.methods.sizes import SIDE_STEP, Extent, Sizes, Tile, times

if TYPE_CHECKING:
    from torch import Tensor

    from texture.optimisers import Optimiser
    from texture.optimisers.adam import Adam
    from texture.optimisers.lbfgs import LBFGS, Bounds, Evaluate

MOST_SCALES = 7  # 2048 pixels down to 32, 8192 down to 128
REMEMBERED = 1.2e9  # bytes of L-BFGS corrections, which are two pictures each
REMEMBERED_IN_HALVES = 4e8  # of those of a picture above WHOLE, in bfloat16: its network leaves them less room
FEWEST_CORRECTIONS = 3
USUAL_COARSEST = 32  # pixels: the side of a result at its coarsest scale
STEP_OVERHEAD = 8000  # pixels that could be worked on in the time that a step takes for everything else


def _parse_schedule(value: object) -> tuple[int, ...]:
    how = "write whole numbers: 100, or 150 80 30 from the coarsest scale to the finest"
    return number_lists.parse(value, int, how, low=1, high=10_000, counts=(1, MOST_SCALES))


Schedule = Annotated[
    tuple[int, ...],
    BeforeValidator(_parse_schedule),
    number_lists.WRITTEN,
    WithJsonSchema(
        {"type": "string", "format": "schedule", "pattern": r"^\d+([ ,]+\d+)*$", "examples": ["100", "150 80 30"]}
    ),
    Field(
        description="optimiser steps: one number for all scales, or one per scale from coarse to fine, the last "
        "of which holds for all finer scales"
    ),
]


class RefiningParams(Params):
    """How pixels are optimised."""

    steps: Schedule = (100, 100, 80, 50)
    scales: int | None = Field(
        None,
        ge=1,
        le=MOST_SCALES,
        description="number of scales of the image pyramid; empty: as many as it takes to get down to 32 pixels",
    )
    optimiser: Literal["lbfgs", "adam"] = Field("lbfgs", description="L-BFGS converges faster; Adam is more robust")
    learning_rate: float = Field(
        0.05, gt=0, le=1, description="learning rate of Adam; L-BFGS finds its step length by line search"
    )
    history: int = Field(
        20,
        ge=1,
        le=100,
        description="number of L-BFGS corrections; fewer for large pictures, which leave less room",
    )

    def outline(self, sizes: Sizes) -> Outline:
        """Its steps, as work."""
        found = super().outline(sizes)
        return replace(found, work=work_of(found.work, self.steps, self.scales))


class Stage(Protocol):
    """What the loop needs to know of one stage; each method's own has more."""

    @property
    def size(self) -> Extent:
        """Of the result at this stage, in pixels."""

    @property
    def steps(self) -> int:
        """How many are spent on it."""


class WithExemplar(Stage, Protocol):
    """A stage at which an exemplar is looked at."""

    @property
    def exemplar(self) -> Extent:
        """Its size at this stage, in pixels."""


@dataclass(frozen=True)
class Scale:
    """A stage with an exemplar as much reduced as the result: sides in pixels, and the steps spent on it."""

    size: Extent
    exemplar: Extent
    steps: int


def scales_within(room: float) -> int:
    """How many scales there are from a side that is so many times as long as the shortest one."""
    return max(1, int(min(room, 2.0 ** (MOST_SCALES - 1))).bit_length())


def stage_steps(steps: tuple[int, ...], count: int) -> tuple[int, ...]:
    """The steps of each of `count` scales, from coarse to fine."""
    return steps[:count] + steps[-1:] * (count - len(steps))


def work_of(area: float, steps: tuple[int, ...], scales: int | None = None) -> float:
    """Steps × pixels, of a result of so many pixels; where nobody says how many scales, as many as usual."""
    count = scales or scales_within(math.sqrt(area) / USUAL_COARSEST)
    return area * sum(spent * 0.25**halvings for halvings, spent in enumerate(reversed(stage_steps(steps, count))))


def halved(size: Extent, exemplar: Extent, steps: tuple[int, ...], count: int) -> list[Scale]:
    """That many scales from coarse to fine, each twice as large as the one before."""
    halvings = reversed(range(count))
    return [
        Scale(whole(times(size, 0.5**i)), times(exemplar, 0.5**i), spent)
        for i, spent in zip(halvings, stage_steps(steps, count), strict=True)
    ]


@dataclass(frozen=True)
class Place:
    """How far the work has come: the stage, steps done at it, in all, and whether float32 has taken over at it.

    total: steps of the whole work; plan: what tells its stages from others. share: of the whole work, 0..1.
    """

    total: int
    plan: str
    stage: int = 0
    done: int = 0
    number: int = 0
    exact: bool = False
    share: float = 0.0


S = TypeVar("S", bound=Stage)
Begin = Callable[[S, bool, "Tensor | None", "State | None"], "Optimiser"]
"""Makes the optimiser of a stage: in float32 or not; going on from a picture of its size, or taken up from what an
optimiser's `state()` gave, or, with neither, at the very start."""


def refine(
    stages: Sequence[S], begin: Begin[S], tile: Tile, state: State | None = None
) -> Iterator[tuple[Place, Optimiser]]:
    """Step through all stages; after each step the place and the optimiser, whose `x` is the picture.

    state: what `state_of` gave, to go on from there.

    Raises:
        ValueError: that was of another method, or of stages of other sizes or lengths.
    """
    from texture.images.tensors import resize

    at = _place(stages, state)
    search = begin(stages[at.stage], at.exact, None, state and state["search"])
    while at.number < at.total:
        stage = stages[at.stage]
        if at.done == stage.steps:
            at, stage = replace(at, stage=at.stage + 1, done=0, exact=False), stages[at.stage + 1]
            search = begin(stage, at.exact, resize(search.x, stage.size, tile), None)
        moved = search.step()
        if not moved and not at.exact:  # rounding noise may hide what is left to gain
            at = replace(at, exact=True)
            search = begin(stage, at.exact, search.x, None)
            continue
        steps = 1 if moved else stage.steps - at.done  # converged: nothing is left to do at this stage
        done = at.done + steps
        at = replace(at, done=done, number=at.number + steps, share=_share(stages, at.stage, done))
        yield at, search


def _place(stages: Sequence[Stage], state: State | None) -> Place:
    total, sizes = sum(stage.steps for stage in stages), dict.fromkeys(str(stage.size) for stage in stages)
    start = Place(total, f"{total} steps, {len(stages)} stages: {' '.join(sizes)}")
    if state is None:
        return start
    known = state.get("place", {})
    if known.get("plan") != start.plan:
        raise ValueError("state: of another method, or of other parameters or pictures; it goes on with the same only")
    return Place(**known)


def state_of(at: Place, search: Optimiser) -> State:
    """All that `refine` needs to go on from here bit for bit."""
    return {"place": asdict(at), "search": search.state()}


def _share(stages: Sequence[Stage], number: int, done: int) -> float:
    """How much of the work is done, 0..1: a step takes as long as its picture has pixels, and a little besides."""
    costs = [stage.size.width * stage.size.height + STEP_OVERHEAD for stage in stages]
    whole = sum(cost * stage.steps for cost, stage in zip(costs, stages, strict=True))
    before = sum(cost * stage.steps for cost, stage in zip(costs[:number], stages[:number], strict=True))
    return (before + costs[number] * done) / whole


def optimiser(
    p: RefiningParams,
    objective: Evaluate,
    start: Tensor,
    *,
    bounds: Bounds | None,
    noise: float,
    grey: bool = False,
    state: State | None = None,
) -> LBFGS | Adam:
    """The one that was asked for, at `start` or where `state` was taken.

    noise: relative, of the objective's loss. grey: among grey pictures only.
    """
    import torch

    from texture.methods.common.kept_colours import in_grey
    from texture.optimisers.adam import Adam
    from texture.optimisers.lbfgs import LBFGS

    if grey:
        objective, start = _among_grey(objective), in_grey(start)
    if p.optimiser == "adam":
        return Adam(objective, start, rate=p.learning_rate, bounds=bounds, state=state)
    large = start[0].numel() > WHOLE
    kept, room = (torch.bfloat16, REMEMBERED_IN_HALVES) if large else (start.dtype, REMEMBERED)
    history = min(p.history, max(FEWEST_CORRECTIONS, int(room / (2 * kept.itemsize * start.numel()))))
    return LBFGS(objective, start, history=history, kept=kept, noise=noise, bounds=bounds, state=state)


def _among_grey(objective: Evaluate) -> Evaluate:
    """The objective, its gradient without what would colour the picture."""
    from texture.methods.common.kept_colours import in_grey

    def evaluate(x: Tensor) -> tuple[Tensor, Tensor]:
        loss, gradient = objective(x)
        return loss, in_grey(gradient)

    return evaluate


def picture_of(search: Optimiser, histogram: Tensor | None) -> Tensor:
    """The picture that a search has come to, 3×H×W in 0..1, with the histogram of that exemplar where there is one."""
    from texture.images.tensors import match_histograms

    image = search.x.detach().clamp(0, 1)
    return image if histogram is None else match_histograms(image, histogram)


def extent_of(image: Tensor) -> Extent:
    """The size of …×H×W."""
    return Extent(image.shape[-1], image.shape[-2])


def sized(image: Tensor, size: Extent, tile: Tile = "none") -> Tensor:
    """A picture, or planes of a mask, …×H×W, at that size and within 0..1; where it tiles, resized on the torus."""
    from texture.images.tensors import resize

    return resize(image, size, tile).clamp(0, 1)


def extents_of(images: Inputs) -> Sizes:
    """Those of the pictures that there are, by role."""
    given = {role: getattr(images, role) for role in PICTURES}
    return {role: extent_of(picture) for role, picture in given.items() if picture is not None}


def whole(size: Extent) -> Extent:
    """The nearest size that the network's poolings halve without a rest, and at least 32: what can wrap exactly."""
    return Extent(*(max(2, round(side / SIDE_STEP)) * SIDE_STEP for side in size))
