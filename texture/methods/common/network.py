"""The pretrained network that a method looks through: which one, how it pools, and in what precision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeVar

from pydantic import Field, ValidationInfo

from texture.features.layers import check_layers
from texture.features.weights import load
from texture.methods.contract import Outline, Params
from texture.methods.sizes import Sizes
from texture.settings import Settings

if TYPE_CHECKING:
    import torch

    from texture.features.vgg import VGG

LOSS_ERROR = {"torch.float32": 1e-6, "torch.bfloat16": 1e-3}  # relative, of a loss on features of that precision


class NetworkParams(Params):
    """Which network, and how it computes."""

    network: Literal["vgg19", "vgg19-torchvision", "vgg16"] = Field(
        "vgg19",
        description="pretrained network: VGG-19 with Gatys' rescaled weights, or torchvision's VGG-19 or VGG-16",
    )
    pooling: Literal["average", "max"] = Field("average", description="pooling of the network: average or max")
    rescale: bool = Field(
        True, description="rescale the filters to a mean activation of 1 if the weights file has not done so"
    )
    precision: Literal["auto", "bfloat16", "float32"] = Field(
        "auto", description="precision of the convolutions; auto uses bfloat16 where the hardware supports it"
    )

    def outline(self, sizes: Sizes) -> Outline:
        """Which network."""
        return replace(super().outline(sizes), network=self.network)


Chosen = TypeVar("Chosen", dict[str, float], dict[str, float] | None)


def known_to_network(layers: Chosen, given: ValidationInfo) -> Chosen:
    """A field validator for a choice of layers: the network that was chosen has each of them."""
    check_layers(given.data.get("network", "vgg19"), layers or {})
    return layers


def network_of(p: NetworkParams, layers: Iterable[str], device: torch.device, exact: bool = False) -> VGG:
    """The network up to the deepest of `layers`; `exact`: in float32, whatever was asked for.

    Raises:
        WeightsMissing: its weights are not on this machine; the text says what to do.
    """
    from texture.features.precision import precision
    from texture.features.vgg import VGG

    weights = load(Settings.from_environment(), network=p.network, rescale=p.rescale)
    dtype = precision("float32" if exact else p.precision, device)
    return VGG(weights, layers, pooling=p.pooling, device=device, dtype=dtype)
