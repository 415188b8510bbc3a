"""Zhou et al. 2023: scales, options, exact tiles, resuming, the map; with random filters where they do not matter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from texture.errors import InvalidInput
from texture.images.decoding import read
from texture.images.samples import samples
from texture.images.tensors import resize, to_tensor
from texture.jobs.running.checkpoint import Checkpoint
from texture.jobs.store.blobs import FolderBlobs
from texture.methods.artifacts import ORIGINS
from texture.methods.contract import Step
from texture.methods.guided import GuidedParams, plan
from texture.methods.registry import find_method
from texture.methods.roles import Inputs
from texture.methods.sizes import Extent
from texture.metrics import seam
from texture.settings import Settings

CPU = torch.device("cpu")
SHALLOW: dict[str, Any] = {"layers": "relu1_1 relu2_1", "patch_size": 5}  # enough where depth does not matter
PICTURES = ("x", "gradient", "mean", "square")  # what Adam holds of the size of the picture
GUIDED = find_method("guided")


def start(exemplar: Tensor, state: Any = None, **params: Any) -> Any:
    return GUIDED.run(GUIDED.parse(SHALLOW | params), Inputs(exemplar), CPU, state)


def run(exemplar: Tensor, state: Any = None, **params: Any) -> list[Step]:
    return list(start(exemplar, state, **params))


@pytest.fixture
def exemplar() -> Tensor:
    """Coloured noise with some structure."""
    noise = torch.rand(3, 16, 18, generator=torch.Generator().manual_seed(2))
    return resize(noise, (64, 72)).clamp(0, 1)


@pytest.mark.parametrize(
    ("params", "exemplar", "scales"),
    [
        ({}, (256, 256), "64<64:200 128<128:100 192<192:60 256<256:50"),
        ({"size": "128", "steps": 9}, (256, 256), "64<64:9 96<96:9 128<128:9"),
        ({"size": "512x256", "scales": 2}, (300, 200), "256x128<150x100:200 512x256<300x200:100"),
        ({"size": "64", "exemplar_size": 64}, (100, 200), "64<64x128:200"),
        ({"size": "64", "layers": "relu2_1", "scales": 2, "steps": "7 5"}, (64, 64), "32<32:7 64<64:5"),
    ],
)
def test_sizes_are_evenly_spaced_and_left_out_where_there_are_no_patches(
    params: dict[str, Any], exemplar: tuple[int, int], scales: str
) -> None:
    p = GUIDED.parse(params)
    assert isinstance(p, GuidedParams)
    found = plan(p, {"source": Extent(*exemplar)})
    assert " ".join(f"{scale.size}<{scale.exemplar}:{scale.steps}" for scale in found) == scales


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("layers", "relu9_1", "no layer 'relu9_1'"),
        ("patch_size", 10, " and 9, not "),
        ("stride", 8, "patches of 7 cells would leave gaps"),
        ("most", 1, "must be between 2 and "),
        ("candidates", 1, "must be between 2 and "),
        ("rematch", 0, "must be between 1 and "),
        ("bandwidth", 0, "above 0 and at most "),
        ("uniformity", -1, "must be between 0 and "),
        ("scales", 9, " and 8, not "),
        ("learning_rate", float("nan"), "a number above 0"),
    ],
)
def test_bad_options_are_refused(field: str, value: object, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint) as caught:
        GUIDED.parse({field: value})
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("params", "exemplar", "field", "complaint"),
    [
        ({}, (63, 400), "source", "the source texture is 63x400 pixels: at least 64 each way"),
        ({"exemplar_size": 32}, (80, 80), "exemplar_size", "reduced to 32x32: patches of 7 cells of relu4_1 need 64"),
        ({"size": "32x64"}, (80, 80), "size", "size=32x64: patches of 7 cells of relu4_1 need 64 pixels each way"),
    ],
)
def test_what_is_too_small_for_patches_is_refused(
    params: dict[str, Any], exemplar: tuple[int, int], field: str, complaint: str
) -> None:
    with pytest.raises(InvalidInput, match=complaint) as caught:
        GUIDED.check(GUIDED.parse(params), {"source": Extent(*exemplar)})
    assert caught.value.field == field


@pytest.mark.usefixtures("random_filters")
class TestWithRandomFilters:
    def test_the_loss_falls_and_the_steps_are_counted_over_all_scales(self, exemplar: Tensor) -> None:
        steps = run(exemplar, size=64, scales=2, steps="9 6", rematch=20)
        assert [(step.number, step.total) for step in steps] == [(number, 15) for number in range(1, 16)]
        assert [step.image.shape[1] for step in steps] == [32] * 9 + [64] * 6
        assert steps[8].losses["patches"] < steps[0].losses["patches"]
        assert steps[-1].losses["patches"] < steps[9].losses["patches"]
        assert all(step.image.min() >= 0 and step.image.max() <= 1 for step in steps)
        assert steps[-1].done == 1

    @pytest.mark.parametrize(
        "option",
        [
            {"patch_size": 3},
            {"stride": 2},
            {"most": 5},
            {"candidates": 2},
            {"rematch": 2},
            {"bandwidth": 0.1},
            {"uniformity": 1, "rematch": 1},
            {"layers": "relu2_1"},
            {"exemplar_size": 32},
            {"optimiser": "lbfgs"},
            {"learning_rate": 0.05},
            {"scales": 2},
            {"tile": "none"},
            {"match_histogram": False},
            {"seed": 1},
        ],
        ids=str,
    )
    def test_every_option_has_an_effect(self, exemplar: Tensor, option: dict[str, Any]) -> None:
        whole = {"size": 48, "scales": 1, "steps": 5, "precision": "float32"}
        assert (run(exemplar, **whole | option)[-1].image - run(exemplar, **whole)[-1].image).abs().max() > 1e-3

    def test_a_seed_is_a_picture(self, exemplar: Tensor) -> None:
        one, same = (run(exemplar, size=48, scales=1, steps=3, most=5, seed=1)[-1].image for _ in range(2))
        assert torch.equal(one, same)

    @pytest.mark.parametrize("tile", ["none", "x", "y", "both"])
    def test_the_work_does_not_see_where_a_torus_was_cut(self, exemplar: Tensor, tile: str) -> None:
        """From a rolled picture, just before a matching, the same steps lead to the rolled result."""
        params = {"size": 48, "scales": 1, "steps": 6, "rematch": 3, "tile": tile, "precision": "float32"}
        state = next(start(exemplar, **params)).state()
        images = []
        for shift in ((0, 0), (24, 24)):  # whole cells and whole strides of both layers
            adam = {name: it.roll(shift, (1, 2)) for name, it in state["search"]["search"].items() if name in PICTURES}
            search = state["search"] | {"search": state["search"]["search"] | adam, "since": 2}
            images.append(run(exemplar, state | {"search": search}, **params)[-1].image.roll(shift, (1, 2)))
        assert ((images[0] - images[1]).abs().max() < 5e-3) == (tile == "both")

    def test_goes_on_bit_for_bit_between_two_matchings_and_at_each(self, exemplar: Tensor, tmp_path: Path) -> None:
        """Stopped within a scale, where the next step follows a matching, and where it is at a finer scale."""
        params = {"size": 64, "scales": 2, "steps": "6 3", "rematch": 2, "most": 6}
        for step in start(exemplar, **params):
            if step.number in (1, 2, 6, 7):
                Checkpoint(FolderBlobs(tmp_path / str(step.number)), "state").save(step.state())
        for stop in (1, 2, 6, 7):
            *resumed, last = run(exemplar, Checkpoint(FolderBlobs(tmp_path / str(stop)), "state").load(), **params)
            assert [each.number for each in [*resumed, last]] == list(range(stop + 1, 10))
            assert torch.equal(last.image, step.image)
            assert torch.equal(last.artifacts[ORIGINS](), step.artifacts[ORIGINS]())

    def test_the_map_shows_where_in_the_exemplar_each_patch_is_from(self, exemplar: Tensor) -> None:
        step = next(start(exemplar, size=48, scales=1, steps=1))
        colours = step.artifacts[ORIGINS]()
        assert colours.shape == (3, 48, 48)
        assert colours[:2].amax() > 0.7
        assert colours[2].max() == 0
        apart = (colours[:, 1:] - colours[:, :-1]).abs().amax((0, 2))
        assert int((apart > 0).sum()) <= 48 // 6  # patches of relu2_1 stand six pixels apart


@pytest.mark.weights
def test_with_the_real_network_pebbles_are_a_seamless_tile_of_the_exemplars_colours(vgg19: Settings) -> None:
    exemplar = resize(to_tensor(read(samples()["pebbles"].path)), (64, 64)).clamp(0, 1)
    steps = list(GUIDED.run(GUIDED.parse({"size": 64, "steps": 100}), Inputs(exemplar), CPU))
    image = steps[-1].image
    assert seam(image, "both").seamless
    assert float(steps[-1].losses["patches"]) < 0.9 * float(steps[0].losses["patches"])
    assert (image.mean((1, 2)) - exemplar.mean((1, 2))).abs().max() < 0.02
    assert (image.std((1, 2)) - exemplar.std((1, 2))).abs().max() < 0.02
