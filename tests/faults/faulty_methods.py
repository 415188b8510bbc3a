"""Methods that do harm, for servers under attack: a package of its own, which the server finds by its entry point.

Tests must not import it: it would register its methods with them.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import Field

from texture.methods.contract import Outline, Step, SynthesisParams
from texture.methods.registry import method
from texture.methods.sizes import Sizes

if TYPE_CHECKING:
    import torch


class FaultyParams(SynthesisParams):
    """What can be set."""

    steps: int = Field(100, ge=1, description="in all")
    at: int = Field(3, ge=1, description="the step in which it happens")
    side: int = Field(4096, ge=1, description="of the matrices that a long step multiplies")
    times: int = Field(20, ge=1, description="how often")
    gigabytes: int = Field(2, ge=1, description="that a step takes")
    known: bool = Field(False, description="whether that is known beforehand")

    def outline(self, sizes: Sizes) -> Outline:
        """What it takes, if that is known."""
        return replace(super().outline(sizes), memory=self.gigabytes * 2**30 if self.known else None)


def _step(p: FaultyParams, number: int) -> Step:
    import torch

    image = torch.full((3, p.size.height, p.size.width), number / p.steps)
    return Step(number, p.steps, image.clone, {"number": number}, lambda: {"number": number})


@method("long_step", title="Long step", paper="none", params=FaultyParams, listed=False)
def long_step(p: FaultyParams, images: Any, device: torch.device, state: Any = None) -> Iterator[Step]:
    """One call into torch's own code takes as long as is asked for."""
    import torch

    matrix = torch.rand(p.side, p.side)
    for number in range((state or {"number": 0})["number"] + 1, p.steps + 1):
        if number == p.at:
            torch.linalg.multi_dot([matrix] * p.times)
        yield _step(p, number)


@method("abort", title="Abort", paper="none", params=FaultyParams, listed=False)
def abort(p: FaultyParams, images: Any, device: torch.device, state: Any = None) -> Iterator[Step]:
    """Takes the process down with it."""
    for number in range((state or {"number": 0})["number"] + 1, p.steps + 1):
        if number == p.at:
            signal.raise_signal(signal.SIGSEGV)  # in this thread, as a fault of its own would be
        yield _step(p, number)


@method("hungry", title="Hungry", paper="none", params=FaultyParams, listed=False)
def hungry(p: FaultyParams, images: Any, device: torch.device, state: Any = None) -> Iterator[Step]:
    """Takes much memory in one step."""
    import torch

    for number in range((state or {"number": 0})["number"] + 1, p.steps + 1):
        if number == p.at:
            torch.ones(p.gigabytes, 2**28)
        yield _step(p, number)
