"""Coarse to fine: a small picture is optimised first, and each result is enlarged to start the next stage.

What every method does that optimises pixels: the parameters, the stages, and the loop over them, which can be written
down between any two steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Annotated, Literal, Protocol, TypeVar

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from texture.methods.base import SIDE_STEP, Extent, Params, State, Tile

if TYPE_CHECKING:
    from torch import Tensor

    from texture.optimisers import Optimiser
    from texture.optimisers.lbfgs import Bounds, Evaluate

MOST_SCALES = 7  # 2048 pixels down to 32
STEP_OVERHEAD = 8000  # pixels that could be worked on in the time that a step takes for everything else


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


class RefiningParams(Params):
    """How pixels are optimised."""

    steps: Schedule = Field(
        (100, 100, 80, 50),
        description="optimiser steps: one number for every scale, or one for each from coarse to fine; "
        "the last one holds for all finer scales",
    )
    scales: int | None = Field(
        None, ge=1, le=MOST_SCALES, description="how often the size is halved, plus one; empty: down to 32 pixels"
    )
    optimiser: Literal["lbfgs", "adam"] = Field("lbfgs", description="L-BFGS is faster; Adam is steadier")
    learning_rate: float = Field(0.05, gt=0, le=1, description="step size of Adam; L-BFGS finds its own")
    history: int = Field(20, ge=1, le=100, description="corrections that L-BFGS remembers")

    def stage_steps(self, count: int) -> tuple[int, ...]:
        """The steps of each of `count` scales, from coarse to fine."""
        return self.steps[:count] + self.steps[-1:] * (count - len(self.steps))


class Stage(Protocol):
    """What the loop needs to know of one stage; each method's own has more."""

    @property
    def size(self) -> Extent:
        """Of the result at this stage, in pixels."""

    @property
    def steps(self) -> int:
        """How many are spent on it."""


@dataclass(frozen=True)
class Place:
    """How far the work has come: the stage, steps done at it, in all, and whether float32 has taken over at it."""

    total: int
    stage: int = 0
    done: int = 0
    number: int = 0
    exact: bool = False


S = TypeVar("S", bound=Stage)
Begin = Callable[[S, bool, "Tensor | None", "State | None"], "Optimiser"]
"""Makes the optimiser of a stage: in float32 or not; going on from a picture of its size, or taken up from what an
optimiser's `state()` gave, or, with neither, at the very start."""


def refine(
    stages: Sequence[S], begin: Begin[S], tile: Tile, state: State | None = None
) -> Iterator[tuple[Place, Optimiser]]:
    """Step through all stages; after each step the place and the optimiser, whose `x` is the picture.

    state: what `state_of` gave, to go on from there.
    """
    from texture.images.tensors import resize

    at = Place(**state["place"]) if state else Place(total=sum(stage.steps for stage in stages))
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
        at = replace(at, done=at.done + steps, number=at.number + steps)
        yield at, search


def state_of(at: Place, search: Optimiser) -> State:
    """All that `refine` needs to go on from here bit for bit."""
    return {"place": asdict(at), "search": search.state()}


def share(stages: Sequence[Stage], at: Place) -> float:
    """How much of the work is done, 0..1: a step takes as long as its picture has pixels, and a little besides."""
    costs = [stage.size.width * stage.size.height + STEP_OVERHEAD for stage in stages]
    whole = sum(cost * stage.steps for cost, stage in zip(costs, stages, strict=True))
    before = sum(cost * stage.steps for cost, stage in zip(costs[: at.stage], stages[: at.stage], strict=True))
    return (before + costs[at.stage] * at.done) / whole


def optimiser(
    p: RefiningParams,
    objective: Evaluate,
    start: Tensor,
    *,
    bounds: Bounds | None,
    noise: float,
    state: State | None = None,
) -> Optimiser:
    """The one that was asked for, at `start` or where `state` was taken. noise: relative, of the objective's loss."""
    from texture.optimisers.adam import Adam
    from texture.optimisers.lbfgs import LBFGS

    if p.optimiser == "adam":
        return Adam(objective, start, rate=p.learning_rate, bounds=bounds, state=state)
    return LBFGS(objective, start, history=p.history, noise=noise, bounds=bounds, state=state)


def times(size: Extent, factor: float) -> Extent:
    """The size by that factor, in whole pixels."""
    return Extent(*(max(1, round(side * factor)) for side in size))


def whole(size: Extent) -> Extent:
    """The nearest size that the network's poolings halve without a rest, and at least 32: what can wrap exactly."""
    return Extent(*(max(2, round(side / SIDE_STEP)) * SIDE_STEP for side in size))
