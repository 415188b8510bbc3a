"""`counting`: the real tiny method that tests and newcomers use. It needs no weights and no network.

It takes a picture in each of several roles, all for their mean colours. It trains, too, if asked: a model that knows
the exemplar's mean colour, and paints its noise field around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import Field

from texture.errors import Diverged
from texture.methods.artifacts import MODEL, ORIGINS, PICTURE, Artifact
from texture.methods.common.model_file import Model, write_model
from texture.methods.contract import Outline, State, Step, SynthesisParams
from texture.methods.registry import method
from texture.methods.roles import Inputs
from texture.methods.sizes import Extent, Size, Sizes

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class CountingParams(SynthesisParams):
    """Few knobs, each for something that a test wants to see."""

    size: Size = Field(Extent(64, 64), description="width and height of the result in pixels")
    steps: int = Field(20, ge=1, le=10_000_000, description="how far to count")
    work: int = Field(0, ge=0, le=1000, description="matrix products of side 256 for each step, to take up time")
    fail_at: int | None = Field(None, ge=1, description="the step at which to fail on purpose")
    train: bool = Field(False, description="leave a model behind that can be sampled")
    origins: bool = Field(False, description="draw a map of how far each pixel is from where it goes")

    def outline(self, sizes: Sizes) -> Outline:
        """Its steps, as work."""
        found = super().outline(sizes)
        return replace(found, work=found.work * self.steps)


class Painter:
    """The sampler of a counting model: each cell of the noise field becomes a square of 4×4 pixels."""

    channels, factor, reach = 3, 4, 1

    def __init__(self, model: Model, device: torch.device) -> None:
        import torch

        self._colour = torch.tensor(model.tensors["colour"], device=device)

    def __call__(self, field: Tensor) -> Tensor:
        """3×h×w to 3×4h×4w."""
        small = (self._colour[:, None, None] + 0.05 * field.to(self._colour.device)).clamp(0, 1)
        return small.repeat_interleave(self.factor, 1).repeat_interleave(self.factor, 2)


@method(
    "counting",
    title="Counting",
    paper="none",
    params=CountingParams,
    images=("source", "content", "style2", "mask", "initial", "model"),
    produces=(PICTURE, ORIGINS, MODEL),
    listed=False,
    sampler=Painter,
    processor=True,
)
def counting(p: CountingParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Counts up, going from noise to the source's mean colour; shows that everything around a method works."""
    import torch

    random = torch.Generator().manual_seed(p.seed)
    number = 0
    image = _start(p, images, random).to(device)
    if state is not None:
        number, image = state["number"], state["image"].to(device)
        random.set_state(state["random"])
    goal = _goal(p, images).to(device)
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
        left: dict[Artifact, Callable[[], Tensor | bytes]] = {}
        left |= {MODEL: partial(_model, p, images, number, image)} if p.train else {}
        left |= {ORIGINS: partial(_distance, image, goal)} if p.origins else {}
        draw = partial(_same, image)
        yield Step(number, p.steps, draw, {"distance": loss}, partial(dict, current), artifacts=left)


def _start(p: CountingParams, images: Inputs, random: torch.Generator) -> Tensor:
    """Where it begins, 3×H×W: the first picture, or noise."""
    import torch

    noise = torch.rand(3, p.size.height, p.size.width, generator=random)
    return noise if images.initial is None else _resized(images.initial, p)


def _goal(p: CountingParams, images: Inputs) -> Tensor:
    """Where it walks to, 3×H×W or 3×1×1: the exemplar's mean colour, where a mask is light that of the second style,
    all of it halfway to the content's."""
    import torch

    goal = _mean(images.source)
    if images.style2 is not None and images.mask is not None:
        goal = torch.where(_resized(images.mask, p).mean(dim=0) > 0.5, _mean(images.style2), goal)
    return goal if images.content is None else (goal + _mean(images.content)) / 2


def _mean(picture: Tensor) -> Tensor:
    """Its mean colour, 3×1×1."""
    return picture.mean(dim=(1, 2), keepdim=True)


def _resized(picture: Tensor, p: CountingParams) -> Tensor:
    """The picture as large as the result, 3×H×W, each pixel the nearest one of it."""
    from torch.nn.functional import interpolate

    return interpolate(picture[None], size=(p.size.height, p.size.width), mode="nearest")[0]


def _distance(image: Tensor, goal: Tensor) -> Tensor:
    """How far each pixel is from where it goes, 3×H×W."""
    return (image - goal).abs().clamp(0, 1)


def _same(image: Tensor) -> Tensor:
    return image


def _model(p: CountingParams, images: Inputs, number: int, image: Tensor) -> bytes:
    from texture.images.tensors import to_pixels

    params: dict[str, Any] = p.model_dump(mode="json")
    colour = images.source.mean(dim=(1, 2)).cpu().numpy()
    model = Model("counting", params, number, to_pixels(images.source), to_pixels(image), {"colour": colour})
    return write_model(model)
