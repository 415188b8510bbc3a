"""The objective of CNNMRF: distances patch by patch, layers that go along, content, and what a torus does not see."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.features.random_network import random_weights
from texture.features import vgg
from texture.features.strips import Evaluation
from texture.features.vgg import VGG
from texture.images.tensors import resize
from texture.losses import markov
from texture.losses.markov import MarkovObjective, Sampling, Weights
from texture.losses.variation import total_variation

SIDES = {"relu1_1": 1, "relu2_1": 2, "relu3_1": 4}
NETWORK = VGG(random_weights(), SIDES)
SIZE = (24, 32)


def coarse(seed: int, height: int, width: int) -> Tensor:
    """A picture with some structure."""
    noise = torch.rand(3, height // 4, width // 4, generator=torch.Generator().manual_seed(seed))
    return resize(noise, (height, width)).clamp(0, 1)


EXEMPLAR, PICTURE = coarse(0, 40, 36), coarse(1, *SIZE)


def objective(weights: Weights, tile: str = "both", size: tuple[int, int] = SIZE, **rest: Any) -> MarkovObjective:
    sampling = Sampling(size=3, stride=1, exemplar_stride=1, sides=SIDES)
    return MarkovObjective(NETWORK, weights, sampling, [EXEMPLAR], size, tile, **rest)


def judged(objective: MarkovObjective, matched: Tensor, picture: Tensor) -> float:
    objective.match(matched)
    return float(objective(picture)[0])


def test_the_style_is_the_mean_distance_of_patches_as_a_share_of_the_exemplars_power() -> None:
    """On a torus every cell lies in nine patches; each is compared with the one that its name tells."""
    mrf = objective(Weights({"relu3_1": 1.0}))
    mrf.match(PICTURE)
    other = coarse(2, *SIZE)
    features = NETWORK(other[None], "both")["relu3_1"][0]
    position = mrf.patches["relu3_1"].place(mrf.matches["relu3_1"])
    exemplar = mrf.patches["relu3_1"].cells.view(10, 9, -1).permute(2, 0, 1)
    total = 0.0
    for y in range(6):
        for x in range(8):
            ours = features.roll((-y, -x), (1, 2))[:, :3, :3]
            row, column = int(position.row[y, x]), int(position.column[y, x])
            total += float((ours - exemplar[:, row : row + 3, column : column + 3]).square().sum())
    by_hand = total / (9 * features.numel()) / float(exemplar.square().mean())
    assert float(mrf(other)[0]) == pytest.approx(by_hand, rel=1e-4)
    assert float(mrf.parts(other)["style"]) == pytest.approx(by_hand, rel=1e-4)


def test_the_gradient_is_that_of_the_loss() -> None:
    mrf = objective(Weights({"relu3_1": 1.0}, {"relu2_1": 0.5}, 0.3, {"relu2_1": 1.0}, 0.1), "none", content=PICTURE)
    mrf.match(PICTURE)
    picture, way = coarse(2, *SIZE), torch.randn(3, *SIZE, generator=torch.Generator().manual_seed(3))
    ahead, behind = (float(mrf(picture + step * way)[0]) for step in (1e-3, -1e-3))
    slope = float((mrf(picture)[1] * way).sum())
    assert slope == pytest.approx((ahead - behind) / 2e-3, rel=0.05)


def test_a_picture_that_does_not_wrap_has_no_frame_of_zeros() -> None:
    """A flat one is as flat at its border as inside, whatever the network makes of zeros there."""
    flat = torch.full((3, *SIZE), 0.4)
    mrf = objective(Weights({"relu3_1": 1.0}, {"relu1_1": 1.0}), "none")
    mrf.match(flat)
    assert mrf.matches["relu3_1"].unique().numel() == 1
    plain = NETWORK(flat[None], "none")["relu3_1"][0]
    assert not torch.allclose(plain[:, 0, 0], plain[:, 2, 3])  # which it makes something of


def test_a_part_of_the_exemplar_is_as_good_as_can_be() -> None:
    inside = EXEMPLAR[:, 4:28, 4:36].contiguous()
    mrf = objective(Weights({"relu1_1": 1.0}), "none")
    assert judged(mrf, inside, inside) < 0.025
    assert judged(mrf, inside, PICTURE) > 0.2


def test_finer_layers_take_their_patches_from_the_same_places() -> None:
    """A picture with the exemplar's own layout: each patch is found where it lies, and so is its detail."""
    mrf = objective(Weights({"relu3_1": 1.0}, {"relu1_1": 1.0}), "none", size=(40, 36))
    mrf.match(EXEMPLAR)
    mean = mrf.targets["relu1_1"].mean
    theirs = NETWORK(EXEMPLAR[None], "none")["relu1_1"][0]
    torch.testing.assert_close(mean[:, 12:-12, 12:-12], theirs[:, 12:-12, 12:-12])


def test_a_size_that_is_no_multiple_of_a_cell() -> None:
    weights = Weights({"relu3_1": 1.0}, {"relu1_1": 1.0, "relu2_1": 1.0}, 1.0, {"relu2_1": 1.0})
    picture = coarse(2, 32, 32)[:, :27, :31].contiguous()
    mrf = objective(weights, "none", size=(27, 31), content=picture)
    assert 0 < judged(mrf, picture, picture) < 1
    assert mrf.origins().row.shape == (7, 8)


def test_the_content_and_the_variation_count_as_much_as_they_are_told() -> None:
    content = coarse(3, *SIZE)
    mrf = objective(Weights({"relu3_1": 1.0}, {}, 0.25, {"relu2_1": 2.0}, 0.5), content=content)
    mrf.match(PICTURE)
    theirs, ours = (NETWORK(picture[None], "both")["relu2_1"] for picture in (content, PICTURE))
    parts = mrf.parts(PICTURE)
    by_hand = 0.25 * (ours - theirs).square().mean() / theirs.square().mean()
    torch.testing.assert_close(parts["content"], by_hand)
    torch.testing.assert_close(parts["variation"], 0.5 * total_variation(PICTURE, "both") / total_variation(EXEMPLAR))
    torch.testing.assert_close(mrf(PICTURE)[0], torch.stack(list(parts.values())).sum())


@pytest.mark.parametrize("tile", ["none", "x", "y", "both"])
def test_it_does_not_see_where_a_torus_was_cut(tile: str) -> None:
    weights = Weights({"relu3_1": 1.0}, {"relu1_1": 1.0}, variation=0.1)
    for axis, wraps in ((1, tile in ("y", "both")), (2, tile in ("x", "both"))):
        mrf = objective(weights, tile)
        rolled = PICTURE.roll(8, axis)
        apart = abs(judged(mrf, rolled, rolled) - judged(mrf, PICTURE, PICTURE))
        assert (apart < 1e-5) == wraps


def test_matches_that_were_written_down_are_laid_again() -> None:
    weights = Weights({"relu3_1": 1.0}, {"relu1_1": 1.0})
    first, second = objective(weights), objective(weights)
    first.match(PICTURE)
    second.lay(first.matches)
    assert torch.equal(first(EXEMPLAR[:, :24, :32])[0], second(EXEMPLAR[:, :24, :32])[0])


@pytest.mark.parametrize("strip", [80_000, 20_000])  # bytes; of the smaller ones some lie in the margin alone
@pytest.mark.parametrize("tile", ["none", "x", "both"])
def test_a_large_picture_is_judged_strip_by_strip_as_if_at_once(
    tile: str, strip: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = (152, 48) if tile == "both" else (149, 45 if tile == "none" else 48)
    weights = Weights({"relu3_1": 1.0}, {"relu2_1": 0.5, "relu1_1": 0.2}, 0.3, {"relu2_1": 1.0}, 0.1)
    exact = {name: weight.double() for name, weight in random_weights().items()}  # no ReLU opens by rounding alone
    network, sampling = VGG(exact, SIDES, dtype=torch.float64), Sampling(3, 1, 1, SIDES)
    matched, content, picture = (
        coarse(seed, 152, 48)[:, : size[0], : size[1]].double().contiguous() for seed in (1, 2, 3)
    )
    given = [network, weights, sampling, [EXEMPLAR.double()], size, tile, content]
    at_once = MarkovObjective(*given)
    at_once.match(matched)
    loss, gradient = at_once(picture)
    monkeypatch.setattr(vgg, "Evaluation", partial(Evaluation, whole=0, strip=strip, rows=2))
    monkeypatch.setattr(markov, "BAND", 80_000)
    by_strips = MarkovObjective(*given, whole=0)
    by_strips.match(matched)
    assert all(torch.equal(by_strips.matches[layer], names) for layer, names in at_once.matches.items())
    ours, of_strips = by_strips(picture)
    assert float(ours) == pytest.approx(float(loss), rel=1e-6)  # what the patches come to is float32
    assert (of_strips - gradient).abs().max() < 1e-6 * gradient.abs().max()


def test_a_flat_exemplar_is_no_division_by_zero() -> None:
    sampling = Sampling(3, 1, 1, SIDES)
    mrf = MarkovObjective(
        NETWORK, Weights({"relu3_1": 1.0}, variation=1.0), sampling, [torch.zeros(3, 32, 32)], SIZE, "both"
    )
    mrf.match(PICTURE)
    loss, gradient = mrf(PICTURE)
    assert torch.isfinite(loss)
    assert torch.isfinite(gradient).all()
