"""Failures of adversarial training, noticed in time to go back to earlier weights.

Three from which it does not recover by itself: values that are not finite; a discriminator that gives no useful
gradient any more, because its logits are constant or it wins without effort; and mode collapse of the generator.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from texture.methods.common.trainer import DIVERGED
from texture.methods.contract import State

WARM_UP = 200  # steps before samples are expected to differ
ALIKE = 0.1  # spread of samples over that of crops, below which they are all the same
PLAIN = 0.01  # spread of crops, in -1..1, below which the exemplar itself is all the same
IDLE = 1e-5  # spread of the discriminator's answers below which it answers the same to everything
EFFORTLESS = 0.01  # its mean loss, below which it has won
CELLS = 4  # crops are compared by their mean colours in so many cells each way

DEAD = "the discriminator stopped learning"
COLLAPSED = "the samples collapsed to a single mode"


class Guard:
    """Accumulates statistics of the training steps, and judges them now and then; no synchronisation in between."""

    def __init__(self, state: State | None = None) -> None:
        self._sums: State = dict(state or _sums(alike=0))

    def state(self) -> State:
        """To go on from."""
        return dict(self._sums)

    def note(self, losses: Mapping[str, Tensor], answers: Tensor) -> None:
        """One step's losses, and the standard deviation of the discriminator's logits."""
        sums = self._sums
        sums["loss"] = sums["loss"].to(answers.device) + losses["discriminator"]
        sums["answers"] = sums["answers"].to(answers.device) + answers
        sums["steps"] += 1

    def judge(self, number: int, samples: Tensor, crops: Tensor) -> str | None:
        """What is wrong after `number` steps, if anything is; then restarts the count.

        samples, crops: N×3×H×W in -1..1, of the generator and of the exemplar.
        """
        mean = {name: float(self._sums[name]) / self._sums["steps"] for name in ("loss", "answers")}
        alike = number >= WARM_UP and _all_alike(samples, crops)
        times = self._sums["alike"] + 1 if alike else 0  # once may be a mood
        self._sums = _sums(times)
        if not all(torch.isfinite(torch.tensor([*mean.values(), float(samples.sum())]))):
            return DIVERGED
        if mean["answers"] < IDLE or mean["loss"] < EFFORTLESS:
            return DEAD
        return COLLAPSED if times >= 2 else None


def spread(images: Tensor) -> float:
    """How much N pictures, N×3×H×W, differ from one another: the deviation of their cells' mean colours."""
    return float(adaptive_avg_pool2d(images.float(), CELLS).std(0).mean())


def _sums(alike: int) -> State:
    return {"loss": torch.zeros(()), "answers": torch.zeros(()), "steps": 0, "alike": alike}


def _all_alike(samples: Tensor, crops: Tensor) -> bool:
    usual = spread(crops)
    return usual > PLAIN and spread(samples) < ALIKE * usual
