"""Strips change nothing: what is seen of a picture and its gradient are those of the whole network at once."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.features.random_network import random_weights
from texture.features import strips, vgg
from texture.features.strips import Evaluation, Part
from texture.features.vgg import VGG, Convolution, Pooling

OUTSIDE = ("pool1", "pool2", "pool4")  # each ends a stage
INSIDE = ("relu1_1", "pool1", "relu3_2", "pool3", "relu4_1")
EXACT = {name: weight.double() for name, weight in random_weights().items()}  # no ReLU opens by rounding alone


def loss_and_gradient(network: VGG, image: Tensor, wrap: str) -> tuple[Tensor, Tensor]:
    """Of the sum of squares of all layers, by autograd."""
    image = image.clone().requires_grad_()
    loss = sum((f.double().square().sum() for f in network(image, wrap).values()), torch.zeros(()).double())
    return loss.detach(), torch.autograd.grad(loss, image)[0]


def by_strips(network: VGG, image: Tensor, wrap: str, whole: int) -> tuple[Tensor, Tensor]:
    """The same by looking at so small strips that each stage has several."""
    seen: list[Tensor] = []
    evaluation = Evaluation(
        network, image, wrap, lambda part, f: seen.append(f.double().square().sum()), whole=whole, strip=160_000, rows=2
    )
    return torch.stack(seen).sum(), evaluation.gradient(lambda part, f: 2 * f)


@pytest.mark.parametrize("wrap", ["none", "x", "y", "both"])
@pytest.mark.parametrize("layers", [OUTSIDE, INSIDE], ids=["outside", "inside"])
@pytest.mark.parametrize("pooling", ["average", "max"])
def test_loss_and_gradient_are_those_of_the_whole(wrap: str, layers: tuple[str, ...], pooling: Pooling) -> None:
    network = VGG(EXACT, layers, pooling=pooling, dtype=torch.float64)
    image = torch.rand(1, 3, 160, 48).double()
    loss, gradient = loss_and_gradient(network, image, wrap)
    ours, of_strips = by_strips(network, image, wrap, whole=0)
    assert float(ours) == pytest.approx(float(loss), rel=1e-12)
    assert (of_strips - gradient).abs().max() < 1e-12 * gradient.abs().max()


def test_colours_may_be_turned_some_rows_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    network, image = VGG(EXACT, OUTSIDE, dtype=torch.float64), torch.rand(1, 3, 160, 48).double()
    at_once = by_strips(network, image, "both", whole=0)
    monkeypatch.setattr(vgg, "BAND", 7 * 48)
    for ours, theirs in zip(by_strips(network, image, "both", whole=0), at_once, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)
    assert network.preprocessed(image).is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("layers", [("relu1_1",), ("relu1_1", "relu1_2"), ("pool1", "relu2_1")])
def test_any_choice_of_layers(layers: tuple[str, ...]) -> None:
    network, images = VGG(EXACT, layers, dtype=torch.float64), torch.rand(2, 3, 160, 48).double()
    loss, gradient = loss_and_gradient(network, images, "both")
    ours, of_strips = by_strips(network, images, "both", whole=0)
    assert float(ours) == pytest.approx(float(loss), rel=1e-12)
    assert (of_strips - gradient).abs().max() < 1e-12 * gradient.abs().max()


@pytest.mark.parametrize("size", [(99, 41), (70, 33), (35, 64)])
def test_any_size_where_it_does_not_wrap(size: tuple[int, int]) -> None:
    network, image = VGG(EXACT, INSIDE, dtype=torch.float64), torch.rand(1, 3, *size).double()
    loss, gradient = loss_and_gradient(network, image, "none")
    ours, of_strips = by_strips(network, image, "none", whole=0)
    assert float(ours) == pytest.approx(float(loss), rel=1e-12)
    assert (of_strips - gradient).abs().max() < 1e-12 * gradient.abs().max()


@pytest.mark.parametrize("wrap", ["none", "both"])
def test_a_picture_that_is_not_cut_has_the_same_gradient_to_the_bit(wrap: str) -> None:
    network, image = VGG(random_weights(), INSIDE), torch.rand(1, 3, 64, 48)
    gradient = loss_and_gradient(network, image, wrap)[1]
    assert torch.equal(by_strips(network, image, wrap, whole=64 * 48)[1], gradient)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])  # of which float32 takes Winograd's convolutions
def test_other_precisions_are_cut_too(dtype: torch.dtype) -> None:
    network, image = VGG(random_weights(), (*OUTSIDE, "relu3_2"), dtype=dtype), torch.rand(1, 3, 160, 48)
    gradient = by_strips(network, image, "both", whole=0)[1]
    whole = by_strips(network, image, "both", whole=160 * 48)[1]
    assert (gradient - whole).norm() < 0.02 * whole.norm()


@pytest.mark.parametrize(("layers", "again"), [(OUTSIDE, 0), (INSIDE, 1 + 2), ((*OUTSIDE, "relu2_2"), 2)])
@pytest.mark.parametrize("pooling", ["average", "max"])
def test_for_the_gradient_a_stage_is_computed_again_up_to_the_last_layer_inside_it(
    layers: tuple[str, ...], again: int, pooling: Pooling, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[int] = []
    convolve = Convolution.__call__
    monkeypatch.setattr(Convolution, "__call__", lambda self, x, *wraps: rows.append(1) or convolve(self, x, *wraps))
    network, image = VGG(random_weights(), layers, pooling=pooling), torch.rand(1, 3, 160, 48)
    evaluation = Evaluation(network, image, "none", lambda part, f: None, whole=0, strip=10**9)
    before = len(rows)
    evaluation.gradient(lambda part, f: f)
    assert len(rows) - before == again


@pytest.mark.parametrize(("dtype", "cut"), [(torch.bfloat16, False), (torch.float32, True)])
def test_in_float32_half_as_large_a_picture_is_cut(
    dtype: torch.dtype, cut: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strips, "WHOLE", 160 * 48)
    network, parts = VGG(random_weights(), ("relu1_1",), dtype=dtype), []
    Evaluation(
        network, torch.rand(1, 3, 160, 48), "none", lambda part, f: parts.append(part), keep=False, strip=80_000, rows=2
    )
    assert (len(parts) > 1) == cut


def test_each_layer_is_shown_whole_and_in_order() -> None:
    network, image = VGG(random_weights(), INSIDE), torch.rand(1, 3, 160, 48)
    shown: dict[str, list[Tensor]] = {}

    def visit(part: Part, features: Tensor) -> None:
        rows = shown.setdefault(part.layer, [])
        assert part.first == sum(piece.shape[2] for piece in rows)
        assert part.first + features.shape[2] <= part.height
        rows.append(features.clone())

    Evaluation(network, image, "both", visit, keep=False, whole=0, strip=160_000, rows=2)
    for layer, features in network(image, "both").items():
        assert len(shown[layer]) > 1
        assert torch.allclose(torch.cat(shown[layer], 2), features, atol=1e-4)
