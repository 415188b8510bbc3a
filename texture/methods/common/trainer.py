"""The training of a network on one exemplar: batches until the budget is used up, and the way back when it diverges.

What is trained, and on what loss, each method says in a class of its own.
"""

from __future__ import annotations

import copy
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

import torch
from torch import Tensor, nn

from texture.errors import Diverged
from texture.images.tensors import to_pixels
from texture.methods.common.kept_colours import kept_colours
from texture.methods.common.model_file import Model, write_model
from texture.methods.common.trained import load
from texture.methods.common.training import TrainingParams
from texture.methods.contract import State
from texture.methods.roles import Inputs

MOST_RETURNS = 6  # to earlier weights; then the learning rate is a 64th
DIVERGED = "the training diverged"


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


P = TypeVar("P", bound=TrainingParams)


class Trainer(ABC, Generic[P]):
    """From noise to a network that paints.

    A subclass makes its networks within `seeded()` and then calls `begin`. All of `random`, which is on the CPU, goes
    into the state. EVERY: batches between two looks at how it goes. exemplar: 3×H×W in 0..1, as it is trained on.
    note: what a person should know of how it goes.
    """

    EVERY: ClassVar[int] = 50
    method: ClassVar[str]
    exemplar: Tensor
    note: str | None = None

    def __init__(self, p: P, images: Inputs, device: torch.device) -> None:
        self.p, self.budget, self.device = p, Budget(p.steps, p.minutes), device
        self._keep = kept_colours(images)
        self.random = torch.Generator().manual_seed(p.seed)
        self.returns = 0
        self._good: State = {}

    @abstractmethod
    def batch(self) -> dict[str, Tensor]:
        """Learn from one batch; its losses, detached."""

    @abstractmethod
    def picture(self) -> Tensor:
        """What is shown, always of the same noise or the same content: 3×H×W uint8. Disturbs nothing."""

    @property
    @abstractmethod
    def parts(self) -> Mapping[str, nn.Module]:
        """The networks that go into the model, by the names under which their weights lie there."""

    @abstractmethod
    def weights(self) -> State:
        """All that training changes, networks and optimisers; it may share storage with them."""

    @abstractmethod
    def put(self, weights: State) -> None:
        """Go on from there. The tensors are nobody else's: an optimiser keeps what it is given."""

    @abstractmethod
    def verdict(self) -> str | None:
        """What else than its numbers has gone wrong, if anything: after each EVERY batches, and at the end."""

    @contextmanager
    def seeded(self) -> Iterator[None]:
        """Fresh weights that are made meanwhile come from the seed."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.p.seed)
            yield

    def begin(self, state: State | None, model: Model | None) -> None:
        """Take up what was written down, or a model's weights.

        Raises:
            InvalidInput: the weights are not those of these networks. ValueError: the state is of other ones.
        """
        if state is not None:
            state = self._as_today(state)
            self.take_up(state)
        elif model is not None:
            self.train_further(model)
        self._good = state["good"] if state is not None else self._written()

    def _as_today(self, state: State) -> State:
        """A state as this version has it: version 0.1 named no networks, and kept good weights beside their number."""
        if "network" in state or "good" not in state:
            return state
        good = {"number": state["number"], **state["good"]}
        number = good.pop("number")
        return {**state, "network": str(self.p.network_shape), "good": {"number": number, "weights": good}}

    def train_further(self, model: Model) -> None:
        """Take up a model's weights; the optimisers start afresh."""
        for part, network in self.parts.items():
            load(network, model, part)

    def advance(self) -> dict[str, Tensor]:
        """One batch; its losses.

        Raises:
            Diverged: it went wrong again and again.
        """
        with self.budget.spending():
            losses = self.batch()
            self.budget.number += 1
        if self.budget.number % self.EVERY == 0 or self.budget.over:
            self._look_after()
        return losses

    @property
    def slowing(self) -> float:
        """What the learning rate is to be multiplied by: it is halved at each return."""
        return 0.5**self.returns

    def _look_after(self) -> None:
        """Go back where it has gone wrong; remember the weights where it has not."""
        wrong = self.verdict() or (None if self._finite else DIVERGED)
        if wrong is None:
            self._good = self._written()
            return
        self.returns += 1
        number, back = self.budget.number, self._good["number"]
        if self.returns > MOST_RETURNS:
            words = f"{wrong} for the {self.returns}th time, at step {number}"
            raise Diverged(f"{words}: try a lower learning rate, or a larger batch")
        self.put(copy.deepcopy(self._good["weights"]))
        self.note = f"{wrong} at step {number}: went back to step {back}, with half the learning rate"

    @property
    def _finite(self) -> bool:
        """Whether all weights are numbers; one wait for the device."""
        sums = [values.sum().float() for part in self.parts.values() for values in part.state_dict().values()]
        return bool(torch.stack(sums).isfinite().all())

    def _written(self) -> State:
        """The weights as they are now, in tensors of their own."""
        return {"number": self.budget.number, "weights": copy.deepcopy(self.weights())}

    def state(self) -> State:
        """All that is needed to go on bit for bit."""
        return {
            "network": str(self.p.network_shape),
            "number": self.budget.number,
            "seconds": self.budget.seconds,
            "returns": self.returns,
            "note": self.note,
            "random": self.random.get_state(),
            "now": self.weights(),
            "good": self._good,
        }

    def take_up(self, state: State) -> None:
        """Go on from what `state` gave."""
        if state.get("network") != str(self.p.network_shape):
            raise ValueError("state: of another method, or of other parameters; it goes on with the same only")
        self.budget.number, self.budget.seconds = state["number"], state["seconds"]
        self.returns, self.note = state["returns"], state["note"]
        self.random.set_state(state["random"])
        self.put(copy.deepcopy(state["now"]))

    def model(self) -> bytes:
        """The file to keep."""
        tensors = {
            f"{part}.{name}": values.detach().float().cpu().contiguous().numpy()
            for part, network in self.parts.items()
            for name, values in network.state_dict().items()
        }
        picture = self.picture() if self._keep is None else self._keep(self.picture())
        pictures = to_pixels(self.exemplar), to_pixels(picture)
        return write_model(Model(self.method, self.p.model_dump(mode="json"), self.budget.number, *pictures, tensors))
