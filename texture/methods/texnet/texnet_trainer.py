"""The training of a texture network, or of one that repaints pictures."""

from __future__ import annotations

import math
from typing import Protocol

import torch
from torch import Tensor, nn

from texture.features.precision import precision
from texture.methods.common.trainer import Trainer
from texture.methods.contract import State
from texture.methods.roles import Inputs
from texture.methods.texnet.params import TexNetParams
from texture.methods.texnet.texnet_painter import PART, network_for

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


class TexNetTrainer(Trainer[TexNetParams]):
    """From noise to a network whose pictures have the exemplar's statistics."""

    method = "texnet"

    def __init__(self, p: TexNetParams, images: Inputs, device: torch.device, state: State | None = None) -> None:
        super().__init__(p, images, device)
        with self.seeded():
            self._network = network_for(p, precision(p.precision, device)).to(device)
        self._task = _task(p, images, self._network, self.random, device)
        self.exemplar = self._task.exemplar
        self._optimiser = torch.optim.Adam(self._network.parameters(), foreach=True)
        self.begin(state, images.model)

    def batch(self) -> dict[str, Tensor]:
        """One batch; its losses."""
        self._network.train(not self._frozen)
        for group in self._optimiser.param_groups:
            group["lr"] = self._rate()
        losses = self._task.losses()
        self._optimiser.zero_grad()
        torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        return {name: value.detach() for name, value in losses.items()}

    def picture(self) -> Tensor:
        """What the network makes of what is always shown: 3×H×W."""
        training = self._network.training
        picture = self._task.picture()
        self._network.train(training)
        return picture

    @property
    def parts(self) -> dict[str, nn.Module]:
        """The network."""
        return {PART: self._network}

    @property
    def _frozen(self) -> bool:
        """Whether the statistics of the normalisation stand still. A picture that is repainted has its own always."""
        return self.p.task == "texture" and self.budget.share >= 1 - self.p.freeze_fraction

    def _rate(self) -> float:
        """Adam's learning rate: it grows for some steps, then falls."""
        p, share = self.p, self.budget.share
        fallen = float(FALL ** int(FIFTHS * share))
        if p.decay == "cosine":
            fallen = LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(math.pi * share)) / 2
        warming = min(1.0, (self.budget.number + 1) / WARM_UP)
        return float(p.learning_rate * fallen * warming * self.slowing)

    def verdict(self) -> str | None:
        """Whether the picture is of one colour, from which no slope leads back."""
        return "the output collapsed to a single colour" if self._task.faded() else None

    def weights(self) -> State:
        """Network and optimiser; shares storage with them."""
        return {"network": dict(self._network.state_dict()), "optimiser": self._optimiser.state_dict()}

    def put(self, weights: State) -> None:
        """Go on from there."""
        self._network.load_state_dict(weights["network"])
        self._optimiser.load_state_dict(weights["optimiser"])


def _task(p: TexNetParams, images: Inputs, network: nn.Module, random: torch.Generator, device: torch.device) -> Task:
    from texture.methods.texnet.stylist import StyleTask
    from texture.methods.texnet.texture_task import TextureTask

    return (TextureTask if p.task == "texture" else StyleTask)(p, images, network, random, device)
