"""`counting`: the real tiny method that tests and newcomers use. It needs no weights and no network."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from pydantic import Field

from texture.errors import Diverged
from texture.methods.base import Extent, Inputs, Size, State, Step, SynthesisParams, method

if TYPE_CHECKING:
    import torch


class CountingParams(SynthesisParams):
    """Few knobs, each for something that a test wants to see."""

    size: Size = Field(Extent(64, 64), description="width and height of the result in pixels")
    steps: int = Field(20, ge=1, le=10_000_000, description="how far to count")
    work: int = Field(0, ge=0, le=1000, description="matrix products of side 256 for each step, to take up time")
    fail_at: int | None = Field(None, ge=1, description="the step at which to fail on purpose")


@method("counting", title="Counting", paper="none", params=CountingParams, listed=False)
def counting(p: CountingParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Counts up, walking from noise to the exemplar's mean colour; shows that everything around a method works."""
    import torch

    random = torch.Generator().manual_seed(p.seed)
    number = 0
    image = torch.rand(3, p.size.height, p.size.width, generator=random).to(device)
    if state is not None:
        number, image = state["number"], state["image"].to(device)
        random.set_state(state["random"])
    goal = images.source.to(device).mean(dim=(1, 2), keepdim=True)
    while number < p.steps:
        number += 1
        if number == p.fail_at:
            raise Diverged(f"counting stopped at step {number}, as fail_at asked")
        for _ in range(p.work):
            torch.rand(256, 256, device=device) @ torch.rand(256, 256, device=device)
        noise = torch.rand(image.shape, generator=random).to(device)
        image = torch.lerp(image, (goal + 0.1 * (noise - 0.5)).clamp(0, 1), 0.1)
        loss = (image - goal).square().mean()
        current = {"number": number, "image": image, "random": random.get_state()}
        yield Step(number, p.steps, image, {"distance": loss}, partial(dict, current))
