"""`stylise`: any picture in the style of a trained network, at once.

The picture is repainted block by block, each with a margin as wide as the network can see, and normalised by the
statistics of the whole: the blocks fit to the pixel, and memory is that of one block and of the pictures in 8 bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from pydantic import Field

from texture.errors import InvalidInput
from texture.methods.common.multiscale import extent_of, sized
from texture.methods.contract import Outline, Params, State, Step
from texture.methods.registry import method
from texture.methods.roles import Inputs
from texture.methods.sizes import LARGEST_SIDE, SMALLEST_SAMPLE, Extent, Sizes, times

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class StyliseParams(Params):
    """How large."""

    size: int | None = Field(
        None,
        ge=SMALLEST_SAMPLE,
        le=LARGEST_SIDE,
        description=f"longer side of the result, pixels; empty: that of the content, up to {LARGEST_SIDE}",
        json_schema_extra={"simple": True},
    )

    def outline(self, sizes: Sizes) -> Outline:
        """As large as asked for, or as the content."""
        content = sizes.get("content")
        return replace(super().outline(sizes), size=content and result_size(content, self.size))


@method(
    "stylise",
    title="Stylise with a model",
    paper="none",
    params=StyliseParams,
    images=("content", "model"),
    needs=("model", "content"),
    listed=False,
    brief=True,
)
def stylise(p: StyliseParams, images: Inputs, device: torch.device, state: State | None = None) -> Iterator[Step]:
    """Repaints any picture in the style that a trained network has learnt, block by block."""
    import torch

    from texture.methods.texnet.stylist import Stylist, windows

    if images.model is None or images.content is None:
        role = "model" if images.model is None else "content"
        raise InvalidInput(f"{role}: a trained model and a content picture are needed", field=role)
    stylist = Stylist.of_model(images.model, device)
    content = _sized(images.content, p.size)
    stylist.look_at(content)
    blank = torch.zeros(*content.shape[1:], 3, dtype=torch.uint8)
    done, canvas = (0, blank) if state is None else (state["done"], state["canvas"])
    blocks = list(windows(content))
    while done < len(blocks):
        stylist.repaint(content, blocks[done], canvas)
        done += 1
        yield Step(done, len(blocks), partial(canvas.permute, 2, 0, 1), {}, partial(dict, done=done, canvas=canvas))


def _sized(content: Tensor, longer: int | None) -> Tensor:
    """With that longer side, or its own where that is not too long."""
    return sized(content, result_size(extent_of(content), longer))


def result_size(content: Extent, longer: int | None) -> Extent:
    """The content's shape, with that longer side."""
    return times(content, (longer or min(LARGEST_SIDE, max(content))) / max(content))
