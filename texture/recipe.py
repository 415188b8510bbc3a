"""The recipe that travels inside a PNG: what it takes to make the same picture again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from texture.version import VERSION


def recipe(
    method: str, params: Mapping[str, Any], checksums: Mapping[str, str], step: int, steps: int | None
) -> dict[str, Any]:
    """What JSON can say of a picture as it is after `step` of `steps`.

    params: every parameter, as JSON; checksums: of the pixels of the pictures that went in, by role.
    """
    return {
        "version": VERSION,
        "method": method,
        "params": dict(params),
        "seed": params.get("seed"),
        "exemplar": checksums["source"],
        "images": dict(checksums),
        "step": step,
        "steps": steps,
    }
