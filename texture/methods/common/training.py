"""Methods that train: a budget of batches or of time, and a step for each batch.

What `refining.py` is to those that change pixels. No torch here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Protocol

from pydantic import Field

from texture.methods.artifacts import MODEL
from texture.methods.contract import Outline, State, Step

if TYPE_CHECKING:
    from torch import Tensor

Batches = Annotated[
    int,
    Field(
        ge=1,
        le=1_000_000,
        description="batches to train on, where no minutes are given",
        json_schema_extra={"simple": True},
    ),
]
MOST_MINUTES = 7 * 24 * 60
Minutes = Annotated[
    float | None,
    Field(
        gt=0,
        le=MOST_MINUTES,
        description="time of its own to train for, instead of a number of steps",
        json_schema_extra={"simple": True},
    ),
]


def budgeted(found: Outline, steps: int, minutes: float | None) -> Outline:
    """The outline of a training: its batches as work, or its time."""
    return replace(found, work=found.work * steps, seconds=None if minutes is None else 60 * minutes)


@dataclass
class Budget:
    """What a training may take, and has taken: `number` batches and `seconds` of its own."""

    steps: int
    minutes: float | None
    number: int = 0
    seconds: float = 0.0

    @property
    def over(self) -> bool:
        """Whether it is used up."""
        return self.number >= self.steps if self.minutes is None else self.seconds >= 60 * self.minutes

    @property
    def total(self) -> int | None:
        """Steps in all; None until the end where the budget is one of time."""
        if self.minutes is None:
            return self.steps
        return self.number if self.over else None

    @property
    def share(self) -> float:
        """How much of it is used, 0..1."""
        used = self.number / self.steps if self.minutes is None else self.seconds / (60 * self.minutes)
        return min(1.0, used)

    @contextmanager
    def spending(self) -> Iterator[None]:
        """What is done meanwhile counts."""
        began = time.perf_counter()
        yield
        self.seconds += time.perf_counter() - began


class Training(Protocol):
    """What the loop needs to know of a training. note: what a person should know of how it goes."""

    budget: Budget
    note: str | None

    def advance(self) -> Mapping[str, Tensor]:
        """One batch; its losses."""

    def picture(self) -> Tensor:
        """What the network makes of what is always shown: 3×H×W."""

    def state(self) -> State:
        """All that is needed to go on bit for bit."""

    def model(self) -> bytes:
        """The file to keep."""


def train(training: Training) -> Iterator[Step]:
    """A step for each batch until the budget is used up."""
    budget = training.budget
    while not budget.over:
        losses = training.advance()
        yield Step(
            budget.number,
            budget.total,
            training.picture,
            losses,
            training.state,
            budget.share,
            training.note,
            {MODEL: training.model},
        )
