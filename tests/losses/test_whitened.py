"""The loss along the exemplar's own axes, against its definition in float64."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from texture.losses.gram import gram
from texture.losses.whitened import FLOOR, Statistics, StatisticsObjective


def features(seed: int, count: int = 1) -> Tensor:
    noise = torch.randn(count, 6, 8, 10, generator=torch.Generator().manual_seed(seed)).relu()
    return noise * torch.arange(1.0, 7)[:, None, None]


def defined(maps: Tensor, exemplar: Tensor, whitening: float) -> Tensor:
    """tr(MDMD)/4C², the mean over the batch."""
    known = exemplar.double()[0].flatten(1)
    mean = known.mean(1, keepdim=True)
    covariance = (known - mean) @ (known - mean).T / known.shape[1]
    values, axes = torch.linalg.eigh(covariance)
    metric = axes @ torch.diag((values / values.mean() + FLOOR) ** -whitening) @ axes.T
    losses = []
    for one in maps.double():
        away = one.flatten(1) - mean
        difference = away @ away.T / away.shape[1] - covariance
        losses.append(torch.trace(metric @ difference @ metric @ difference) / (4 * 36))
    return torch.stack(losses).mean()


@pytest.mark.parametrize("whitening", [0.3, 0.5, 1.0])
def test_the_loss_and_its_gradient_are_those_of_the_definition(whitening):
    exemplar, maps = features(0), features(1, 3).requires_grad_()
    ours, theirs = Statistics(exemplar, whitening).loss(maps), defined(maps, exemplar, whitening)
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-4)
    slopes = [torch.autograd.grad(loss, maps)[0] for loss in (ours, theirs)]
    assert torch.allclose(*slopes, rtol=1e-3, atol=1e-3 * float(slopes[1].abs().max()))


def test_without_whitening_it_is_the_gram_loss():
    exemplar, maps = features(0), features(1)
    expected = (gram(maps) - gram(exemplar)).square().sum() / (4 * 6**2)
    assert float(Statistics(exemplar, 0).loss(maps)) == pytest.approx(float(expected), rel=1e-5)


def test_a_faint_axis_counts_the_more_the_more_is_whitened():
    """The first channel varies least: a change of it weighs more beside one of the last."""
    exemplar = features(0)
    faint, strong = exemplar.clone(), exemplar.clone()
    faint[:, 0] *= 1.5
    strong[:, 5] *= 1.5
    ratios = [float(goal.loss(faint) / goal.loss(strong)) for goal in (Statistics(exemplar, w) for w in (0, 0.5, 1))]
    assert ratios == sorted(ratios)
    assert ratios[2] > 100 * ratios[0]


def test_a_flat_exemplar_gives_a_loss_too():
    flat = torch.ones(1, 6, 8, 8)
    assert float(Statistics(flat, 0.5).loss(flat)) == pytest.approx(0, abs=1e-6)
    assert Statistics(flat, 0.5).loss(features(1)).isfinite()


def seen(pictures: Tensor, wrap: str) -> dict[str, Tensor]:
    """A network of one layer: colours, and how they differ from their neighbours'."""
    return {"colours": torch.cat([pictures, (pictures - pictures.roll(1, 3)).abs()], 1)}


def objective(exemplar: Tensor, *, views: int = 2, rooted: bool = False, pooled: bool = True) -> StatisticsObjective:
    return StatisticsObjective(
        seen, {"colours": 2.0}, exemplar, views=views, whitening=0.5, rooted=rooted, pooled=pooled
    )


def judged(pictures: Tensor, exemplar: Tensor, **how: bool) -> float:
    return float(objective(exemplar, **how)(seen(pictures, "both"), pictures))


@pytest.fixture
def exemplar() -> Tensor:
    return torch.rand(3, 64, 64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("rooted", [False, True])
def test_flat_grey_has_a_loss_of_one(exemplar, rooted):
    grey = exemplar.mean((1, 2), keepdim=True).expand_as(exemplar)[None]
    assert judged(grey, exemplar, rooted=rooted) == pytest.approx(1, rel=1e-4)


def test_the_root_counts_of_each_loss(exemplar):
    picture = exemplar.flip(0)[None] * 0.9
    loss = objective(exemplar, views=1)(seen(picture, "both"), picture)
    rooted = objective(exemplar, views=1, rooted=True)(seen(picture, "both"), picture)
    assert float(rooted) == pytest.approx(float(loss) ** 0.5, rel=1e-3)


def test_parts_of_one_picture_are_judged_as_a_whole(exemplar):
    """Two halves, one dark and one light, have the statistics together that neither has."""
    order = exemplar.flatten(1).sum(0).argsort()
    halves = exemplar.flatten(1)[:, order].view(3, 2, 32, 64).permute(1, 0, 2, 3)
    colours = {"colours": 1.0}
    apart, whole = (
        StatisticsObjective(
            lambda x, wrap: {"colours": x}, colours, exemplar, views=1, whitening=0.5, rooted=False, pooled=pooled
        )({"colours": halves}, halves)
        for pooled in (False, True)
    )
    assert float(whole) < 0.02 * float(apart)


def test_a_coarser_view_sees_what_the_finer_one_does_not(exemplar):
    """Pixels in another order keep their colours, but not their means over four."""
    order = torch.randperm(64 * 64, generator=torch.Generator().manual_seed(0))
    exemplar = exemplar.repeat_interleave(2, 1).repeat_interleave(2, 2)[:, :64, :64]
    shuffled = exemplar.flatten(1)[:, order].view(1, 3, 64, 64)
    losses = [
        float(
            StatisticsObjective(
                lambda x, wrap: {"c": x}, {"c": 1.0}, exemplar, views=views, whitening=0.5, rooted=False, pooled=True
            )({"c": shuffled}, shuffled)
        )
        for views in (1, 2)
    ]
    assert losses[0] < 1e-3 < losses[1]
