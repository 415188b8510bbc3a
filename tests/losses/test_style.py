"""Content, style and guided Gram matrices against sums written out by hand, whole or in strips."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tests.features.random_network import random_weights
from tests.losses.toy_network import ToyNetwork
from texture.features.strips import Evaluation, Part, Visit
from texture.features.vgg import VGG, Pooling
from texture.losses.gram import gram
from texture.losses.style import FeatureDistance, Region, StyleObjective, Weights, blended, reduced, style_grams
from texture.losses.variation import total_variation

STYLE, CONTENT = {"fine": 0.5, "coarse": 2.0}, {"coarse": 3.0}
WEIGHTS = Weights(content=0.7, style=5.0, variation=1e-3, content_layers=CONTENT, style_layers=STYLE)
NETWORK = ToyNetwork()


def picture(seed: int, side: int = 9) -> Tensor:
    return torch.rand(3, side, side + 2, generator=torch.Generator().manual_seed(seed))


def grams(seed: int) -> dict[str, Tensor]:
    return dict(style_grams(NETWORK, STYLE, picture(seed, 12)))


def gram_by_hand(features: Tensor, guide: Tensor) -> Tensor:
    """Σ t² fᵢ fⱼ / Σ t² over all places; features C×H×W, guide H×W."""
    channels = range(len(features))
    products = [[(guide**2 * features[i] * features[j]).sum() for j in channels] for i in channels]
    return torch.tensor(products) / (guide**2).sum()


def test_the_distance_of_features_is_the_mean_squared_difference_whatever_parts_they_come_in() -> None:
    ours, theirs = torch.randn(1, 4, 3, 5), torch.randn(1, 4, 3, 5)
    differences = [float(a - b) ** 2 for a, b in zip(ours.flatten(), theirs.flatten(), strict=True)]
    distance = FeatureDistance({"fine": 2.0}, {"fine": theirs})
    for first, end in ((0, 1), (1, 3)):
        distance.visit(Part("fine", first, 3), ours[:, :, first:end])
    assert float(distance.loss()) == pytest.approx(2 * sum(differences) / len(differences), rel=1e-5)
    last = distance.gradient(Part("fine", 2, 3), ours[:, :, 2:])
    torch.testing.assert_close(last, 2 * 2 * (ours - theirs)[:, :, 2:] / len(differences))


def test_a_guided_gram_matrix_is_that_of_the_features_times_the_mask_over_the_masks_weight() -> None:
    mask = torch.rand(9, 11)
    targets = grams(1)
    objective = StyleObjective(NETWORK, WEIGHTS, picture(0), [Region(targets, 0.4, mask)])
    features = NETWORK(picture(2)[None])
    by_hand = 0.0
    for layer, weight in STYLE.items():
        guide = mask if layer == "fine" else F.avg_pool2d(mask[None], 2, ceil_mode=True)[0]
        distance = gram_by_hand(features[layer][0], guide) - targets[layer][0]
        by_hand += 5.0 * 0.4 * weight * float(distance.square().sum()) / 6**4
    assert float(objective.parts(picture(2))["style"]) == pytest.approx(by_hand, rel=1e-4)


def test_a_mask_is_reduced_as_the_network_pools() -> None:
    mask = torch.tensor([[1.0, 0.0, 1.0], [0.0, 0.0, 0.5]])
    torch.testing.assert_close(reduced(mask, torch.Size((1, 2))), torch.tensor([[[[0.25, 0.75]]]]))


def test_a_mask_of_ones_is_no_mask() -> None:
    whole, masked = (
        StyleObjective(NETWORK, WEIGHTS, picture(0), [Region(grams(1), 1.0, mask)])(picture(2))
        for mask in (None, torch.ones(9, 11))
    )
    torch.testing.assert_close(whole, masked)


def test_a_region_that_nothing_is_left_of_is_no_division_by_zero() -> None:
    loss, gradient = StyleObjective(NETWORK, WEIGHTS, picture(0), [Region(grams(1), 0.0, torch.zeros(9, 11))])(
        picture(2)
    )
    assert torch.isfinite(loss)
    assert torch.isfinite(gradient).all()


def test_a_blend_is_the_weighted_mean_and_pulls_as_all_styles_together() -> None:
    one, two = grams(1), grams(2)
    mean = blended([one, two], [3, 1])
    torch.testing.assert_close(mean["fine"], (3 * one["fine"] + two["fine"]) / 4)
    apart = [Region(one, 0.75), Region(two, 0.25)]
    (_, pull), (_, pulls) = (
        StyleObjective(NETWORK, WEIGHTS, picture(0), styles)(picture(3)) for styles in ([Region(mean)], apart)
    )
    torch.testing.assert_close(pull, pulls)


def test_the_loss_is_the_weighted_sum_of_its_parts_and_the_gradient_is_its_own() -> None:
    objective = StyleObjective(NETWORK, WEIGHTS, picture(0), [Region(grams(1))])
    image = picture(2).requires_grad_()
    features, content = NETWORK(image[None]), NETWORK(picture(0)[None])
    by_formula = {
        "content": 0.7 * 3.0 * (features["coarse"] - content["coarse"]).square().mean(),
        "style": 5.0
        * sum(weight * (gram(features[k]) - grams(1)[k]).square().sum() / 6**4 for k, weight in STYLE.items()),
        "variation": 1e-3 * total_variation(image),
    }
    loss, gradient = objective(image.detach())
    total = sum(by_formula.values())
    torch.testing.assert_close(gradient, torch.autograd.grad(total, image)[0])
    torch.testing.assert_close(loss, total.detach())
    torch.testing.assert_close(objective.parts(image.detach()), by_formula | {"total": total})


def test_the_parts_of_a_picture_that_was_judged_cost_nothing() -> None:
    network = ToyNetwork()
    objective = StyleObjective(network, WEIGHTS, picture(0), [Region(grams(1))])
    first, second = picture(2), picture(3)
    losses = [objective(image)[0] for image in (first, second)]
    before = network.looks
    assert [objective.parts(image)["total"] for image in (first, second)] == losses
    assert network.looks == before


def test_brightness_alone_is_seen_as_a_grey_picture() -> None:
    grey, content = picture(2)[:1], picture(0)[:1]
    weights = replace(WEIGHTS, variation=0.0)
    regions = [Region(grams(1))]
    (alone, _), (spread, _) = (
        StyleObjective(NETWORK, weights, content.expand(channels, -1, -1), regions)(grey.expand(channels, -1, -1))
        for channels in (1, 3)
    )
    torch.testing.assert_close(alone, spread)


class InStrips(VGG):
    """Cuts small pictures too, so that each stage has several strips."""

    def evaluate(self, image: Tensor, wrap: str, visit: Visit, *, keep: bool = True) -> Evaluation:
        return Evaluation(self, image, wrap, visit, keep=keep, whole=0, strip=160_000)


@pytest.mark.parametrize("masked", [False, True], ids=["whole", "masked"])
@pytest.mark.parametrize("channels", [3, 1], ids=["colour", "grey"])
@pytest.mark.parametrize("pooling", ["average", "max"])
def test_in_strips_loss_and_gradient_are_those_of_the_formula(pooling: Pooling, channels: int, masked: bool) -> None:
    """In float64, with layers inside stages and at their ends, one of which is content and style."""
    exact = {name: weight.double() for name, weight in random_weights().items()}
    style, content = {"relu1_1": 1.0, "pool1": 0.5, "relu3_1": 2.0, "relu4_1": 1.0}, {"relu2_2": 0.3, "relu3_1": 3.0}
    weights = Weights(0.7, 5.0, 1e-3, content, style)
    network = InStrips(exact, {**style, **content}, pooling=pooling, dtype=torch.float64)
    here, there, image = (torch.rand(channels, 99, 41).double() for _ in range(3))
    masks = torch.rand(2, 99, 41).double() if masked else [None]
    regions = [Region(style_grams(network, style, there), 0.4, mask) for mask in masks]

    image.requires_grad_()
    features, of_content, of_style = (network(one.expand(3, -1, -1)[None]) for one in (image, here, there))
    parts = {
        "content": sum(0.7 * v * (features[k] - of_content[k]).square().mean() for k, v in content.items()),
        "style": torch.zeros(()).double(),
        "variation": 1e-3 * total_variation(image),
    }
    for mask in masks:
        for layer, weight in style.items():
            shape = features[layer].shape
            guide = torch.ones(shape[2:]).double() if mask is None else reduced(mask, shape[2:])[0, 0]
            guided = (features[layer] * guide)[0].flatten(1)
            distance = guided @ guided.T / guide.square().sum() - gram(of_style[layer])[0]
            parts["style"] = parts["style"] + 5.0 * 0.4 * weight * distance.square().sum() / shape[1] ** 4
    total = sum(parts.values())
    gradient = torch.autograd.grad(total, image)[0]

    objective = StyleObjective(network, weights, here, regions)
    loss, of_strips = objective(image.detach())
    torch.testing.assert_close(objective.parts(image.detach()), parts | {"total": total}, rtol=1e-11, atol=0)
    torch.testing.assert_close(loss, total.detach(), rtol=1e-11, atol=0)
    assert of_strips.shape == image.shape
    assert (of_strips - gradient).abs().max() < 1e-11 * gradient.abs().max()
