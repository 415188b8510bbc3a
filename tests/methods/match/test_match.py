"""PatchMatch: what it makes of an exemplar, which inputs count for what, exact tiles, and resuming."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.images.test_lattice import bricks
from texture.errors import InvalidInput
from texture.images.tensors import resize
from texture.jobs.running.checkpoint import Checkpoint
from texture.jobs.store.blobs import FolderBlobs
from texture.methods.artifacts import ORIGINS
from texture.methods.common.multiscale import extent_of
from texture.methods.contract import Step
from texture.methods.match import ground, loops, search
from texture.methods.match.params import MatchParams
from texture.methods.match.plan import check_match, plan
from texture.methods.registry import find_method
from texture.methods.roles import Inputs
from texture.methods.sizes import Extent
from texture.metrics import ExemplarMetrics, scaled_exemplar, seam

CPU = torch.device("cpu")
MATCH = find_method("match")
ROLES = ("content", "mask", "guide", "exemplar_guide", "initial")
QUICK = {"size": 64, "rounds": "4 3"}


def run(exemplar: Tensor, state: Any = None, **given: Any) -> list[Step]:
    """All steps; pictures and parameters by name."""
    roles = {role: given.pop(role) for role in ROLES if role in given}
    return list(MATCH.run(MATCH.parse({**QUICK, **given}), Inputs(exemplar, **roles), CPU, state))


def made(exemplar: Tensor, **given: Any) -> Tensor:
    return run(exemplar, **given)[-1].image


def origins(exemplar: Tensor, **given: Any) -> Tensor:
    """Where each pixel of the result comes from, 0..1: 3×H×W of across, down and which copy."""
    return run(exemplar, **given)[-1].artifacts[ORIGINS]()


def noise(height: int, width: int, seed: int = 0) -> Tensor:
    return torch.rand(3, height, width, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def exemplar() -> Tensor:
    """48×56 of coloured noise with some structure."""
    return resize(noise(24, 28, 2), (48, 56)).clamp(0, 1)


@pytest.mark.parametrize(
    ("params", "exemplar_size", "sizes", "exemplars", "rounds"),
    [
        ({}, (256, 256), [16, 32, 64, 128, 256], [16, 32, 64, 128, 256], [40, 28, 16, 8, 8]),
        ({"rounds": "5"}, (300, 400), [16, 32, 64, 128, 256], None, [5] * 5),
        ({"coarsest": 64}, (256, 256), [64, 128, 256], [64, 128, 256], [40, 28, 16]),
        ({"size": "640x384"}, (384, 384), ["40x24", "80x48", "160x96", "320x192", "640x384"], None, None),
        ({"patch": 21}, (64, 64), [128, 256], [32, 64], [40, 28]),
        ({"size": "32"}, (64, 64), [16, 32], [32, 64], None),
    ],
)
def test_scales_halve_down_to_where_patches_would_be_all_there_is(
    params: dict[str, Any], exemplar_size: tuple[int, int], sizes: list[Any], exemplars: Any, rounds: Any
) -> None:
    p = MATCH.parse(params)
    assert isinstance(p, MatchParams)
    scales = plan(p, p.size, Extent(*exemplar_size))
    assert [str(scale.size) for scale in scales] == list(map(str, sizes))
    assert [scale.last for scale in scales] == [False] * (len(scales) - 1) + [True]
    if exemplars:
        assert [str(scale.exemplar) for scale in scales] == list(map(str, exemplars))
    if rounds:
        assert [scale.steps for scale in scales] == rounds


def test_the_distance_falls_and_the_rounds_are_counted_over_all_scales(exemplar: Tensor) -> None:
    steps = run(exemplar, rounds="8 4")
    assert [step.number for step in steps] == list(range(1, 13))
    assert {step.total for step in steps} == {12}
    assert [step.image.shape[1] for step in steps] == [32] * 8 + [64] * 4
    assert steps[7].losses["distance"] < 0.8 * steps[0].losses["distance"]
    shares = [step.done for step in steps]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert all(step.image.min() >= 0 and step.image.max() <= 1 for step in steps)


@pytest.mark.parametrize("preset", MatchParams.PRESETS)
def test_every_preset_runs(exemplar: Tensor, preset: str) -> None:
    p = MATCH.parse({"size": 32}, preset)
    steps = list(MATCH.run(p, Inputs(exemplar), CPU))
    assert steps[-1].last
    assert steps[-1].losses["distance"] < steps[0].losses["distance"]


@pytest.mark.parametrize(
    "option",
    [
        {"patch": 5},
        {"variety": 10},
        {"colours": 20},
        {"coarsest": 32},
        {"exemplar_size": 32},
        {"tile": "none"},
        {"tile": "x"},
        {"patch_scales": "0.8 1"},
        {"patch_rotations": "0 90"},
        {"rounds": "4"},
    ],
    ids=str,
)
def test_every_option_has_an_effect(exemplar: Tensor, option: dict[str, Any]) -> None:
    assert (made(exemplar, **option) - made(exemplar)).abs().max() > 0.01


def test_the_phase_counts_with_a_regular_exemplar(wall: Tensor) -> None:
    assert (made(wall, phase=0) - made(wall, phase=50)).abs().max() > 0.01


def test_a_seed_is_a_picture_whatever_the_number_of_threads(exemplar: Tensor) -> None:
    """272 is 17 at the coarsest scale: odd around a torus."""
    before, pictures = torch.get_num_threads(), []
    try:
        for threads, seed in ((1, 1), (2, 1), (3, 1), (1, 2)):
            torch.set_num_threads(threads)
            pictures.append(made(exemplar, size="64x272", rounds="3 2 1", seed=seed))
    finally:
        torch.set_num_threads(before)
    one, two, three, other = pictures
    assert torch.equal(one, two)
    assert torch.equal(one, three)
    assert not torch.equal(one, other)


@pytest.mark.parametrize("stop", [2, 4, 5, 7])
@pytest.mark.parametrize("regular", [False, True])
def test_goes_on_bit_for_bit_within_a_scale_and_between_two(
    exemplar: Tensor, wall: Tensor, regular: bool, stop: int, tmp_path: Path
) -> None:
    source, params = (wall if regular else exemplar), {"size": 64, "rounds": "4 4"}
    stopped = list(itertools.islice(MATCH.run(MATCH.parse(params), Inputs(source), CPU), stop))[-1]
    Checkpoint(FolderBlobs(tmp_path), "state").save(stopped.state())
    resumed, whole = run(source, Checkpoint(FolderBlobs(tmp_path), "state").load(), **params), run(source, **params)
    assert [step.number for step in resumed] == list(range(stop + 1, 9))
    assert torch.equal(resumed[-1].image, whole[-1].image)
    assert resumed[-1].losses == whole[-1].losses
    assert torch.equal(resumed[-1].artifacts[ORIGINS](), whole[-1].artifacts[ORIGINS]())


@pytest.mark.parametrize("other", [{"size": 96}, {"coarsest": 64}, {"rounds": "4 5"}])
def test_a_state_of_another_plan_or_of_another_method_is_refused(exemplar: Tensor, other: dict[str, Any]) -> None:
    for state in (run(exemplar)[5].state(), {"number": 3}):
        with pytest.raises(ValueError, match="state: of another method, or of other parameters"):
            run(exemplar, state, **other)


def rolled(exemplar: Tensor, tile: str, shift: int) -> Tensor:
    """Where it comes to from the same state, rolled by that."""
    p = MATCH.parse({"size": 48, "rounds": 3, "coarsest": 48, "patch": 3, "tile": tile})
    state = next(MATCH.run(p, Inputs(exemplar), CPU)).state()
    search = state["search"]
    search["source"] = search["source"].roll((shift, shift), (1, 2))
    search["image"] = search["image"].roll((shift, shift), (0, 1))
    return list(MATCH.run(p, Inputs(exemplar), CPU, state))[-1].image


@pytest.mark.parametrize("tile", ["none", "x", "y", "both"])
def test_the_work_does_not_see_where_a_torus_was_cut(
    exemplar: Tensor, tile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a rolled state the same rounds lead to the rolled result, exactly along the axes that tile.

    Random candidates are drawn by a pixel's place, and left out here.
    """
    monkeypatch.setattr("texture.methods.match.loops.OnProcessor.improve", neighbours_only)
    moved = (rolled(exemplar, tile, 0).roll((16, 16), (1, 2)) - rolled(exemplar, tile, 16)).abs().max()
    assert (moved < 1e-5) == (tile == "both")


def neighbours_only(self: Any, seen: Tensor, cost: Tensor, found: Any, seed: int, turn: int) -> Any:
    from texture.methods.match.loops import OnDevice

    class Neighbours(OnDevice):
        def _candidates(self, source: Tensor, seed: int, turn: int) -> Any:
            return itertools.islice(super()._candidates(source, seed, turn), 8)

    return Neighbours(self.problem).improve(seen, cost, found, seed, turn)


@pytest.mark.parametrize("tile", ["x", "y", "both"])
def test_a_tile_goes_on_across_its_wrap(exemplar: Tensor, tile: Any) -> None:
    assert seam(made(exemplar, tile=tile, rounds="20 10"), tile).seamless
    assert not seam(made(exemplar, tile="none", rounds="20 10"), tile).seamless


def test_a_flat_exemplar_gives_a_flat_picture() -> None:
    colour = torch.tensor([0.8, 0.1, 0.4])[:, None, None]
    assert (made(colour.expand(3, 32, 32).contiguous()) - colour).abs().max() < 1e-5


@pytest.mark.parametrize("params", [{}, {"patch_rotations": "0 30"}, {"patch_scales": "0.8 1"}], ids=str)
def test_a_grey_exemplar_gives_a_grey_picture(exemplar: Tensor, params: dict[str, Any]) -> None:
    image = made(exemplar.mean(0, keepdim=True).expand(3, -1, -1), **params)
    assert torch.equal(image[0], image[1])
    assert torch.equal(image[0], image[2])


def test_each_pixel_is_near_the_one_that_it_comes_from(exemplar: Tensor) -> None:
    """In the end hardly anything is laid over: what the origins show is what the picture is."""
    last = run(exemplar, rounds="20 10 6")[-1]
    across, down, _ = last.artifacts[ORIGINS]()
    height, width = exemplar.shape[1:]
    rows, columns = (down * height).long().clamp(0, height - 1), (across * width).long().clamp(0, width - 1)
    assert (last.image - exemplar[:, rows, columns]).abs().mean() < 0.03


@pytest.mark.parametrize(
    "params", [{}, {"patch_scales": "0.7"}, {"patch_rotations": "30"}, {"patch_rotations": "-90 0"}], ids=str
)
def test_origins_of_copies_point_to_the_right_place(params: dict[str, Any]) -> None:
    """An exemplar whose colours are its places: what a pixel looks like is where it comes from."""
    across, down = torch.meshgrid(torch.linspace(0, 1, 64), torch.linspace(0, 1, 56), indexing="xy")
    places = torch.stack([across, down, torch.zeros(56, 64)])
    last = run(places, rounds="10 6 4", tile="none", **params)[-1]
    assert (last.artifacts[ORIGINS]()[:2] - last.image[:2]).abs().mean() < 0.03


def test_blue_says_which_copy_a_pixel_comes_from(exemplar: Tensor) -> None:
    assert origins(exemplar)[2].unique().tolist() == [0]
    found = origins(exemplar, patch_scales="0.8 1", patch_rotations="0 90")[2]
    assert {round(3 * share) for share in found.unique().tolist()} <= {0, 1, 2, 3}
    assert len(found.unique()) > 1


def test_more_variety_uses_more_of_the_exemplar(exemplar: Tensor) -> None:
    size, used = torch.tensor([56.0, 48.0])[:, None, None], []
    for variety in (0, 3):
        pixels = (origins(exemplar, variety=variety)[:2] * size).floor()
        used.append(len(pixels.flatten(1).unique(dim=1).T))
    assert used[1] > 1.3 * used[0]


@pytest.fixture(scope="module")
def wall() -> Tensor:
    """3×60×72: bricks whose courses do not go into 64 pixels."""
    return torch.tensor(bricks(60, 72, 10, 18, 2), dtype=torch.float32).expand(3, -1, -1)


def test_a_brick_wall_stays_one_and_closes() -> None:
    """Its courses of 13 do not go into 128, nor its bricks of 36: it is fitted, and begins in phase."""
    wall = torch.tensor(bricks(120, 160, 13, 36), dtype=torch.float32).expand(3, -1, -1)
    p = MATCH.parse({"size": 128, "rounds": "6 4 3 2"})
    fitted = list(MATCH.run(p, Inputs(wall), CPU))[-1].image
    assert (
        ExemplarMetrics(scaled_exemplar(wall, p.outline({"source": extent_of(wall)})))(fitted, ["regularity"])[
            "regularity"
        ]
        > 0.9
    )
    unfitted = made(wall, size=128, rounds="6 4 3 2", regular="off")
    assert ExemplarMetrics(wall)(unfitted, ["regularity"])["regularity"] < 0.9


def test_a_guide_says_which_part_goes_where(exemplar: Tensor) -> None:
    """Left in the source texture is what is wanted at the top."""
    sides, halves = torch.zeros(3, 48, 56), torch.zeros(3, 64, 64)
    sides[:, :, 28:] = halves[:, 32:] = 1
    across = origins(exemplar, guide=halves, exemplar_guide=sides)[0]
    assert (across[:32] < 0.5).float().mean() > 0.95
    assert (across[32:] > 0.5).float().mean() > 0.95
    free = origins(exemplar, guide=halves, exemplar_guide=sides, guide_weight=0)[0]
    assert 0.1 < (free[:32] < 0.5).float().mean() < 0.9


def test_a_guide_of_a_regular_exemplar_is_fitted_with_it(wall: Tensor) -> None:
    sides, halves = torch.zeros(3, 60, 72), torch.zeros(3, 64, 64)
    sides[:, :, 36:] = halves[:, 32:] = 1
    across = origins(wall, guide=halves, exemplar_guide=sides)[0]
    assert (across[32:] > 0.5).float().mean() > 0.95


def test_a_guide_that_counts_for_much_counts_on_copies_too(exemplar: Tensor) -> None:
    """Of three shades, the light one is not taken for the middle one."""
    sides = torch.tensor([0.0, 0.5, 1.0]).repeat_interleave(torch.tensor([19, 18, 19])).expand(3, 48, 56).contiguous()
    wanted = torch.ones(3, 64, 64)
    found = origins(exemplar, guide=wanted, exemplar_guide=sides, guide_weight=64, patch_scales="0.8")
    assert (found[0] > 0.6).float().mean() > 0.9


def test_bands_of_rows_change_nothing(exemplar: Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    masked = {"initial": noise(64, 64, 3), "mask": (noise(8, 8, 4)[:1] > 0.5).float().expand(3, -1, -1)}
    for given in ({}, masked):
        at_once = run(exemplar, **given)[-1]
        with monkeypatch.context() as patch:
            for module in (ground, loops, search):
                patch.setattr(module, "BAND", 7)
            by_bands = run(exemplar, **given)[-1]
            assert torch.equal(by_bands.artifacts[ORIGINS](), at_once.artifacts[ORIGINS]())
        assert torch.equal(by_bands.image, at_once.image)


def test_results_are_for_any_size_up_to_8192() -> None:
    assert MATCH.outline(MATCH.parse({"size": "8192x2048"}), {}).size == (8192, 2048)
    with pytest.raises(InvalidInput, match="between 32 and 8192 pixels"):
        MATCH.parse({"size": "8208"})


def test_guides_may_be_of_another_size_than_what_they_lie_over(exemplar: Tensor) -> None:
    assert made(exemplar, guide=noise(32, 32), exemplar_guide=noise(24, 28)).shape == (3, 64, 64)


def test_what_is_not_painted_is_the_initial_picture_to_the_bit(exemplar: Tensor) -> None:
    initial, mask = noise(64, 64, 5), torch.zeros(3, 64, 64)
    mask[:, 20:41, 24:50] = 1
    for step in run(exemplar, initial=initial, mask=mask)[-3:]:
        painted = mask[0] > 0.5
        assert torch.equal(step.image[:, ~painted], initial[:, ~painted])
        assert (step.image[:, painted] - initial[:, painted]).abs().mean() > 0.1


def test_what_is_painted_fits_what_is_kept(exemplar: Tensor) -> None:
    """A hole in the exemplar itself: its border is no edge."""
    initial, mask = exemplar[:, :, :48].contiguous(), torch.zeros(3, 48, 48)
    mask[:, 16:32, 16:32] = 1
    image = made(exemplar, size=48, initial=initial, mask=mask, rounds="20 10", tile="none")
    across = (image[:, 16:32, 15] - image[:, 16:32, 16]).abs().mean()
    foreign = (image[:, 16:32, 15] - noise(16, 16, 9)[:, :, 0]).abs().mean()
    assert across < 0.8 * foreign


def test_a_mask_of_one_pixel_is_there_at_every_scale(exemplar: Tensor) -> None:
    initial, mask = noise(64, 64, 5), torch.zeros(3, 64, 64)
    mask[:, 30, 17] = 1
    changed = (made(exemplar, initial=initial, mask=mask) != initial).any(0)
    assert changed.nonzero().tolist() == [[30, 17]]


def test_a_white_mask_resynthesises_all_and_a_black_one_is_refused(exemplar: Tensor) -> None:
    initial = noise(64, 64, 5)
    assert (made(exemplar, initial=initial, mask=torch.ones(3, 64, 64)) != initial).any(0).float().mean() > 0.9
    with pytest.raises(InvalidInput, match="the mask is entirely dark: white marks what is resynthesised") as caught:
        made(exemplar, initial=initial, mask=torch.zeros(3, 64, 64))
    assert caught.value.field == "mask"


@pytest.fixture(scope="module")
def shaded(exemplar: Tensor) -> Tensor:
    """Dark on the left and light on the right."""
    return (0.3 * exemplar + torch.linspace(0, 0.7, 56)).contiguous()


def test_a_picture_to_start_from_shows_through(shaded: Tensor) -> None:
    """Light at the top and dark at the bottom."""
    shade = torch.linspace(1, 0, 64)[None, :, None].expand(3, 64, 64).contiguous()
    rows = made(shaded, initial=shade, tile="none", variety=0, colours=0).mean((0, 2))
    assert rows[:16].mean() > rows[-16:].mean() + 0.2


def test_a_content_is_seen_in_the_texture(shaded: Tensor) -> None:
    content = torch.zeros(3, 32, 64)
    content[:, :, 32:] = 1
    image = made(shaded, content=content)
    assert image.shape == (3, 32, 64)
    grey = image.mean((0, 1))
    assert grey[36:].mean() > grey[:28].mean() + 0.2


REFUSED = [
    (
        {"source": (10, 400)},
        {},
        "source",
        "texture is 10x400 pixels: at least 11 each way for a patch of 9",
    ),
    ({"source": (20, 40)}, {"patch": 21}, "source", "the source texture is 20x40 pixels: at least 23 each way"),
    ({"guide": (64, 64)}, {}, "exemplar_guide", "guides come in pairs: the guide of the source texture is needed too"),
    ({"exemplar_guide": (56, 48)}, {}, "guide", "guides come in pairs: the guide of the result is needed too"),
    (
        {"guide": (64, 32), "exemplar_guide": (56, 48)},
        {},
        "guide",
        "the guide is 64x32 pixels and the result 64x64: it is laid over that, so both need the same aspect ratio",
    ),
    (
        {"guide": (64, 64), "exemplar_guide": (48, 56)},
        {},
        "exemplar_guide",
        "the guide of the source texture is 48x56 pixels and the source texture 56x48",
    ),
    (
        {"mask": (64, 64)},
        {},
        "initial",
        "the mask says what is resynthesised in a picture to start from, and there is none",
    ),
    ({"initial": (64, 80)}, {}, "initial", "the starting picture is 64x80 pixels and the result 64x64"),
    (
        {"initial": (64, 64), "mask": (64, 32)},
        {},
        "mask",
        "the mask is 64x32 pixels and the picture to start from 64x64",
    ),
    ({}, {"start": "picture"}, "initial", "start=picture: a picture to start from is needed"),
    (
        {"initial": (64, 64)},
        {"start": "noise"},
        "start",
        "start=noise: the picture to start from would be ignored",
    ),
    ({"content": (64, 32), "initial": (64, 64)}, {}, "initial", "64x64 pixels and the result 64x32"),
]


@pytest.mark.parametrize(("sizes", "params", "field", "complaint"), REFUSED)
def test_pictures_that_do_not_fit_are_refused_before_the_work(
    sizes: dict[str, tuple[int, int]], params: dict[str, Any], field: str, complaint: str
) -> None:
    """By their sizes alone, and by the run itself."""
    sizes = {"source": (56, 48), **sizes}
    p = MATCH.parse({**QUICK, **params})
    with pytest.raises(InvalidInput, match=complaint) as caught:
        check_match(p, {role: Extent(*size) for role, size in sizes.items()})
    assert caught.value.field == field
    pictures = {role: noise(height, width) for role, (width, height) in sizes.items()}
    with pytest.raises(InvalidInput, match=complaint):
        next(MATCH.run(p, Inputs(**pictures), CPU))


def test_a_lattice_to_start_from_has_to_be_there(exemplar: Tensor, wall: Tensor) -> None:
    with pytest.raises(InvalidInput, match="start=lattice: the source texture has no regular pattern") as caught:
        made(exemplar, start="lattice")
    assert caught.value.field == "start"
    assert torch.equal(made(wall, start="lattice"), made(wall))
    assert not torch.equal(made(wall, start="noise"), made(wall))


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("patch", 8, "must be odd: 7 or 9 would do"),
        ("patch", 1, "must be between 3 and "),
        ("patch", 23, " and 21, not "),
        ("variety", -1, "must be between 0 and "),
        ("variety", float("nan"), "a number between"),
        ("colours", 21, " and 20, not "),
        ("phase", -1, "must be between 0 and "),
        ("rounds", "0", "0 is not between 1 and 10000"),
        ("coarsest", 4, "must be between 8 and "),
        ("start", "exemplar", "lattice, noise, picture, not "),
        ("guide_weight", 101, " and 100, not "),
        ("patch_scales", "0", "not between"),
        ("regular", "on", "auto, off, not "),
        ("network", "vgg19", "not known to match; known: "),
    ],
)
def test_bad_options_are_refused(field: str, value: object, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint) as caught:
        MATCH.parse({field: value})
    assert caught.value.field == field


def test_pictures_that_were_not_asked_for_have_no_use(exemplar: Tensor) -> None:
    assert MATCH.params(start="noise").unused == {"initial", "mask"}
    assert MATCH.params(start="picture").unused == MATCH.params().unused == frozenset()


def test_the_smallest_result_of_the_smallest_exemplar() -> None:
    image = made(noise(32, 32), size=32, patch=21, tile="both")
    assert image.shape == (3, 32, 32)
    assert np.isfinite(image.numpy()).all()
