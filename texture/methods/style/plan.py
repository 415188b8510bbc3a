"""The stages from coarse to fine, and what is refused before the work. No torch here."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

from texture.errors import InvalidInput
from texture.methods.common.given_pictures import check_start
from texture.methods.common.multiscale import scales_within, stage_steps
from texture.methods.common.starting import scales_from
from texture.methods.sizes import Extent, Sizes, times
from texture.methods.style.params import StyleParams
from texture.methods.style.regions import ORDINALS, STYLES

COARSEST_SIDE = 48  # the longer one of the result's
SMALLEST_SIDE = 16  # relu5_1 is left with one cell
SKEWED = 0.05  # logarithm of the aspect's ratio: what rounding to pixels may come to
SMALLEST_STYLE, LARGEST_STYLE = 32, 4096  # as it comes; its longer side as it is looked at


@dataclass(frozen=True)
class Scale:
    """One stage from coarse to fine: the picture's size, what share that is of the last one's, and the steps at it."""

    size: Extent
    share: float
    steps: int


def planned(p: StyleParams, sizes: Sizes) -> list[Scale]:
    """The scales from coarse to fine, for pictures of these sizes.

    Raises:
        InvalidInput: they do not fit each other, the parameters, or their purpose; it names which.
    """
    _check_start(p, sizes)
    _check_styles(p, {role: sizes[role] for role in STYLES if role in sizes})
    if "mask" in sizes:
        _check_mask(sizes["mask"], sizes["content"])
    return plan(p, sizes["content"])


def _check_start(p: StyleParams, given: Collection[str]) -> None:
    check_start(p.start, given)
    if p.start == "match" and len([role for role in STYLES if role in given]) > 1:
        message = "start=match: it puts a picture together from one style, and there are more; take another start"
        raise InvalidInput(message, field="start", value=p.start)


def _check_mask(size: Extent, wanted: Extent) -> None:
    if abs(math.log(size.width / size.height * wanted.height / wanted.width)) > SKEWED:
        message = f"the mask is {size.width}x{size.height} pixels and the content {wanted.width}x{wanted.height}"
        message += ": it is laid over the content, so both need the same aspect ratio"
        raise InvalidInput(message, field="mask", value=str(size))


def _check_styles(p: StyleParams, styles: Sizes) -> None:
    for role, size in styles.items():
        if min(size) < SMALLEST_STYLE:
            given = f"the {ORDINALS[role]} style is {size.width}x{size.height} pixels"
            raise InvalidInput(f"{given}: at least {SMALLEST_STYLE} each way", field=role, value=str(size))
    if len(p.blend) not in (0, len(styles)):
        written, number = " ".join(f"{share:g}" for share in p.blend), len(styles)
        message = f"blend={written!r}: one number for each style, and there {'is' if number == 1 else 'are'} {number}"
        raise InvalidInput(message, field="blend", value=written)


def plan(p: StyleParams, content: Extent) -> list[Scale]:
    """The scales from coarse to fine for a content of that size.

    Raises:
        InvalidInput: the content is so narrow that nothing would be left of it.
    """
    size = times(content, p.size / max(content))
    if min(size) < SMALLEST_SIDE:
        message = f"the content is {content.width}x{content.height} pixels: at a size of {p.size} its shorter side is "
        raise InvalidInput(f"{message}{min(size)}, below {SMALLEST_SIDE}", field="content", value=str(content))
    count = min(
        p.scales or scales_from(p.start == "match", max(size) / COARSEST_SIDE), scales_within(min(size) / SMALLEST_SIDE)
    )
    shares = [0.5**halvings for halvings in reversed(range(count))]
    spent = stage_steps(p.steps, count)
    return [Scale(times(size, share), share, steps) for share, steps in zip(shares, spent, strict=True)]


def style_size(style: Extent, scale: Scale, enlarged: float) -> Extent:
    """The size at which a style is looked at: with as many pixels as the result, or its own if fewer, and `enlarged`.

    At a coarse scale it is reduced like the result. No side is longer than LARGEST_STYLE pixels at full size.
    """
    pixels = scale.size.width * scale.size.height / scale.share**2
    factor = enlarged * min(1.0, math.sqrt(pixels / (style.width * style.height)))
    factor = scale.share * min(factor, LARGEST_STYLE / max(style))
    return times(style, max(factor, SMALLEST_SIDE / min(style)))
