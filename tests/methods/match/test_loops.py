"""The inner loops of PatchMatch: by brute force, and compiled against torch calls."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from texture.methods.match import kernels, loops
from texture.methods.match.loops import Matches, OnDevice, OnProcessor, Problem, bell

WRAPS = list(itertools.product((False, True), repeat=2))
BOTH = pytest.mark.parametrize("kind", [OnProcessor, OnDevice])
LATTICE = torch.tensor([[4.0, 3.0], [-3.5, 5.0]])


@dataclass(frozen=True)
class Case:
    """A problem, and a result to match: H×W×C."""

    problem: Problem
    image: Tensor
    source: Tensor
    cost: Tensor

    @property
    def seen(self) -> Tensor:
        """The result, going on beyond its edges."""
        half = self.problem.patch // 2
        return torch.from_numpy(np.pad(self.image.numpy(), [(half, half), (half, half), (0, 0)], mode="wrap"))


def case(
    size: tuple[int, int] = (10, 12),
    *,
    wraps: tuple[bool, bool] = (True, True),
    patch: int = 5,
    channels: int = 3,
    weight: float = 0.0,
    some: bool = False,
    exemplar: tuple[int, int] = (21, 25),
) -> Case:
    """Noise to be matched with noise. some: not all patches are allowed, nor all pixels painted."""
    random = torch.Generator().manual_seed(0)
    atlas = torch.rand(*exemplar, channels, generator=random)
    allowed = torch.zeros(exemplar, dtype=torch.bool)
    allowed[: exemplar[0] + 1 - patch, : exemplar[1] + 1 - patch] = True
    painted = torch.ones(size, dtype=torch.bool)
    if some:
        allowed &= torch.rand(exemplar, generator=random) < 0.7
        painted = torch.rand(size, generator=random) < 0.5
    basis = LATTICE if weight else torch.zeros(2, 2)
    problem = Problem(atlas, allowed, patch, wraps, painted, painted, basis, weight)
    places = allowed.nonzero()
    source = places[torch.randint(len(places), size, generator=random)].permute(2, 0, 1).int().contiguous()
    cost = torch.rand(exemplar, generator=random)
    return Case(problem, torch.rand(*size, channels, generator=random), source, cost)


CASES: dict[str, dict[str, Any]] = {
    **{f"wraps {wraps}": {"wraps": wraps} for wraps in WRAPS},
    **{f"odd, wraps {wraps}": {"wraps": wraps, "size": (9, 11)} for wraps in WRAPS},
    "guides": {"channels": 7},
    "a lattice": {"weight": 0.05},
    "a mask": {"some": True},
    "smaller than a patch": {"size": (6, 4), "patch": 7},
    "all": {"wraps": (False, True), "size": (9, 10), "channels": 4, "weight": 0.02, "some": True, "patch": 3},
}
EACH = pytest.mark.parametrize("name", CASES)


def copied(found: Matches) -> Matches:
    """For `improve`, which takes what it is given for itself."""
    return Matches(found.source.clone(), found.distance.clone())


def squared_distance(one: Case, y: int, x: int, v: int, u: int) -> float:
    """Of the patch about a pixel of the result from that one of the atlas, without what is outside the result."""
    p, (height, width), half = one.problem, one.problem.size, one.problem.patch // 2
    image, atlas = one.image.numpy(), p.atlas.numpy()
    total, cells = 0.0, 0
    for row, column in np.ndindex(p.patch, p.patch):
        j, i = y + row - half, x + column - half
        if (0 <= j < height or p.wraps[0]) and (0 <= i < width or p.wraps[1]):
            total += float(np.square(image[j % height, i % width] - atlas[v + row, u + column]).sum())
            cells += 1
    return total * p.patch**2 / cells + off_phase(p, v + half - y, u + half - x)


def off_phase(p: Problem, down: int, right: int) -> float:
    """What it costs to be moved by no whole number of periods."""
    if not p.weight:
        return 0.0
    periods = np.array([down, right]) @ np.linalg.inv(p.basis.numpy().astype(float))
    return float(p.weight * np.square((periods - np.rint(periods)) @ p.basis.numpy()).sum())


@BOTH
@EACH
def test_distances_are_those_of_the_patches(kind: type, name: str) -> None:
    one = case(**CASES[name])
    found = kind(one.problem).measure(one.seen, one.source)
    for y, x in np.ndindex(*one.problem.size):
        v, u = one.source[:, y, x].tolist()
        expected = squared_distance(one, y, x, v, u) if one.problem.active[y, x] else 0
        assert float(found[y, x]) == pytest.approx(expected, rel=1e-4, abs=1e-5)


@EACH
def test_compiled_and_torch_loops_find_the_same(name: str) -> None:
    one = case(**CASES[name])
    processor, device = OnProcessor(one.problem), OnDevice(one.problem)
    theirs = Matches(one.source, processor.measure(one.seen, one.source))
    ours = copied(theirs)
    for turn in range(3):
        ours = processor.improve(one.seen, one.cost, ours, 7, turn)
        theirs = device.improve(one.seen, one.cost, theirs, 7, turn)
    alike = (ours.source == theirs.source).all(0)
    assert alike.float().mean() > 0.98  # but for two candidates that differ by rounding
    assert ours.distance[alike] == pytest.approx(theirs.distance[alike], rel=1e-3, abs=1e-4)


@BOTH
@EACH
def test_no_patch_gets_worse_and_none_is_taken_that_is_not_allowed(kind: type, name: str) -> None:
    one = case(**CASES[name])
    inner = kind(one.problem)
    before = Matches(one.source, inner.measure(one.seen, one.source))
    for turn in range(3):
        after = inner.improve(one.seen, one.cost, copied(before), 3, turn)
        prices = [one.cost[found.source[0].long(), found.source[1].long()] for found in (before, after)]
        assert (after.distance + prices[1] <= before.distance + prices[0] + 1e-4).all()
        assert after.distance == pytest.approx(inner.measure(one.seen, after.source), rel=1e-3, abs=1e-3)
        assert one.problem.allowed[after.source[0].long(), after.source[1].long()].all()
        assert torch.equal(after.source[:, ~one.problem.active], one.source[:, ~one.problem.active])
        before = after
    assert (after.source != one.source).any()


def nearest(one: Case) -> NDArray[np.float64]:
    """How far the nearest of all patches is: H×W."""
    places = one.problem.allowed.nonzero().tolist()
    return np.array([
        [min(squared_distance(one, y, x, v, u) for v, u in places) for x in range(one.problem.size[1])]
        for y in range(one.problem.size[0])
    ])  # fmt: skip


@pytest.mark.parametrize("wraps", WRAPS)
def test_many_sweeps_find_the_nearest_patches(wraps: tuple[bool, bool]) -> None:
    one = case((6, 7), wraps=wraps, patch=3, exemplar=(8, 9))
    found = improved(one, torch.zeros_like(one.cost), 500)
    least = nearest(one)
    assert (found.distance.numpy() >= least - 1e-4).all()
    assert (found.distance.numpy() <= least + 1e-4).mean() > 0.9


def improved(one: Case, cost: Tensor, turns: int) -> Matches:
    inner = OnProcessor(one.problem)
    found = copied(Matches(one.source, inner.measure(one.seen, one.source)))
    for turn in range(turns):
        found = inner.improve(one.seen, cost, found, 0, turn)
    return found


@BOTH
def test_a_copy_is_found_and_spreads_to_its_neighbours(kind: type) -> None:
    """The result is a crop of the exemplar: each patch is where its neighbour's is, one pixel on."""
    whole = case((12, 15), wraps=(False, False), patch=5)
    one = replace(whole, image=whole.problem.atlas[4:16, 6:21])
    inner, free = kind(one.problem), torch.zeros_like(one.cost)
    found = copied(Matches(one.source, inner.measure(one.seen, one.source)))
    for turn in range(8):
        found = inner.improve(one.seen, free, found, 0, turn)
    y, x = torch.meshgrid(torch.arange(2, 10), torch.arange(2, 13), indexing="ij")  # whose patches lie inside
    assert torch.equal(found.source[:, 2:10, 2:13].long(), torch.stack([y + 2, x + 4]))


def test_what_a_patch_costs_can_outweigh_its_distance() -> None:
    one = case(patch=3, exemplar=(8, 9))
    dear = torch.full_like(one.cost, 1e3)
    dear[3, 4] = 0
    found = improved(one, dear, 500)
    assert ((found.source[0] == 3) & (found.source[1] == 4)).float().mean() > 0.9


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("size", [(48, 40), (49, 35)])
def test_the_number_of_threads_changes_nothing(threads: int, size: tuple[int, int]) -> None:
    """Around a torus with an odd side the first row and the last have the same colour: neither may see the other's
    newest."""
    one = case(size, patch=3)
    before, results = torch.get_num_threads(), []
    try:
        for count in (1, threads):
            torch.set_num_threads(count)
            results.append(improved(one, one.cost, 6))
    finally:
        torch.set_num_threads(before)
    assert torch.equal(results[0].source, results[1].source)
    assert torch.equal(results[0].distance, results[1].distance)


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1])
@pytest.mark.parametrize("turn", [0, 999])
@pytest.mark.parametrize("draw", [0, 11])
def test_random_numbers_are_the_same_in_both(seed: int, turn: int, draw: int) -> None:
    pixels = torch.arange(0, 4_000_000, 399_999)
    ours = [int(kernels.mixed(seed, turn, pixel, draw)) for pixel in pixels.tolist()]
    assert ours == loops._mixed(seed, turn, pixels, draw).tolist()
    assert len(set(ours)) == len(ours)


def test_random_numbers_are_spread_evenly() -> None:
    numbers = loops._mixed(5, 3, torch.arange(40_000), 2)
    for bits in (numbers & 0x7FFFFFFF, (numbers >> 31) & 0x7FFFFFFF):
        counts = torch.bincount(bits % 10, minlength=10)
        assert counts.float() == pytest.approx(torch.full((10,), 4000.0), rel=0.06)


def laid(one: Case, *given: Tensor) -> NDArray[np.float64]:
    """The patches over each other, one after the other."""
    (height, width), p = one.problem.size, one.problem
    total, weights = np.zeros((height, width, 3)), np.zeros((height, width))
    atlas, source = p.atlas[..., :3].numpy(), one.source.numpy()
    kernel, trust, worth = (tensor.numpy() for tensor in given)
    for y, x in np.ndindex(height, width):
        for row, column in np.ndindex(p.patch, p.patch):
            j, i = y + row - p.patch // 2, x + column - p.patch // 2
            if not ((0 <= j < height or p.wraps[0]) and (0 <= i < width or p.wraps[1])):
                continue
            v, u = source[0, y, x] + row, source[1, y, x] + column
            share = kernel[row, column] * trust[y, x] * worth[v, u]
            total[j % height, i % width] += share * atlas[v, u]
            weights[j % height, i % width] += share
    return np.where(p.painted[..., None], total / weights[..., None], one.image[..., :3])


@BOTH
@EACH
def test_the_picture_is_what_the_patches_come_to(kind: type, name: str) -> None:
    one = case(**CASES[name])
    random = torch.Generator().manual_seed(4)
    trust = torch.rand(one.problem.size, generator=random) + 0.1
    worth = torch.rand(one.problem.allowed.shape, generator=random) + 0.1
    kernel = bell(one.problem.patch, 1.6)
    found = kind(one.problem).vote(kernel, trust, worth, one.source, one.image[..., :3].contiguous())
    assert found.numpy() == pytest.approx(laid(one, kernel, trust, worth), abs=1e-5)
    kept = ~one.problem.painted
    assert torch.equal(found[kept], one.image[..., :3][kept])


def test_a_narrow_bell_is_next_to_nothing_but_its_middle() -> None:
    wide, narrow = bell(9, 1.6), bell(9, 0.35)
    assert wide[4, 4] == narrow[4, 4] == 1
    assert torch.equal(wide, wide.T)
    assert (narrow > 0).sum() <= 9
    assert (wide[4] > 0).all()
