"""A result that is continued at twice its size: the same layout with twice the detail. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from texture.errors import InvalidInput
from texture.methods.contract import ExemplarParams, Method, Params
from texture.methods.sizes import LARGEST_SIDE, Sizes, looked_at, times


def continued(method: Method, given: Mapping[str, Any], sizes: Sizes) -> Params:
    """The parameters of a run that begins with a result of the parameters `given`, made of pictures of these sizes.

    The exemplar is looked at at twice the scale too: so its forms are as large as those of the enlarged result.

    Raises:
        InvalidInput: there is no such run; the result would be too large; or the exemplar, which is never enlarged, has
            too few pixels, or is looked at with too few.
    """
    p = method.parse(given)
    if not isinstance(p, ExemplarParams) or p.continuing is None:
        raise InvalidInput(f"a result of {method.title} cannot be continued", field="method", value=method.name)
    if "mask" in sizes:
        raise InvalidInput("only the masked part of this picture was synthesised", field="mask")
    source, shorter = sizes["source"], p.exemplar_size or min(p.size)
    needed = 2 * min(looked_at(source, shorter))
    if min(source) < needed:
        message = f"the shorter side of the source texture has {min(source)} pixels: twice the size needs {needed}"
        raise InvalidInput(message, field="source", value=str(source))
    if min(looked_at(source, 2 * shorter)) < needed:
        message = f"twice the size needs a source texture of {times(source, needed / min(source))} pixels"
        raise InvalidInput(f"{message}: it is looked at with {LARGEST_SIDE}x{LARGEST_SIDE} at most", field="size")
    scale = {"size": str(times(p.size, 2)), "exemplar_size": p.exemplar_size and 2 * p.exemplar_size}
    return method.parse({**p.model_dump(), **scale, **p.continuing})
