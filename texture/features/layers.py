"""The names of VGG's layers, and the one way to write a choice of them with weights. No torch here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

CONVOLUTIONS = {  # how many in each block; each block ends in a pooling
    "vgg19": {1: 2, 2: 2, 3: 4, 4: 4, 5: 4},
    "vgg16": {1: 2, 2: 2, 3: 3, 4: 3, 5: 3},
}
# Pixels of a picture of which all feature maps are kept in bfloat16, and half as many in float32; a larger one is
# looked at in strips.
WHOLE = 3 * 2**19


def layers_of(network: str) -> tuple[str, ...]:
    """relu1_1, relu1_2, pool1, …, pool5, in the order of computation. network: "vgg19" or "vgg16", or begins so."""
    names: list[str] = []
    for block, count in CONVOLUTIONS[network[:5]].items():
        names += [f"relu{block}_{i}" for i in range(1, count + 1)]
        names.append(f"pool{block}")
    return tuple(names)


LAYERS = layers_of("vgg19")  # which has all that vgg16 has, in the same order


def check_layers(network: str, layers: Iterable[str]) -> None:
    """Raise ValueError for the first of `layers` that the network does not have."""
    for name in layers:
        if name not in layers_of(network):
            raise ValueError(f"{network} has no layer {name}; it has {', '.join(layers_of(network))}")


def deepest(layers: Iterable[str]) -> str:
    """The last of `layers` in the order of computation."""
    return max(layers, key=LAYERS.index)


def cell_side(layer: str) -> int:
    """The side of a layer's cell in pixels: 4 for relu3_1, 8 for pool3."""
    block = int(layer[4])
    return int(2 ** (block if layer.startswith("pool") else block - 1))


def _parse(value: object) -> dict[str, float]:
    if isinstance(value, dict):
        value = " ".join(f"{name}={weight}" for name, weight in value.items())
    chosen: dict[str, float] = {}
    for word in re.split(r"[\s,]+", str(value).strip()):
        name, _, weight = word.partition("=")
        if name not in LAYERS:
            raise ValueError(f"no layer {name!r}; there are {', '.join(LAYERS)}")
        try:
            chosen[name] = float(weight or 1)
        except ValueError:
            raise ValueError(f"the weight {weight!r} of {name} is no number") from None
        if not 1e-12 <= chosen[name] <= 1e12:  # float32 is what it is reckoned with
            raise ValueError(f"the weight {weight} of {name} is not between 1e-12 and 1e12")
    return dict(sorted(chosen.items(), key=lambda item: LAYERS.index(item[0])))


def _write(chosen: dict[str, float]) -> str:
    return " ".join(name if weight == 1 else f"{name}={weight:g}" for name, weight in chosen.items())


LayerWeights = Annotated[
    dict[str, float],
    BeforeValidator(_parse),
    PlainSerializer(_write, return_type=str),
    WithJsonSchema({"type": "string", "format": "layers", "x-layers": list(LAYERS)}),
]
"""Layers with weights, written "relu1_1 pool1=0.5"; a weight that is not given is 1."""
