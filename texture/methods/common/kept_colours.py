"""Grey pictures give a grey result, and pictures of one colour a result of that colour, with every method.

A method that changes pixels or paints by a network is free in all three channels, and what it leaves of colour is noise
where its pictures have none. So the nearest grey is taken of it: the mean of red, green and blue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from texture.methods.contract import Step
from texture.methods.roles import Inputs

if TYPE_CHECKING:
    from torch import Tensor

    from texture.methods.common.sampling import Sampler

Keep = Callable[["Tensor"], "Tensor"]
"""From a picture, 3×H×W in 0..1 or uint8, to the nearest one with the colours that it may have."""

STYLES, SOURCES = ("style2", "style3", "style4"), ("source2", "source3", "source4")
SEEN = ("source", "content", *STYLES, *SOURCES)  # whose colours may be in the result
SEEN_IN_PART = "initial"  # where a mask says what is resynthesised in it


def keeping_colours(steps: Iterator[Step], images: Inputs) -> Iterator[Step]:
    """The steps of a run on these pictures, each with a picture of colours that these have."""
    keep = kept_colours(images)
    return steps if keep is None else _with_pictures(steps, keep)


def kept_colours(images: Inputs) -> Keep | None:
    """What to do to a result of these pictures; None where they have more than one colour that is not grey."""
    colour = images.source[:, :1, :1]
    if all((picture == colour).all() for picture in _seen(images)):
        return lambda picture: _as(picture, colour).expand_as(picture).clone()
    return in_grey if are_grey(images) else None


def are_grey(images: Inputs) -> bool:
    """Whether red, green and blue are the same everywhere in all whose colours may be in the result."""
    return all((picture == picture[:1]).all() for picture in _seen(images))


def _seen(images: Inputs) -> list[Tensor]:
    roles = SEEN if images.mask is None else (*SEEN, SEEN_IN_PART)
    return [picture for role in roles if (picture := getattr(images, role)) is not None]


def in_grey(picture: Tensor) -> Tensor:
    """The nearest grey picture of 3×H×W: itself, where it is grey."""
    if picture.is_floating_point():
        grey = picture[:1] + (picture - picture[:1]).mean(0, keepdim=True)
    else:
        grey = _whole_mean(picture)
    return grey.repeat(3, 1, 1)


def with_kept_colours(sampler: Sampler, images: Inputs) -> Sampler:
    """A sampler whose pictures have the colours that a result of these pictures may have."""
    keep = kept_colours(images)
    return sampler if keep is None else _KeptSampler(sampler, keep)


class _KeptSampler:
    """A `Sampler`."""

    def __init__(self, sampler: Sampler, keep: Keep) -> None:
        self._sampler, self._keep = sampler, keep
        self.channels, self.factor, self.reach = sampler.channels, sampler.factor, sampler.reach

    def __call__(self, field: Tensor) -> Tensor:
        return self._keep(self._sampler(field))


def _with_pictures(steps: Iterator[Step], keep: Keep) -> Iterator[Step]:
    for step in steps:
        yield replace(step, draw=partial(_drawn, step, keep))


def _drawn(step: Step, keep: Keep) -> Tensor:
    return keep(step.image)


def _whole_mean(picture: Tensor) -> Tensor:
    """Of whole numbers, rounded: 1×H×W."""
    import torch

    total = picture.sum(0, keepdim=True, dtype=torch.int16)
    return total.add_(1).floor_divide_(3).to(picture.dtype)


def _as(picture: Tensor, colour: Tensor) -> Tensor:
    """A colour 3×1×1 in 0..1 in the numbers of a picture."""
    return colour.to(picture) if picture.is_floating_point() else colour.mul(255).round().to(picture)
