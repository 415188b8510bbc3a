"""Methods that train: what can be set for all of them, and a step for each batch.

What `multiscale.py` is to those that change pixels; how they train is in `trainer.py`. No torch here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from texture.methods.artifacts import MODEL
from texture.methods.contract import ExemplarParams, Outline, Step
from texture.methods.sizes import Sizes

if TYPE_CHECKING:
    from texture.methods.common.trainer import Trainer

Batches = Annotated[
    int,
    Field(
        ge=1,
        le=1_000_000,
        description="training steps, one batch each; ignored if minutes are given",
        json_schema_extra={"simple": True},
    ),
]
MOST_MINUTES = 7 * 24 * 60
Minutes = Annotated[
    float | None,
    Field(
        gt=0,
        le=MOST_MINUTES,
        title="Training time",
        description="training time in minutes, instead of a number of steps",
        json_schema_extra={"simple": True},
    ),
]


class TrainingParams(ExemplarParams):
    """What every method that trains has. ARCHITECTURE: the fields that say what its networks are."""

    ARCHITECTURE: ClassVar[tuple[str, ...]] = ()

    steps: Batches = 1000
    minutes: Minutes = None

    def outline(self, sizes: Sizes) -> Outline:
        """Its batches as work, or its time."""
        found = super().outline(sizes)
        seconds = None if self.minutes is None else 60 * self.minutes
        return replace(found, work=found.work * self.steps, seconds=seconds)

    @property
    def network_shape(self) -> dict[str, object]:
        """The values of those fields: networks with the same ones have the same weights, by name and shape."""
        return {name: getattr(self, name) for name in self.ARCHITECTURE}


def train(trainer: Trainer[Any]) -> Iterator[Step]:
    """A step for each batch until the budget is used up."""
    budget = trainer.budget
    while not budget.over:
        losses = trainer.advance()
        yield Step(
            budget.number,
            budget.total,
            trainer.picture,
            losses,
            trainer.state,
            budget.share,
            trainer.note,
            {MODEL: trainer.model},
        )
