"""A result that is continued at two or four times its size: the same layout with as much more detail. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from texture.errors import InvalidInput
from texture.methods.contract import ExemplarParams, Method, Params
from texture.methods.sizes import LARGEST_SIDE, Sizes, looked_at, times
from texture.wording import Limits, refused

FACTORS = {2: "twice", 4: "four times"}


def continued(method: Method, given: Mapping[str, Any], sizes: Sizes, by: int = 2) -> Params:
    """The parameters of a run that begins with a result of the parameters `given`, made of pictures of these sizes.

    The exemplar is looked at at so many times the scale too: so its forms are as large as those of the enlarged result.

    Raises:
        InvalidInput: there is no such run; the result would be too large; or the exemplar, which is never enlarged, has
            too few pixels, or is looked at with too few. It says where a smaller factor would do.
    """
    if by not in FACTORS:
        raise refused("by", by, Limits(choices=tuple(FACTORS)))
    p = method.parse(given)
    try:
        return _continued(method, p, sizes, by)
    except InvalidInput as error:
        if by == 2 or not _is_possible(method, p, sizes, by // 2):
            raise
        raise error.placed(error.field, f"{error}; {FACTORS[by // 2]} is possible") from None


def _continued(method: Method, p: Params, sizes: Sizes, by: int) -> Params:
    further = p.continuing(by)
    if not isinstance(p, ExemplarParams) or further is None:
        raise InvalidInput(f"a result of {method.title} cannot be continued", field="method", value=method.name)
    if "mask" in sizes:
        raise InvalidInput("only the masked part of this picture was synthesised", field="mask")
    source, shorter = sizes["source"], p.exemplar_size or min(p.size)
    needed = by * min(looked_at(source, shorter))
    if min(source) < needed:
        has = f"the shorter side of the source texture has {min(source)} pixels"
        raise InvalidInput(f"{has}: {FACTORS[by]} the size needs {needed}", field="source", value=str(source))
    if min(looked_at(source, by * shorter)) < needed:
        message = f"{FACTORS[by]} the size needs a source texture of {times(source, needed / min(source))} pixels"
        raise InvalidInput(f"{message}: it is looked at with {LARGEST_SIDE}x{LARGEST_SIDE} at most", field="size")
    scale = {"size": str(times(p.size, by)), "exemplar_size": p.exemplar_size and by * p.exemplar_size}
    return method.parse({**p.model_dump(), **scale, **further})


def _is_possible(method: Method, p: Params, sizes: Sizes, by: int) -> bool:
    try:
        return bool(_continued(method, p, sizes, by))
    except InvalidInput:
        return False
