"""A result that is continued at twice its size: the same layout with twice the detail. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from texture.errors import InvalidInput
from texture.methods.contract import ExemplarParams, Method, Params
from texture.methods.sizes import Sizes, looked_at, times


def continued(method: Method, given: Mapping[str, Any], sizes: Sizes) -> Params:
    """The parameters of a run that begins with a result of the parameters `given`, made of pictures of these sizes.

    The exemplar is looked at at twice the scale too: so its forms are as large as those of the enlarged result.

    Raises:
        InvalidInput: there is no such run; the result would be too large; or the exemplar, which is never enlarged, has
            too few pixels.
    """
    p = method.parse(given)
    if not isinstance(p, ExemplarParams) or p.continuing is None:
        raise InvalidInput(f"a result of {method.title} cannot be continued", field="method", value=method.name)
    if "mask" in sizes:
        raise InvalidInput("only a part of this picture was made, the one that its mask marks", field="mask")
    scale = {"size": str(times(p.size, 2)), "exemplar_size": p.exemplar_size and 2 * p.exemplar_size}
    larger = method.parse({**p.model_dump(), **scale, **p.continuing})
    shorter = p.exemplar_size or min(p.size)
    there, needed = min(looked_at(sizes["source"], 2 * shorter)), 2 * min(looked_at(sizes["source"], shorter))
    if there < needed:
        message = f"the source texture has {there} pixels: {needed} are needed for twice the size"
        raise InvalidInput(message, field="source", value=str(sizes["source"]))
    return larger
