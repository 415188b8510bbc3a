"""Neural statistics: scales, options, exact tiles, resuming; with random filters where the filters do not matter."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from texture.errors import InvalidInput
from texture.features.vgg import VGG
from texture.features.weights import load
from texture.images.decoding import read
from texture.images.samples import samples
from texture.images.tensors import resize, to_tensor
from texture.jobs.running.checkpoint import Checkpoint
from texture.jobs.store.blobs import FolderBlobs
from texture.losses.objective import GramObjective
from texture.methods.common.multiscale import optimiser
from texture.methods.contract import Params, Step
from texture.methods.gatys import GatysParams, plan
from texture.methods.registry import find_method
from texture.methods.roles import Inputs
from texture.methods.sizes import Extent
from texture.metrics import seam
from texture.optimisers.lbfgs import LBFGS
from texture.settings import Settings

CPU = torch.device("cpu")
WASSERSTEIN = {"statistics": "wasserstein"}
NOISE = {"preset": "from-noise"}
SHALLOW = "relu1_1 pool1 relu2_1"  # enough where the depth of the network does not matter, and quick
GATYS = find_method("gatys")


def run(exemplar: Tensor, state: Any = None, **params: Any) -> list[Step]:
    return list(GATYS.run(parsed(**params), Inputs(exemplar), CPU, state))


def parsed(**params: Any) -> Params:
    """From noise, where nothing else is said; test_starting.py has the other starts."""
    return GATYS.parse({"start": "noise"} | params)


@pytest.fixture
def exemplar() -> Tensor:
    """40×56 of coloured noise with some structure."""
    noise = torch.rand(3, 10, 14, generator=torch.Generator().manual_seed(2))
    return resize(noise, (40, 56)).clamp(0, 1)


@pytest.mark.parametrize(
    ("params", "exemplar_size", "sizes", "exemplars", "steps"),
    [
        ({}, (256, 256), [256], [256], [8]),
        ({"scales": 2}, (256, 256), [128, 256], [128, 256], [8, 8]),
        (NOISE, (256, 256), [32, 64, 128, 256], [32, 64, 128, 256], [100, 100, 80, 50]),
        (NOISE | {"size": "512"}, (256, 256), ["32", "64", "128", "256", "512"], None, [100, 100, 80, 50, 50]),
        (NOISE | {"scales": 1}, (256, 256), [256], [256], [100]),
        (NOISE | {"size": "640x384", "steps": 7}, (384, 384), ["80x48", "160x96", "320x192", "640x384"], None, [7] * 4),
        (NOISE | {"size": "1024"}, (64, 64), [256, 512, 1024], [16, 32, 64], None),
        (NOISE | {"size": "2048"}, (2048, 2048), [32, 64, 128, 256, 512, 1024, 2048], None, None),
        (NOISE | {"exemplar_size": 128}, (256, 256), [32, 64, 128, 256], [16, 32, 64, 128], None),
        ({"preset": "paper"}, (300, 200), [256], ["300x200"], [2000]),
    ],
)
def test_scales_halve_down_to_where_statistics_end(
    params: dict[str, Any], exemplar_size: tuple[int, int], sizes: list[Any], exemplars: Any, steps: Any
) -> None:
    p = GATYS.parse({name: value for name, value in params.items() if name != "preset"}, params.get("preset"))
    assert isinstance(p, GatysParams)
    scales = plan(p, {"source": Extent(*exemplar_size)})
    assert [str(scale.size) for scale in scales] == list(map(str, sizes))
    if exemplars:
        assert [str(scale.exemplar) for scale in scales] == list(map(str, exemplars))
    if steps:
        assert [scale.steps for scale in scales] == steps


def test_a_large_exemplar_is_reduced_to_the_results_shorter_side() -> None:
    assert plan(GatysParams(), {"source": Extent(4000, 3000)})[-1].exemplar == (341, 256)


@pytest.mark.parametrize("size", [(31, 400), (8, 8)])
def test_an_exemplar_without_statistics_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(InvalidInput, match=f"the source texture is {size[0]}x{size[1]} pixels: at least 32"):
        plan(GatysParams(), {"source": Extent(*size)})


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("steps", "0", "0 is not between 1 and 10000"),
        ("steps", "10 x", "write whole numbers"),
        ("steps", (1.5,), "write whole numbers"),
        ("steps", (None,), "write whole numbers"),
        ("steps", (float("inf"),), "write whole numbers"),
        ("steps", 10**400, "0 is not between 1 and 10000"),
        ("steps", "1 1 1 1 1 1 1 1", "write 1 to 7 numbers, not 8"),
        ("steps", "", "write 1 to 7 numbers, not 0"),
        ("scales", 8, " and 7, not "),
        ("layers", "conv9_1", "no layer 'conv9_1'"),
        ("pooling", "median", "average, max, not "),
        ("optimiser", "sgd", "lbfgs, adam, not "),
        ("learning_rate", 0, "above 0 and at most "),
        ("learning_rate", float("nan"), "a number above 0"),
        ("exemplar_size", 16, "must be between 32 and "),
        ("start_noise", 2, " and 1, not "),
        ("statistics", "mean", "gram, wasserstein, not "),
        ("directions", 0, "must be between 1 and "),
        ("directions", 513, " and 512, not "),
        ("redraw", 0, "must be between 1 and "),
    ],
)
def test_bad_options_are_refused(field: str, value: object, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        GATYS.parse({field: value})


def test_gram_matrices_are_for_any_size_up_to_8192_and_all_else_up_to_2048() -> None:
    assert GATYS.outline(GATYS.parse({"size": "8192x2048"}), {}).size == (8192, 2048)
    with pytest.raises(InvalidInput, match="between 32 and 8192 pixels"):
        GATYS.parse({"size": "8208"})
    with pytest.raises(InvalidInput, match="wasserstein takes sizes up to 2048 pixels"):
        GATYS.parse({"size": "4096", "statistics": "wasserstein"})


def test_a_picture_in_strips_takes_little_more_memory_than_a_smaller_one_of_which_all_is_kept() -> None:
    whole, strips, large = (
        GATYS.outline(GATYS.parse({"size": size}), {}).memory or 0 for size in ("1024", "2048", "4096")
    )
    assert whole / 2 < strips < 2 * whole
    assert large < 6e9


def test_large_pictures_have_fewer_corrections() -> None:
    def corrections(side: int) -> int:
        start = torch.zeros(1).expand(3, side, side)
        search = optimiser(GatysParams(), lambda x: (x[0, 0, 0], x), start, bounds=None, noise=0.0)
        assert isinstance(search, LBFGS)
        return search.history

    assert [corrections(side) for side in (256, 1024, 2048, 4096)] == [20, 20, 7, 3]


def test_large_pictures_have_coarser_corrections() -> None:
    def kept(*size: int) -> torch.dtype:
        search = optimiser(
            GatysParams(),
            lambda x: (x[0, 0, 0], x),
            torch.zeros(1).expand(3, *size),
            bounds=None,
            noise=0.0,
        )
        assert isinstance(search, LBFGS)
        return search.kept

    assert [kept(1024, 1536), kept(1024, 1537)] == [torch.float32, torch.bfloat16]


def test_a_layer_that_the_network_does_not_have_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"vgg16 has no layer relu3_4; it has relu1_1, .*, relu3_3, pool3, "):
        GATYS.parse({"network": "vgg16", "layers": "relu1_1 relu3_4"})
    assert GATYS.parse({"network": "vgg19-torchvision", "layers": "relu3_4"})


@pytest.mark.parametrize(
    ("params", "layers"),
    [
        ({}, "relu1_1 pool1 pool2 pool3"),
        ({"layers": None}, "relu1_1 pool1 pool2 pool3"),
        ({"start": "noise"}, "relu1_1 pool1 pool2 pool3 pool4"),
        (WASSERSTEIN,
         "relu1_1 relu1_2 relu2_1 relu2_2 relu3_1 relu3_2 relu3_3 relu3_4 relu4_1 relu4_2 relu4_3 relu4_4"),
        (WASSERSTEIN | {"network": "vgg16"},
         "relu1_1 relu1_2 relu2_1 relu2_2 relu3_1 relu3_2 relu3_3 relu4_1 relu4_2 relu4_3"),
        (WASSERSTEIN | {"layers": "pool1 relu2_1"}, "pool1 relu2_1"),
    ],
)  # fmt: skip
def test_where_no_layers_are_chosen_the_statistics_have_their_own(params: dict[str, Any], layers: str) -> None:
    p = GATYS.parse(params)
    assert isinstance(p, GatysParams)
    assert p.matched == dict.fromkeys(layers.split(), 1.0)


@pytest.mark.usefixtures("random_filters")
class TestWithRandomFilters:
    def test_the_loss_falls_and_the_steps_are_counted_over_all_scales(self, exemplar: Tensor) -> None:
        steps = run(exemplar, size=64, steps="6 4", layers=SHALLOW)
        assert [step.number for step in steps] == list(range(1, 11))
        assert {step.total for step in steps} == {10}
        assert [step.image.shape[1] for step in steps] == [32] * 6 + [64] * 4
        assert steps[-1].losses["style"] < steps[6].losses["style"]
        assert steps[5].losses["style"] < steps[0].losses["style"]
        assert all(step.image.min() >= 0 and step.image.max() <= 1 for step in steps)

    @pytest.mark.parametrize(
        "options",
        [
            {"optimiser": "adam"},
            {"pooling": "max"},
            {"network": "vgg16", "layers": "relu3_3"},
            {"layers": "relu2_1=3"},
            {"start": "exemplar"},
            {"limits": "none"},
            {"limits": "exemplar", "match_histogram": True},
            WASSERSTEIN,
            WASSERSTEIN | {"optimiser": "adam", "redraw": 1},
            {"precision": "float32"},
            {"precision": "bfloat16"},
            {"size": "96x48", "tile": "x"},
            {"tile": "none", "scales": 1},
            {"history": 1},
        ],
        ids=str,
    )
    def test_every_option_lowers_the_loss(self, exemplar: Tensor, options: dict[str, Any]) -> None:
        steps = run(exemplar, **{"size": 48, "steps": 8, "scales": 1, "layers": SHALLOW} | options)
        assert float(steps[-1].losses["style"]) < 0.9 * float(steps[0].losses["style"])

    @pytest.mark.parametrize(
        ("others", "option"),
        [
            ({}, {"layers": "relu1_1"}),
            ({}, {"pooling": "max"}),
            ({}, {"history": 1}),
            ({}, {"start_noise": 0.1}),
            ({}, {"limits": "none"}),
            ({}, {"limits": "exemplar"}),
            ({}, {"exemplar_size": 32}),
            ({}, {"match_histogram": True}),
            ({"optimiser": "adam"}, {"learning_rate": 0.01}),
            ({}, WASSERSTEIN),
            (WASSERSTEIN, {"directions": 8}),
            (WASSERSTEIN, {"redraw": 2}),
            ({"precision": "float32"}, {"precision": "bfloat16"}),
        ],
        ids=str,
    )
    def test_every_option_has_an_effect(self, exemplar: Tensor, others: dict[str, Any], option: dict[str, Any]) -> None:
        whole = {"size": 48, "steps": 4, "scales": 1, "layers": SHALLOW} | others
        pale = 0.25 + exemplar / 2
        without, with_it = run(pale, **whole)[-1].image, run(pale, **whole | option)[-1].image
        assert (with_it - without).abs().max() > 1e-3

    def test_the_share_of_the_work_goes_by_pixels_and_ends_at_one(self, exemplar: Tensor) -> None:
        shares = [step.done for step in run(exemplar, size=128, steps=2, layers=SHALLOW)]
        assert shares == sorted(shares)
        assert shares[1] < 0.5  # one scale of two is done, and most of the work is to come
        assert shares[-1] == 1

    def test_a_seed_is_a_picture(self, exemplar: Tensor) -> None:
        one, same, other = (run(exemplar, size=32, steps=3, seed=seed, layers=SHALLOW)[-1].image for seed in (1, 1, 2))
        assert torch.equal(one, same)
        assert not torch.equal(one, other)

    def test_start_from_the_exemplar_repeats_it(self, exemplar: Tensor) -> None:
        whole = {"size": 48, "steps": 1, "scales": 1, "exemplar_size": 40, "layers": SHALLOW}
        image = run(exemplar, start="exemplar", start_noise=0, **whole)[0].image
        assert (image[:, :40, :48] - exemplar[:, :, :48]).abs().mean() < 0.1

    @pytest.mark.parametrize("statistics", ["gram", "wasserstein"])
    @pytest.mark.parametrize("tile", ["none", "x", "y", "both"])
    def test_the_work_does_not_see_where_a_torus_was_cut(self, exemplar: Tensor, tile: str, statistics: str) -> None:
        """From a rolled picture the same steps lead to the rolled result, exactly along the axes that tile."""
        same = {"tile": tile, "statistics": statistics}
        first, second = itertools.islice(self.from_picture(exemplar, same, 0), 2), self.from_picture(exemplar, same, 16)
        moved = [(a.image.roll((16, 16), (1, 2)) - b.image).abs().max() for a, b in zip(first, second, strict=False)]
        assert (moved[-1] < 1e-3) == (tile == "both")

    def from_picture(self, exemplar: Tensor, params: dict[str, str], shift: int) -> Any:
        p = parsed(**{"size": 48, "steps": 4, "scales": 1, "precision": "float32", "layers": SHALLOW} | params)
        state = next(GATYS.run(p, Inputs(exemplar), CPU)).state()
        search = state["search"].get("search", state["search"])
        search |= {name: search[name].roll((shift, shift), (1, 2)) for name in ("x", "gradient")} | {"s": [], "y": []}
        return GATYS.run(p, Inputs(exemplar), CPU, state)

    @pytest.mark.parametrize("stop", [2, 4, 5, 7])
    @pytest.mark.parametrize(
        "option", [{"optimiser": "lbfgs"}, {"optimiser": "adam"}, WASSERSTEIN | {"redraw": 2}], ids=str
    )
    def test_goes_on_bit_for_bit_within_a_scale_and_between_two(
        self, exemplar: Tensor, stop: int, option: dict[str, Any], tmp_path: Path
    ) -> None:
        params = {"size": 64, "steps": "4 4", "layers": SHALLOW} | option
        stopped = list(itertools.islice(GATYS.run(parsed(**params), Inputs(exemplar), CPU), stop))[-1]
        Checkpoint(FolderBlobs(tmp_path), "state").save(stopped.state())
        resumed, whole = (
            run(exemplar, Checkpoint(FolderBlobs(tmp_path), "state").load(), **params),
            run(exemplar, **params),
        )
        assert [step.number for step in resumed] == list(range(stop + 1, 9))
        assert torch.equal(resumed[-1].image, whole[-1].image)

    def test_what_bfloat16_could_not_finish_is_finished_in_float32_at_that_scale_alone(self, exemplar: Tensor) -> None:
        """From the exemplar itself nothing is left to gain at the first scale; at the second there is."""
        same = {"tile": "none", "start": "exemplar", "start_noise": 0, "precision": "bfloat16", "layers": SHALLOW}
        steps = run(resize(exemplar, (64, 64)).clamp(0, 1), size=64, steps="5 3", **same)
        assert [(step.number, step.state()["place"]["exact"]) for step in steps] == [
            (5, True),
            (6, False),
            (7, False),
            (8, False),
        ]

    def test_a_converged_search_ends_at_the_total(self) -> None:
        """A flat exemplar is reached at once; the numbers still end where they should."""
        steps = run(torch.full((3, 32, 32), 0.5), size=32, steps=50, start_noise=0, layers=SHALLOW)
        assert steps[-1].number == steps[-1].total == 50


def pebbles(side: int = 128) -> Tensor:
    return resize(to_tensor(read(samples()["pebbles"].path)), (side, side)).clamp(0, 1)


@pytest.fixture(scope="module")
def tiled(vgg19: Settings) -> Step:
    return run(pebbles(), size=128, steps="60 50 30", tile="both")[-1]


@pytest.mark.weights
class TestWithTheRealNetwork:
    def test_the_picture_is_a_seamless_tile(self, tiled: Step) -> None:
        assert seam(tiled.image, "both").seamless

    def test_so_is_that_of_the_default(self, vgg19: Settings) -> None:
        *_, step = GATYS.run(GATYS.parse({"size": 128}), Inputs(pebbles()), CPU)
        assert seam(step.image, "both").seamless

    def test_its_colours_and_statistics_are_the_exemplars(self, tiled: Step) -> None:
        exemplar = pebbles()
        assert float(tiled.losses["style"]) < 0.02
        assert (tiled.image.mean((1, 2)) - exemplar.mean((1, 2))).abs().max() < 0.04
        assert (tiled.image.std((1, 2)) - exemplar.std((1, 2))).abs().max() < 0.04

    def test_coarse_to_fine_beats_a_single_scale_of_as_many_pixels_visited(self, tiled: Step) -> None:
        single = run(pebbles(), size=128, steps="46", scales=1, tile="both")[-1]
        assert float(tiled.losses["style"]) < float(single.losses["style"])


@pytest.mark.weights
@pytest.mark.slow
def test_from_noise_it_comes_eight_times_as_close_as_one_scale_in_float32(vgg19: Settings) -> None:
    """Losses of the pictures one downloads, in float32 at 256 pixels; how long either takes is in benchmarks/."""
    exemplar, layers = pebbles(256), GatysParams().matched
    network = VGG(load(vgg19), layers)
    plain = {"scales": 1, "steps": 200, "precision": "float32", "limits": "none"}
    for tile in ("none", "both"):
        objective = GramObjective(network, layers, exemplar, tile)
        fine = GatysParams.PRESETS["from-noise"]
        ours, theirs = (objective.loss(run(exemplar, tile=tile, **params)[-1].image) for params in (fine, plain))
        assert 8 * float(ours) < float(theirs)


def test_eight_steps_are_enough_for_a_picture_of_match_only() -> None:
    assert GatysParams().steps == (8,)
    assert GatysParams.model_validate({"start": "noise"}).steps == (100, 100, 80, 50)
    assert GatysParams.model_validate({"start": "exemplar", "steps": 7}).steps == (7,)
