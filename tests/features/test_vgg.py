"""VGG-19 and VGG-16 against the same networks written the usual way, and what a torus promises."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tests.features.random_network import random_weights
from texture.features.layers import layers_of
from texture.features.vgg import VGG

WEIGHTS = random_weights()
DEEP = ("relu1_1", "pool1", "relu3_4", "pool4", "relu5_1")


def usual(image: Tensor, layers: tuple[str, ...], wrap: str, pooling: str, network: str = "vgg19") -> dict[str, Tensor]:
    weights, names = random_weights(network=network), layers_of(network)
    x, found = F.conv2d(image, weights["input.weight"], weights["input.bias"]), {}
    for name in names[: names.index(layers[-1]) + 1]:
        if name.startswith("pool"):
            x = (F.avg_pool2d if pooling == "average" else F.max_pool2d)(x, 2, ceil_mode=True)
        else:
            x = F.pad(x, (1, 1, 0, 0), mode="circular" if wrap in ("x", "both") else "constant")
            x = F.pad(x, (0, 0, 1, 1), mode="circular" if wrap in ("y", "both") else "constant")
            conv = name.replace("relu", "conv")
            x = F.relu(F.conv2d(x, weights[f"{conv}.weight"], weights[f"{conv}.bias"]))
        if name in layers:
            found[name] = x
    return found


@pytest.fixture
def image() -> Tensor:
    return torch.rand(2, 3, 32, 48, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("wrap", ["none", "x", "y", "both"])
@pytest.mark.parametrize("pooling", ["average", "max"])
def test_features_are_those_of_the_usual_network(image: Tensor, wrap: str, pooling: str) -> None:
    ours = VGG(WEIGHTS, DEEP, pooling=pooling)(image, wrap)
    theirs = usual(image, DEEP, wrap, pooling)
    assert list(ours) == list(DEEP)
    for layer in DEEP:
        torch.testing.assert_close(ours[layer], theirs[layer], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("wrap", ["none", "both"])
def test_vgg16_is_the_usual_network_too(image: Tensor, wrap: str) -> None:
    layers = ("relu1_2", "relu3_3", "pool4", "relu5_3")
    ours = VGG(random_weights(network="vgg16"), layers)(image, wrap)
    for layer, features in usual(image, layers, wrap, "average", "vgg16").items():
        torch.testing.assert_close(ours[layer], features, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(("pooling", "wrap"), [("average", "none"), ("max", "none"), ("average", "x")])
def test_sides_that_do_not_wrap_may_be_odd(pooling: str, wrap: str) -> None:
    """Where a pooling leaves a rest, the rest makes a cell: the mean of what there is."""
    image = torch.rand(1, 3, 37, 48 if wrap == "x" else 45, generator=torch.Generator().manual_seed(2))
    layers = ("pool1", "pool4", "relu5_1")
    ours, theirs = VGG(WEIGHTS, layers, pooling=pooling)(image, wrap), usual(image, layers, wrap, pooling)
    assert ours["pool4"].shape[2:] == (3, 3)
    for layer in layers:
        torch.testing.assert_close(ours[layer], theirs[layer], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("wrap", ["none", "x", "y", "both"])
def test_gradient_is_that_of_the_usual_network(image: Tensor, wrap: str) -> None:
    ours, theirs = image.clone().requires_grad_(), image.clone().requires_grad_()
    sum(f.square().mean() for f in VGG(WEIGHTS, DEEP)(ours, wrap).values()).backward()
    sum(f.square().mean() for f in usual(theirs, DEEP, wrap, "average").values()).backward()
    assert (ours.grad - theirs.grad).norm() < 1e-3 * theirs.grad.norm()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_on_a_torus_a_shifted_picture_has_shifted_features(image: Tensor, dtype: torch.dtype) -> None:
    network = VGG(WEIGHTS, ("relu1_1", "pool4"), dtype=dtype)
    still, shifted = network(image, "both"), network(image.roll((16, 32), (2, 3)), "both")
    tolerance = 1e-4 if dtype == torch.float32 else 0.05
    for layer, stride in (("relu1_1", 1), ("pool4", 16)):
        moved = still[layer].roll((16 // stride, 32 // stride), (2, 3)).float()
        assert (shifted[layer].float() - moved).abs().max() < tolerance * moved.abs().max()


def test_zero_padding_is_no_torus(image: Tensor) -> None:
    network = VGG(WEIGHTS, ("pool4",))
    moved = network(image)["pool4"].roll((1, 2), (2, 3))
    assert (network(image.roll((16, 32), (2, 3)))["pool4"] - moved).abs().max() > 0.01 * moved.abs().max()


def test_stops_at_the_last_layer_asked_for_and_keeps_no_other() -> None:
    network = VGG(WEIGHTS, ("relu2_1", "relu1_2"))
    assert list(network.convolutions) == ["relu1_1", "relu1_2", "relu2_1"]
    assert set(network(torch.rand(1, 3, 32, 32))) == {"relu1_2", "relu2_1"}


def test_features_stay_channels_last() -> None:
    features = VGG(WEIGHTS, ("relu1_1", "pool2"))(torch.rand(1, 3, 32, 32), "both")
    assert all(f.is_contiguous(memory_format=torch.channels_last) for f in features.values())
