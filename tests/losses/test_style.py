"""Content, style and guided Gram matrices against sums written out by hand, on a network of two layers."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from texture.losses.gram import gram
from texture.losses.style import (
    Region,
    StyleObjective,
    Weights,
    blended,
    content_loss,
    reduced,
    style_grams,
    style_loss,
)
from texture.losses.variation import total_variation

STYLE, CONTENT = {"fine": 0.5, "coarse": 2.0}, {"coarse": 3.0}
WEIGHTS = Weights(content=0.7, style=5.0, variation=1e-3, content_layers=CONTENT, style_layers=STYLE)
KERNEL = torch.randn(6, 3, 3, 3, generator=torch.Generator().manual_seed(3))


def network(image: Tensor, wrap: str) -> dict[str, Tensor]:
    fine = F.conv2d(image, KERNEL, padding=1).relu()
    return {"fine": fine, "coarse": F.avg_pool2d(fine, 2, ceil_mode=True)}


def picture(seed: int, side: int = 9) -> Tensor:
    return torch.rand(3, side, side + 2, generator=torch.Generator().manual_seed(seed))


def grams(seed: int) -> dict[str, Tensor]:
    return dict(style_grams(network, STYLE, picture(seed, 12)))


def gram_by_hand(features: Tensor, guide: Tensor) -> Tensor:
    """Σ t² fᵢ fⱼ / Σ t² over all places; features C×H×W, guide H×W."""
    channels = range(len(features))
    products = [[(guide**2 * features[i] * features[j]).sum() for j in channels] for i in channels]
    return torch.tensor(products) / (guide**2).sum()


def test_content_loss_is_the_mean_squared_difference() -> None:
    ours, theirs = torch.randn(1, 4, 3, 5), torch.randn(1, 4, 3, 5)
    differences = [float(a - b) ** 2 for a, b in zip(ours.flatten(), theirs.flatten(), strict=True)]
    assert float(content_loss(ours, theirs)) == pytest.approx(sum(differences) / len(differences), rel=1e-5)


def test_style_loss_is_the_squared_distance_of_gram_matrices_over_the_fourth_power_of_the_channels() -> None:
    features, target = torch.randn(1, 6, 4, 5), torch.randn(1, 6, 6)
    by_hand = (gram_by_hand(features[0], torch.ones(4, 5)) - target[0]).square().sum() / 6**4
    torch.testing.assert_close(style_loss(features, target), by_hand)


def test_a_guided_gram_matrix_is_that_of_the_features_times_the_mask_over_the_masks_weight() -> None:
    mask = torch.rand(9, 11)
    targets = grams(1)
    objective = StyleObjective(network, WEIGHTS, picture(0), [Region(targets, 0.4, mask)])
    features = network(picture(2)[None], "none")
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
        StyleObjective(network, WEIGHTS, picture(0), [Region(grams(1), 1.0, mask)])(picture(2))
        for mask in (None, torch.ones(9, 11))
    )
    torch.testing.assert_close(whole, masked)


def test_a_region_that_nothing_is_left_of_is_no_division_by_zero() -> None:
    loss, gradient = StyleObjective(network, WEIGHTS, picture(0), [Region(grams(1), 0.0, torch.zeros(9, 11))])(
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
        StyleObjective(network, WEIGHTS, picture(0), styles)(picture(3)) for styles in ([Region(mean)], apart)
    )
    torch.testing.assert_close(pull, pulls)


def test_the_loss_is_the_weighted_sum_of_its_parts_and_the_gradient_is_its_own() -> None:
    objective = StyleObjective(network, WEIGHTS, picture(0), [Region(grams(1))])
    image = picture(2).requires_grad_()
    features, content = network(image[None], "none"), network(picture(0)[None], "none")
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
    looks = []

    def counted(image: Tensor, wrap: str) -> dict[str, Tensor]:
        looks.append(image)
        return network(image, wrap)

    objective = StyleObjective(counted, WEIGHTS, picture(0), [Region(grams(1))])
    first, second = picture(2), picture(3)
    losses = [objective(image)[0] for image in (first, second)]
    before = len(looks)
    assert [objective.parts(image)["total"] for image in (first, second)] == losses
    assert len(looks) == before


def test_brightness_alone_is_seen_as_a_grey_picture() -> None:
    grey, content = picture(2)[:1], picture(0)[:1]
    weights = replace(WEIGHTS, variation=0.0)
    regions = [Region(grams(1))]
    (alone, _), (spread, _) = (
        StyleObjective(network, weights, content.expand(channels, -1, -1), regions)(grey.expand(channels, -1, -1))
        for channels in (1, 3)
    )
    torch.testing.assert_close(alone, spread)
