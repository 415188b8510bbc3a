"""The recipe embedded in a PNG: what it takes to make the same picture again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from texture.version import VERSION

if TYPE_CHECKING:
    from texture.methods.common.model_file import Model


def recipe(
    method: str,
    params: Mapping[str, Any],
    checksums: Mapping[str, str],
    step: int,
    steps: int | None,
    model: Model | None = None,
) -> dict[str, Any]:
    """The recipe, as JSON, of a picture after `step` of `steps`.

    params: every parameter, as JSON; checksums: of the pixels of the pictures that went in, by role (`source` is the
    exemplar, be it that of a model), and of a model's file; model: the one that went in.
    """
    trained = {} if model is None else {"model": _training(model)}
    return {
        "version": VERSION,
        "method": method,
        "params": dict(params),
        "seed": params.get("seed"),
        "exemplar": checksums["source"],
        "images": dict(checksums),
        "step": step,
        "steps": steps,
        **trained,
    }


def _training(model: Model) -> dict[str, Any]:
    """How a model was made."""
    return {"method": model.method, "params": dict(model.params), "steps": model.steps}
