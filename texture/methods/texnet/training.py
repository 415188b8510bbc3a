"""The training of a texture network, step by step, with all that it takes to go on from anywhere."""

from __future__ import annotations

import copy
import math
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from texture.errors import Diverged, InvalidInput
from texture.features.precision import precision
from texture.images.tensors import to_pixels
from texture.methods.common.model_file import Model, write_model
from texture.methods.common.training import Budget
from texture.methods.contract import State
from texture.methods.roles import Inputs
from texture.methods.sgan.painter import load
from texture.methods.texnet import ARCHITECTURE, TexNetParams
from texture.methods.texnet.painter import PART, network_for, params_of

EVERY = 50  # steps between two looks whether the numbers are still numbers
MOST_RETURNS = 6  # to earlier weights; then the rate is a 64th
WARM_UP = 20  # steps in which the rate grows to what was asked for
LAST_RATE = 0.02  # of the first, where a cosine ends
FIFTHS = 5  # of the work, after each of which the rate falls
FALL = 0.8


class Task(Protocol):
    """What is trained: how it is judged, and what it shows."""

    exemplar: Tensor  # 3×H×W, as it is looked at

    def losses(self) -> dict[str, Tensor]:
        """Of a batch, with gradients; their sum is what counts."""
        ...

    def picture(self) -> Tensor:
        """What is shown, always of the same noise or the same content: 3×H×W."""
        ...

    def faded(self) -> bool:
        """Whether the network paints but one colour any more, from which no slope leads back."""
        ...


class Training:
    """From noise to a network that paints.

    note: what a person should know of how it goes.
    """

    def __init__(self, p: TexNetParams, images: Inputs, device: torch.device, state: State | None = None) -> None:
        self._p = p
        self._random = torch.Generator().manual_seed(p.seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(p.seed)
            self._network = network_for(p, precision(p.precision, device)).to(device)
        self._task = _task(p, images, self._network, self._random, device)
        if state is None and images.model is not None:
            self._load_model(images.model)
        self._optimiser = torch.optim.Adam(self._network.parameters(), foreach=True)
        self.budget, self._returns = Budget(p.steps, p.minutes), 0
        self.note: str | None = None
        self._sum = torch.zeros((), device=device)  # of the losses since the last look
        if state is not None:
            self._load(state)
        self._good = state["good"] if state is not None else copy.deepcopy(self._weights())

    def advance(self) -> dict[str, Tensor]:
        """One batch; its losses.

        Raises:
            Diverged: the training failed again and again.
        """
        with self.budget.spending():
            self._network.train(not self._settled)
            for group in self._optimiser.param_groups:
                group["lr"] = self._rate()
            losses = self._task.losses()
            self._optimiser.zero_grad()
            loss = torch.stack(list(losses.values())).sum()
            loss.backward()  # type: ignore[no-untyped-call]
            self._optimiser.step()
            self._sum += loss.detach()
            self.budget.number += 1
        if self.budget.number % EVERY == 0 or self.budget.over:
            self._look_after()
        return {name: value.detach() for name, value in losses.items()}

    def picture(self) -> Tensor:
        """What the network makes of what is always shown: 3×H×W."""
        training = self._network.training
        picture = self._task.picture()
        self._network.train(training)
        return picture

    def state(self) -> State:
        """All that is needed to go on bit for bit."""
        return {
            "shape": self._shape,
            "number": self.budget.number,
            "seconds": self.budget.seconds,
            "returns": self._returns,
            "note": self.note,
            "random": self._random.get_state(),
            "sum": self._sum,
            "now": self._weights(),
            "good": self._good,
        }

    def model(self) -> bytes:
        """The file to keep."""
        tensors = {
            f"{PART}.{name}": values.detach().float().cpu().contiguous().numpy()
            for name, values in self._network.state_dict().items()
        }
        params: dict[str, Any] = self._p.model_dump(mode="json")
        pictures = to_pixels(self._task.exemplar), to_pixels(self.picture())
        return write_model(Model("texnet", params, self.budget.number, *pictures, tensors))

    @property
    def _settled(self) -> bool:
        """Whether the statistics of the normalisation stand still. A picture that is repainted has its own always."""
        return self._p.task == "texture" and self.budget.share >= 1 - self._p.settling

    def _rate(self) -> float:
        """Adam's step size: it grows for some steps, then falls."""
        p, share = self._p, self.budget.share
        fallen = float(FALL ** int(FIFTHS * share))
        if p.decay == "cosine":
            fallen = LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(math.pi * share)) / 2
        warming = min(1.0, (self.budget.number + 1) / WARM_UP)
        return float(p.learning_rate * fallen * warming * 0.5**self._returns)

    def _look_after(self) -> None:
        """Go back where the numbers are none, or the picture is; remember the weights where they are."""
        values = torch.stack([self._sum, *(values.sum() for values in self._network.state_dict().values())])
        self._sum = torch.zeros_like(self._sum)
        if bool(values.isfinite().all()) and not self._task.faded():
            self._good = copy.deepcopy(self._weights())
            return
        self._returns += 1
        if self._returns > MOST_RETURNS:
            words = f"the training failed for the {self._returns}th time, at step {self.budget.number}"
            raise Diverged(f"{words}: try a lower learning rate, or a larger batch")
        self._put(self._good)
        back = self._good["number"]
        self.note = f"the training failed at step {self.budget.number}: went back to step {back}, with a lower rate"

    @property
    def _shape(self) -> str:
        """What tells the network from others."""
        return " ".join(f"{name}={getattr(self._p, name)}" for name in ARCHITECTURE)

    def _weights(self) -> State:
        """Network and optimiser; shares storage with them."""
        optimiser = self._optimiser.state_dict()
        return {"number": self.budget.number, "network": dict(self._network.state_dict()), "optimiser": optimiser}

    def _put(self, weights: State) -> None:
        """Go on from there. The optimiser keeps the tensors that it is given, so it gets its own."""
        self._network.load_state_dict(weights["network"])
        self._optimiser.load_state_dict(copy.deepcopy(weights["optimiser"]))

    def _load(self, state: State) -> None:
        if state.get("shape") != self._shape:
            raise ValueError("state: of another method, or of other parameters; it goes on with the same only")
        self.budget.number, self.budget.seconds = state["number"], state["seconds"]
        self._returns = state["returns"]
        self.note, self._sum = state["note"], state["sum"].to(self._sum.device)
        self._random.set_state(state["random"])
        self._put(state["now"])

    def _load_model(self, model: Model) -> None:
        """Train further: the weights of a model; the optimiser begins anew.

        Raises:
            InvalidInput: it is a model of another shape, or of another method.
        """
        theirs = params_of(model)
        for name in ARCHITECTURE:
            ours, given = getattr(self._p, name), getattr(theirs, name)
            if ours != given:
                raise InvalidInput(f"{name}={ours!r}: the model was trained with {given!r}", field=name, value=ours)
        load(self._network, model, PART)


def _task(p: TexNetParams, images: Inputs, network: nn.Module, random: torch.Generator, device: torch.device) -> Task:
    from texture.methods.texnet.stylist import StyleTask
    from texture.methods.texnet.texture import TextureTask

    return (TextureTask if p.task == "texture" else StyleTask)(p, images, network, random, device)
